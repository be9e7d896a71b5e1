import { ActionIcon, Box, Group, Text } from "@mantine/core";
import { type DetailField, type Entity, operationNamed } from "@muster/client";
import { Fragment, useState } from "react";
import { type DetailValue, detailText } from "../pieces/detail-text.ts";
import { Icon } from "../pieces/icon.tsx";
import { useMay } from "../session.ts";
import { DetailForm } from "./detail-form.tsx";

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
								onDone={() => setEditing(null)}
							/>
						) : (
							<Group gap={4} wrap="nowrap" justify="space-between" align="flex-start">
								<Value field={field} value={values[field.id]} />
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
