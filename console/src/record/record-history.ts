import type { Entity, HistoryEntry } from "@muster/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { service } from "../service.ts";

/** What was changed on a record, the latest change first, page by page as it is asked for. */
export function useHistory(entity: Entity, id: string) {
	return useInfiniteQuery({
		queryKey: ["record", entity, id, "history"],
		queryFn: ({ pageParam, signal }) =>
			service.records[entity].history(id, { limit: 20, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor,
	});
}

/** The latest change of each field, by the name that changes have for it. */
export function latestChanges(entries: readonly HistoryEntry[]): ReadonlyMap<string, HistoryEntry> {
	const latest = new Map<string, HistoryEntry>();
	for (const entry of entries) {
		for (const { field } of entry.changes) if (!latest.has(field)) latest.set(field, entry);
	}
	return latest;
}
