import { Text } from "@mantine/core";
import type { FailureGroup } from "@muster/client";
import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../pieces/count.ts";
import { TextLink } from "../pieces/links.tsx";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Screen } from "../pieces/screen.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { searchOf } from "./kind.ts";

/** How often it is counted anew, in milliseconds. */
const countMs = 10_000;

/** What fails over all tasks, gathered by its cause: the largest first, because one correction may mend them all. */
export function Failures() {
	const { data, error, refetch } = useQuery({
		queryKey: ["failures", "groups"],
		queryFn: ({ signal }) => service.failures.groups({ signal }),
		refetchInterval: countMs,
	});
	return (
		<Screen
			title="Failures"
			about="Items that took no effect and that nobody has dealt with, by what is wrong, where, and with which value."
		>
			{error === null ? null : <Trouble error={error} onRetry={() => void refetch()} />}
			{data === undefined && error === null ? <Loading label="Counting failures" /> : null}
			{data?.results.length === 0 ? (
				<Empty icon="check" title="Nothing fails">
					Every item that was sent took effect, or was dealt with.
				</Empty>
			) : null}
			{data === undefined || data.results.length === 0 ? null : (
				<>
					<Text size="sm">
						{counted(data.total, "failed item")}
						{data.isPartial ? " in the newest 500 tasks with failures; there are older ones" : ""}.
					</Text>
					<ListTable
						label="Causes"
						one="cause"
						columns={columns}
						rows={data.results}
						keyOf={({ code, field, value }) => JSON.stringify([code, field, value])}
						minWidth="16rem"
						wideMinWidth="54rem"
						note={({ field, hint, message }) => `${field || "The item"}: ${hint ?? message}`}
					/>
				</>
			)}
		</Screen>
	);
}

const columns: readonly Column<FailureGroup>[] = [
	{
		name: "value",
		title: "Value",
		width: "12rem",
		cell: (group) => (
			<TextLink
				to="/failures/items"
				search={searchOf(group)}
				size="sm"
				fw={600}
				title={group.value ?? undefined}
			>
				{group.value === null ? "(no value)" : group.value === "" ? "(blank)" : group.value}
			</TextLink>
		),
	},
	{ name: "count", title: "Items", width: "5rem", atEnd: true, cell: (group) => `× ${count(group.count)}` },
	{
		name: "field",
		title: "Field",
		width: "10rem",
		isWide: true,
		cell: ({ field }) => <span title={field}>{field || "(the item)"}</span>,
	},
	{
		name: "reason",
		title: "Reason",
		isWide: true,
		cell: ({ message, hint, code }) => (
			<span title={`${message}\n${hint ?? ""}\n(${code})`}>{hint ?? message}</span>
		),
	},
	{
		name: "latest",
		title: "Latest",
		width: "11.5rem",
		isWide: true,
		cell: ({ latestDate }) => <Time iso={latestDate} />,
	},
];
