import { findTask, type StoredTask } from "../store/find-task.ts";
import type { Call } from "./route.ts";

/** Longest that a request may wait for a task, in seconds (contract, section 4). */
export const waitSecondsMax = 30;

/** First pause between two looks at a task that another process may end, in milliseconds; doubled up to the longest. */
const firstPauseMs = 10;
const longestPauseMs = 250;

/**
 * The task as it is when it ends or when `seconds` have passed; null for one that this site does not have. Nothing is
 * locked or held while waiting.
 * @param isNew whether it was accepted this very moment, so that there is nothing to see yet
 */
export async function awaitTask(
	call: Call,
	taskId: string,
	seconds: number,
	isNew = false,
): Promise<StoredTask | null> {
	const { services, principal } = call;
	const look = (): Promise<StoredTask | null> =>
		services.database.inSite(
			principal.siteId,
			(transaction) => transaction.commit(() => findTask(transaction, principal.siteId, taskId)),
			{ readOnly: true },
		);
	if (seconds === 0) return look();
	services.endedTasks.expect(principal.siteId);
	// The clock of this wait alone: it orders nothing.
	const timeOut = AbortSignal.any([call.signal, AbortSignal.timeout(seconds * 1_000)]);
	for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
		// Listening begins before looking, so that an end in between is not missed.
		const next = services.endedTasks.next(taskId, pauseMs, timeOut);
		if (!isNew || pauseMs > firstPauseMs || timeOut.aborted) {
			const task = await look();
			if (task === null || task.status !== "unfinished" || timeOut.aborted) return task;
		}
		await next;
	}
}
