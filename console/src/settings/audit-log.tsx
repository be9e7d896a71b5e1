import type { AuditEntry } from "@muster/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type Column, ListTable } from "../pieces/list-table.tsx";
import { Empty, Loading, Trouble } from "../pieces/states.tsx";
import { Time } from "../pieces/time.tsx";
import { service } from "../service.ts";
import { auditText } from "./audit-words.ts";

/** What was done to tokens and settings, by whom, and from where. Nobody can change it, this program included. */
export function AuditLog() {
	const list = useInfiniteQuery({
		queryKey: ["audit"],
		queryFn: ({ pageParam, signal }) => service.site.audit({ limit: 100, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
	});
	const rows = list.data?.pages.flatMap(({ results }) => results);
	if (rows === undefined) {
		return list.error === null ? (
			<Loading />
		) : (
			<Trouble error={list.error} onRetry={() => void list.refetch()} />
		);
	}
	if (rows.length === 0) return <Empty icon="clock" title="Nothing was done yet" />;
	return (
		<ListTable
			label="Audit log"
			one="entry"
			columns={columns}
			rows={rows}
			keyOf={({ at, action, details }) => `${at} ${action} ${JSON.stringify(details)}`}
			hasMore={list.hasNextPage}
			isLoadingMore={list.isFetchingNextPage}
			onMore={list.fetchNextPage}
			minWidth="18rem"
			wideMinWidth="40rem"
			note={({ actor }) => actor}
		/>
	);
}

const columns: readonly Column<AuditEntry>[] = [
	{ name: "at", title: "When", width: "12.5rem", cell: ({ at }) => <Time iso={at} /> },
	{ name: "action", title: "What", width: "10rem", cell: ({ action }) => action },
	{
		name: "actor",
		title: "Who",
		width: "14rem",
		isWide: true,
		cell: ({ actor, origin }) => <span title={`${actor}, from ${origin}`}>{actor}</span>,
	},
	{
		name: "details",
		title: "Details",
		isWide: true,
		cell: ({ details }) => {
			const text = auditText(details);
			return <span title={text}>{text}</span>;
		},
	},
];
