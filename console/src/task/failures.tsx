import { Text } from "@mantine/core";
import type { Task } from "@muster/client";
import { useMemo } from "react";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { useFailedItems } from "./failed-items.ts";
import { type FailureRow, failureRows } from "./failure-rows.ts";

/** Each fault of each failed item: where, what stands there, what is wrong, what to do. */
export function Failures({ task }: { readonly task: Task }) {
	const { data: items } = useFailedItems(task);
	const rows = useMemo(() => failureRows(task, items), [task, items]);
	return (
		<ListTable
			label="Failures"
			one="fault"
			columns={columns}
			rows={rows}
			keyOf={({ key }) => key}
			minWidth="18rem"
			wideMinWidth="44rem"
			note={({ field, hint, message }) => `${field || "The item"}: ${hint ?? message}`}
		/>
	);
}

const columns: readonly Column<FailureRow>[] = [
	{
		name: "row",
		title: "Item",
		width: "8rem",
		cell: ({ index, clientRef }) => (
			<span title={clientRef ?? undefined}>{clientRef ?? (index === null ? "–" : `No. ${index + 1}`)}</span>
		),
	},
	{
		name: "field",
		title: "Field",
		width: "9rem",
		isWide: true,
		cell: ({ field }) => <span title={field}>{field || "(the item)"}</span>,
	},
	{
		name: "value",
		title: "Value",
		width: "9rem",
		cell: ({ value }) =>
			value === null ? (
				<Text span size="sm" c="dimmed">
					–
				</Text>
			) : (
				<Text span size="sm" ff="monospace" title={value}>
					{value === "" ? "(blank)" : value}
				</Text>
			),
	},
	{
		name: "reason",
		title: "Reason",
		isWide: true,
		cell: ({ message, hint, code }) => (
			<span title={`${message}${hint === null ? "" : `\n${hint}`}\n(${code})`}>
				{hint === null ? null : `${hint} `}
				{message}
			</span>
		),
	},
];
