import { Button, Group, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { type Entity, type HistoryEntry, taskOperationNames } from "@muster/client";
import { Fragment } from "react";
import { operationWords } from "../operation-words.ts";
import { TextLink } from "../pieces/links.tsx";
import { Mark } from "../pieces/outcome.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { useFields } from "../records/fields.ts";
import classes from "./history.module.css";
import { useHistory } from "./record-history.ts";

/** What was changed on a record, by which task and token, and what was there before; the latest change first. */
export function History({ entity, id }: { readonly entity: Entity; readonly id: string }) {
	const list = useHistory(entity, id);
	const names = new Map(useFields(entity).map((field) => [`details.${field.id}`, field.name]));
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
					No change of it is kept.
				</Text>
			) : null}
			<Stack component="ol" gap={0} m={0} p={0} style={{ listStyle: "none" }}>
				{entries.map((entry, place) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: changes have no name, and are only added at the end
					<Entry key={place} entry={entry} names={names} />
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

/** @param names of detail fields, as changes call them */
function Entry({
	entry,
	names,
}: {
	readonly entry: HistoryEntry;
	readonly names: ReadonlyMap<string, string>;
}) {
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
						<dt dir="auto">{names.get(field) ?? recordNames[field] ?? field.replace(/^details\./, "")}</dt>
						<dd>
							{outcome === "created" && before === null ? null : (
								<>
									<Value value={before} isFormer />
									<span aria-hidden> → </span>
									<VisuallyHidden>is now </VisuallyHidden>
								</>
							)}
							<Value value={after} />
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

/** The task by what it did; one of an operation that only a newer server knows is just that. */
function operationText(operation: string | undefined): string {
	const known = taskOperationNames.find((name) => name === operation);
	return known === undefined ? "A task" : `Task ${operationWords[known].toLowerCase()}`;
}

function Value({
	value,
	isFormer = false,
}: {
	readonly value: string | readonly string[] | null;
	readonly isFormer?: boolean;
}) {
	const text = value === null ? "nothing" : [value].flat().join(", ");
	if (!isFormer) return <bdi className={value === null ? classes.none : undefined}>{text}</bdi>;
	return value === null ? (
		<bdi className={classes.none}>{text}</bdi>
	) : (
		<del className={classes.former}>{text}</del>
	);
}
