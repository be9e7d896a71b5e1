import { Button, Code, Group, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { type DetailField, type Entity, type HistoryEntry, taskOperationNames } from "@muster/client";
import { Fragment } from "react";
import { operationWords } from "../operation-words.ts";
import { detailText } from "../pieces/detail-text.ts";
import { TextLink } from "../pieces/links.tsx";
import { Mark } from "../pieces/outcome.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { useFields } from "../records/fields.ts";
import classes from "./history.module.css";
import { useHistory } from "./record-history.ts";

/** What was changed on a record, by which task and token, and what was there before; the latest change first. */
export function History({
	entity,
	id,
	linked = [],
}: {
	readonly entity: Entity;
	readonly id: string;
	/** What the record belongs with now: changes know it by its ids. */
	readonly linked?: readonly { readonly id: string; readonly name: string }[];
}) {
	const list = useHistory(entity, id);
	const known: Known = {
		fields: new Map(useFields(entity).map((field) => [`details.${field.id}`, field])),
		linked: new Map(linked.map((each) => [each.id, each.name])),
	};
	const entries = list.data?.pages.flatMap(({ results }) => results) ?? [];
	const isComplete = list.data?.pages.every((page) => page.isComplete) !== false;
	return (
		<Paper withBorder p="md" component="section" aria-label="History">
			<Title order={2} mb="sm">
				History
			</Title>
			{list.error === null ? null : <Trouble error={list.error} onRetry={() => void list.refetch()} />}
			{list.data === undefined && list.error === null ? <Loading rows={3} /> : null}
			{list.data !== undefined && entries.length === 0 ? (
				<Text size="sm" c="dimmed">
					No change of it is kept. What changes find is kept from when the setting <Code>history</Code> is
					switched on, under Settings.
				</Text>
			) : null}
			<Stack component="ol" gap={0} m={0} p={0} style={{ listStyle: "none" }}>
				{entries.map((entry, place) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: changes have no name, and are only added at the end
					<Entry key={place} entry={entry} known={known} />
				))}
			</Stack>
			{isComplete ? null : (
				<Text size="sm" c="dimmed" mt="sm">
					Older changes are no longer kept, or were made while history was off.
				</Text>
			)}
			{list.hasNextPage ? (
				<Button
					mt="sm"
					size="compact-sm"
					variant="default"
					loading={list.isFetchingNextPage}
					onClick={() => void list.fetchNextPage()}
				>
					Earlier changes
				</Button>
			) : null}
		</Paper>
	);
}

const recordNames: Readonly<Record<string, string>> = {
	email: "Email",
	displayName: "Display name",
	name: "Name",
	organizations: "Organizations",
	customers: "Customers",
	products: "Products",
};

interface Known {
	/** By the names that changes have for them. */
	readonly fields: ReadonlyMap<string, DetailField>;
	readonly linked: ReadonlyMap<string, string>;
}

/** A value as the record's own page shows it. */
function textOf(field: string, value: string | readonly string[], { fields, linked }: Known): string {
	const type = fields.get(field)?.type.name;
	if (type !== undefined && typeof value === "string") {
		return detailText(type === "BOOLEAN" ? value === "true" : value, type);
	}
	const named = (one: string): string =>
		field === "organizations" ? (linked.get(one) ?? `No. ${one}`) : one;
	return [value].flat().map(named).join(", ");
}

function Entry({ entry, known }: { readonly entry: HistoryEntry; readonly known: Known }) {
	const { outcome, changes } = entry;
	return (
		<li className={classes.entry}>
			<Group justify="space-between" gap="xs">
				<Text size="sm" fw={600} component="div">
					<Mark tone={outcome === "created" ? "new" : "good"}>
						{outcome === "created" ? "Created" : "Changed"}
					</Mark>
				</Text>
				<Text size="sm" c="dimmed" component="div">
					<Time iso={entry.changedDate} />
				</Text>
			</Group>
			<Text size="xs" c="dimmed" component="div">
				<By entry={entry} />
			</Text>
			<dl className={classes.changes}>
				{changes.map(({ field, before, after }) => (
					<Fragment key={field}>
						<dt dir="auto">
							{known.fields.get(field)?.name ?? recordNames[field] ?? field.replace(/^details\./, "")}
						</dt>
						<dd>
							{outcome === "created" && before === null ? null : (
								<>
									<Value text={before === null ? null : textOf(field, before, known)} isFormer />
									<span aria-hidden> → </span>
									<VisuallyHidden>is now </VisuallyHidden>
								</>
							)}
							<Value text={after === null ? null : textOf(field, after, known)} />
						</dd>
					</Fragment>
				))}
			</dl>
		</li>
	);
}

/** What did it: the item of a task, which is a row of what was sent, or a single write; and whose token. */
function By({ entry: { taskId, operation, index, tokenPrefix } }: { readonly entry: HistoryEntry }) {
	return (
		<>
			{taskId === undefined ? (
				"By a single write"
			) : (
				<>
					<TextLink
						to="/tasks/$taskId"
						params={{ taskId }}
						search={{ tab: "results" }}
						size="xs"
						underline="always"
					>
						{operationText(operation)}
					</TextLink>
					{index === undefined ? "" : `, item ${index + 1}`}
				</>
			)}
			{tokenPrefix === undefined ? "" : ` · token ${tokenPrefix}…`}
		</>
	);
}

/** What the task did; one of an operation that only a newer server knows is just a task. */
function operationText(operation: string | undefined): string {
	const known = taskOperationNames.find((name) => name === operation);
	return known === undefined ? "A task" : operationWords[known];
}

/** @param text null where nothing stood */
function Value({ text, isFormer = false }: { readonly text: string | null; readonly isFormer?: boolean }) {
	if (text === null) return <bdi className={classes.none}>nothing</bdi>;
	return isFormer ? <del className={classes.former}>{text}</del> : <bdi>{text}</bdi>;
}
