import type { Page, Task, TaskFilter } from "@muster/client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { service } from "../service.ts";

/** How often the newest tasks are asked for, in milliseconds: as often while one of them waits as a person can follow. */
const busyMs = 1_000;
const calmMs = 4_000;
const pageSize = 100;

/**
 * Tasks of a filter, newest first, page by page as they are asked for. The first page is asked for again and again: new
 * tasks appear and those that wait end, while what is further down stays where it is.
 */
export function useTaskList(filter: TaskFilter) {
	const pages = useInfiniteQuery({
		queryKey: ["tasks", filter],
		queryFn: ({ pageParam, signal }) =>
			service.tasks.page(filter, { limit: pageSize, cursor: pageParam, signal }),
		initialPageParam: undefined as string | undefined,
		getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
		placeholderData: keepPreviousData,
		// All pages would be asked for again, one after the other.
		refetchOnWindowFocus: false,
	});
	const newest = useQuery({
		queryKey: ["tasks", filter, "newest"],
		queryFn: ({ signal }) => service.tasks.page(filter, { limit: pageSize, signal }),
		refetchInterval: ({ state }) =>
			state.data?.results.some(({ status }) => status === "processing") ? busyMs : calmMs,
		enabled: pages.isSuccess && !pages.isPlaceholderData,
	});
	const tasks = useMemo(
		() => (pages.data === undefined ? null : merged(newest.data ?? null, pages.data.pages)),
		[pages.data, newest.data],
	);
	return {
		tasks,
		error: pages.error ?? newest.error,
		retry: () => void (pages.isError ? pages.refetch() : newest.refetch()),
		hasMore: pages.hasNextPage,
		isLoadingMore: pages.isFetchingNextPage,
		more: pages.fetchNextPage,
	};
}

/** Each task once, as it was seen last: the newest page stands in the place of all that is as new as it. */
function merged(newest: Page<Task> | null, pages: readonly Page<Task>[]): readonly Task[] {
	const all = pages.flatMap(({ results }) => results);
	if (newest === null) return all;
	if (newest.nextCursor === null) return newest.results;
	const seen = new Set(newest.results.map(({ taskId }) => taskId));
	const oldest = newest.results.at(-1)?.createdDate ?? "";
	return [
		...newest.results,
		...all.filter(({ taskId, createdDate }) => !seen.has(taskId) && (createdDate ?? "") <= oldest),
	];
}
