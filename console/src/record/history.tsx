import { Box, Button, Paper, Stack, Text, Title } from "@mantine/core";
import type { Entity, HistoryEntry } from "@muster/client";
import { TextLink } from "../pieces/links.tsx";
import { Mark } from "../pieces/outcome.tsx";
import { Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { useFields } from "../records/fields.ts";
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
			<Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: "none" }}>
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
	const { changedDate, outcome, taskId, index, tokenPrefix, changes } = entry;
	return (
		<li>
			<Text size="sm" component="div">
				<Mark tone={outcome === "created" ? "new" : "good"}>{outcome}</Mark> <Time iso={changedDate} />{" "}
				<Text span size="sm" c="dimmed">
					{taskId === undefined ? (
						"by a single write"
					) : (
						<>
							by{" "}
							<TextLink
								to="/tasks/$taskId"
								params={{ taskId }}
								search={{ tab: "results" }}
								size="sm"
								underline="always"
							>
								a task
							</TextLink>
							{index === undefined ? "" : `, item ${index + 1}`}
						</>
					)}
					{tokenPrefix === undefined ? "" : `, token ${tokenPrefix}…`}
				</Text>
			</Text>
			<Box component="ul" m={0} ps="md" style={{ listStyle: "none" }}>
				{changes.map(({ field, before, after }) => (
					<li key={field}>
						<Text size="sm" dir="auto">
							<Text span size="sm" fw={500}>
								{names.get(field) ?? recordNames[field] ?? field.replace(/^details\./, "")}
							</Text>
							:{" "}
							{outcome === "created" && before === null ? null : (
								<>
									<Value value={before} /> →{" "}
								</>
							)}
							<Value value={after} />
						</Text>
					</li>
				))}
			</Box>
		</li>
	);
}

function Value({ value }: { readonly value: string | readonly string[] | null }) {
	const text = value === null ? "nothing" : [value].flat().join(", ");
	return (
		<Text span size="sm" c={value === null ? "dimmed" : undefined}>
			{text}
		</Text>
	);
}
