import { MusterTimeoutError } from "./errors.ts";
import type { Sleep } from "./retry.ts";
import type { Task } from "./task.ts";

export interface WaitOptions {
	/** How long to wait in all; 300 if left out. */
	readonly timeoutSeconds?: number;
	readonly signal?: AbortSignal;
	/** Told of each look at a task that is still being processed. */
	readonly onPoll?: (task: Task) => void;
}

/** A look at a task, for which the service was asked to wait. */
export interface Look {
	readonly task: Task;
	/** What the service said with an unfinished task. */
	readonly retryAfterMs: number | null;
}

const timeoutSecondsDefault = 300;
/** What one look asks the service to wait, in seconds: less than proxies commonly bear. */
const lookSeconds = 20;
/** First pause after a service that did not wait, in milliseconds; doubled up to the longest. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Looks until the task has ended. A service that waits when asked to is asked again at once; one that does not is given
 * pauses, as long as its Retry-After says at least.
 * @throws MusterTimeoutError when the time is up: the task is saved all the same, and may be waited for again
 */
export async function waitForTask(
	taskId: string,
	look: (waitSeconds: number) => Promise<Look>,
	options: WaitOptions & { readonly sleep: Sleep; readonly now: () => number },
): Promise<Task> {
	const { sleep, now, signal } = options;
	const timeoutSeconds = options.timeoutSeconds ?? timeoutSecondsDefault;
	const endMs = now() + timeoutSeconds * 1_000;
	for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
		const lookedMs = now();
		const waitSeconds = Math.min(lookSeconds, Math.max(0, Math.floor((endMs - lookedMs) / 1_000)));
		const { task, retryAfterMs } = await look(waitSeconds);
		if (task.status !== "processing") return task;
		options.onPoll?.(task);
		const leftMs = endMs - now();
		if (leftMs <= 0) {
			throw new MusterTimeoutError(
				`Task ${taskId} was still being processed after ${timeoutSeconds} seconds. It is saved and will be carried out; wait for it again.`,
			);
		}
		// A service that waited has done the pausing; the last second is too short to ask for a wait.
		const hasWaited = waitSeconds > 0 && now() - lookedMs >= (waitSeconds * 1_000) / 2;
		if (!hasWaited) await sleep(Math.min(Math.max(pauseMs, retryAfterMs ?? 0), leftMs), signal);
	}
}
