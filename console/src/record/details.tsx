import { ActionIcon, Box, Group, Text } from "@mantine/core";
import { type DetailField, type Entity, type HistoryEntry, operationNamed } from "@muster/client";
import { Fragment, useState } from "react";
import { type DetailValue, detailText } from "../pieces/detail-text.ts";
import { Icon } from "../pieces/icon.tsx";
import { TextLink } from "../pieces/links.tsx";
import { Time } from "../pieces/time.tsx";
import { useMay } from "../session.ts";
import { DetailForm } from "./detail-form.tsx";
import { latestChanges, useHistory } from "./record-history.ts";

/** Every detail field with the record's value, by its type; each is edited in its place. */
export function Details({
	entity,
	id,
	fields,
	values,
}: {
	readonly entity: Entity;
	readonly id: string;
	readonly fields: readonly DetailField[];
	readonly values: Readonly<Record<string, DetailValue>>;
}) {
	const [editing, setEditing] = useState<string | null>(null);
	const history = useHistory(entity, id).data?.pages.flatMap(({ results }) => results) ?? [];
	const latest = latestChanges(history);
	const mayWrite = useMay(operationNamed(`${entity}.details`).writeScope);
	if (fields.length === 0) {
		return (
			<Text size="sm" c="dimmed">
				There are no detail fields.
			</Text>
		);
	}
	return (
		<Box
			component="dl"
			m={0}
			style={{
				display: "grid",
				gridTemplateColumns: "minmax(6rem, auto) 1fr",
				gap: "8px 16px",
				alignItems: "baseline",
			}}
		>
			{fields.map((field) => (
				<Fragment key={field.id}>
					<Text component="dt" size="sm" c="dimmed" dir="auto" ta="left">
						{field.name}
					</Text>
					<Box component="dd" m={0} miw={0}>
						{editing === field.id ? (
							<DetailForm
								entity={entity}
								id={id}
								field={field}
								value={values[field.id]}
								// Another may have been opened while this one was being saved.
								onDone={() => setEditing((now) => (now === field.id ? null : now))}
							/>
						) : (
							<Group gap={4} wrap="nowrap" justify="space-between" align="flex-start">
								<div>
									<Value field={field} value={values[field.id]} />
									<Since entry={latest.get(`details.${field.id}`)} />
								</div>
								{mayWrite ? (
									<ActionIcon
										variant="subtle"
										c="dimmed"
										size="sm"
										aria-label={`Edit ${field.name}`}
										onClick={() => setEditing(field.id)}
									>
										<Icon name="edit" size={14} />
									</ActionIcon>
								) : null}
							</Group>
						)}
					</Box>
				</Fragment>
			))}
		</Box>
	);
}

/** Since when a value is what it is, and by what. */
function Since({ entry }: { readonly entry: HistoryEntry | undefined }) {
	if (entry === undefined) return null;
	const { changedDate, taskId, tokenPrefix } = entry;
	return (
		<Text size="xs" c="dimmed">
			<Time iso={changedDate} />,{" "}
			{taskId === undefined ? (
				"a single write"
			) : (
				<TextLink to="/tasks/$taskId" params={{ taskId }} size="xs" c="inherit" underline="always">
					a task
				</TextLink>
			)}
			{tokenPrefix === undefined ? "" : ` of ${tokenPrefix}…`}
		</Text>
	);
}

function Value({
	field: { type },
	value,
}: {
	readonly field: DetailField;
	readonly value: DetailValue | undefined;
}) {
	const text = detailText(value, type.name);
	if (text === "") {
		return (
			<Text span size="sm" c="dimmed">
				–
			</Text>
		);
	}
	return (
		<Text span size="sm" dir="auto" style={{ whiteSpace: "pre-wrap" }}>
			{text}
		</Text>
	);
}
