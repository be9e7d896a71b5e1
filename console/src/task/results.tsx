import { NativeSelect, Stack, Text } from "@mantine/core";
import type { ItemResult, Outcome } from "@muster/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { OutcomeMark } from "../pieces/outcome.tsx";
import { outcomesShown } from "../pieces/outcome-bar.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { service } from "../service.ts";

/** What became of each item, in the order in which they were sent. */
export function Results({
	taskId,
	outcome: asked,
	onOutcome,
}: {
	readonly taskId: string;
	readonly outcome?: string | undefined;
	/** Left out where all items are shown. */
	readonly onOutcome?: (outcome: string) => void;
}) {
	const outcome = outcomesShown.find((each) => each === asked);
	const list = useInfiniteQuery({
		queryKey: ["task", taskId, "results", outcome],
		queryFn: ({ pageParam, signal }) =>
			service.tasks.results(taskId, { outcome }, { limit: 100, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
	});
	const rows = list.data?.pages.flatMap(({ results }) => results);
	return (
		<Stack>
			{onOutcome === undefined ? null : (
				<NativeSelect
					label="Outcome"
					maw={220}
					value={outcome ?? ""}
					onChange={(event) => onOutcome(event.currentTarget.value)}
					data={[
						{ value: "", label: "Any" },
						...outcomesShown.map((each: Outcome) => ({ value: each, label: each })),
					]}
				/>
			)}
			{rows === undefined ? (
				list.error === null ? (
					<Loading label="Loading items" />
				) : (
					<Trouble error={list.error} onRetry={() => void list.refetch()} />
				)
			) : rows.length === 0 ? (
				<Empty icon="search" title="No item ended like that" />
			) : (
				<ListTable
					label="Items"
					one="item"
					columns={columns}
					rows={rows}
					keyOf={({ index }) => String(index)}
					hasMore={list.hasNextPage}
					isLoadingMore={list.isFetchingNextPage}
					onMore={list.fetchNextPage}
					minWidth="18rem"
					wideMinWidth="42rem"
				/>
			)}
		</Stack>
	);
}

const columns: readonly Column<ItemResult>[] = [
	{ name: "index", title: "No.", width: "3.5rem", atEnd: true, cell: ({ index }) => index + 1 },
	{
		name: "outcome",
		title: "Outcome",
		width: "7.5rem",
		cell: ({ outcome }) => <OutcomeMark outcome={outcome} />,
	},
	{
		name: "key",
		title: "Record",
		cell: ({ key, clientRef }) => <span title={key}>{key ?? clientRef ?? "–"}</span>,
	},
	{
		name: "what",
		title: "What",
		isWide: true,
		cell: ({ errors = [], changes = [] }) => {
			const text = [
				...errors.map(({ message }) => message),
				...changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`),
			].join("; ");
			return (
				<Text span size="sm" title={text}>
					{text || "–"}
				</Text>
			);
		},
	},
];

function shown(value: string | readonly string[] | null): string {
	return value === null ? "nothing" : [value].flat().join(", ");
}
