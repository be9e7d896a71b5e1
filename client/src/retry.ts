import { MusterError, MusterNetworkError, MusterTimeoutError } from "./errors.ts";

/** How often, and how far apart, a request is tried. */
export interface RetryPolicy {
	/** Tries in all, the first included. */
	readonly triesMax: number;
	/** Pause before the second try, in milliseconds; doubled before each further one. */
	readonly firstPauseMs: number;
	/** Longest pause that doubling leads to, in milliseconds. */
	readonly longestPauseMs: number;
}

/** About a quarter of a minute in all: enough for a restart of the service, and for a queue to move on. */
export const defaultRetryPolicy: RetryPolicy = { triesMax: 7, firstPauseMs: 250, longestPauseMs: 8_000 };

/** A service that asks for more than this is not waited for: the caller is told, and may plan for it. In milliseconds. */
export const retryAfterMaxMs = 60_000;

export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export interface Retrying {
	readonly policy: RetryPolicy;
	readonly sleep: Sleep;
	/** From 0 up to 1. */
	readonly random: () => number;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Tries until it works, until trying again cannot help, or until the policy's tries are used up; then the last error is
 * thrown. Only for requests that are safe to repeat: reads, and submissions, whose Idempotency-Key stays the same.
 */
export async function withRetries<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await attempt();
		} catch (error) {
			retrying.signal?.throwIfAborted();
			const pauseMs = pauseAfter(error, tries, retrying.policy, retrying.random());
			if (pauseMs === null) throw error;
			await retrying.sleep(pauseMs, retrying.signal);
		}
	}
}

/** Milliseconds until the next try, or null where there is to be none. */
export function pauseAfter(
	error: unknown,
	tries: number,
	policy: RetryPolicy,
	random: number,
): number | null {
	if (tries >= policy.triesMax || !isPassing(error)) return null;
	const askedMs = error instanceof MusterError ? (error.retryAfterMs ?? 0) : 0;
	if (askedMs > retryAfterMaxMs) return null;
	const backOffMs = Math.min(policy.firstPauseMs * 2 ** (tries - 1), policy.longestPauseMs);
	// Half of the back-off is chance, also on top of what the service asks: not all of its clients return at once.
	return Math.round(Math.max(askedMs, backOffMs / 2) + (backOffMs / 2) * random);
}

/** 408 and the gateway's 502 and 504 leave open whether the request was carried out; its key makes that no matter. */
const passingStatuses: readonly number[] = [408, 429, 502, 503, 504];

function isPassing(error: unknown): boolean {
	if (error instanceof MusterNetworkError || error instanceof MusterTimeoutError) return true;
	if (!(error instanceof MusterError)) return false;
	if (passingStatuses.includes(error.status)) return true;
	// The first of two equal submissions is still being saved: the service says when to come back.
	if (error.status === 409) return error.retryAfterMs !== null;
	return isTaskLimit(error);
}

/** Whether the site has as many unfinished tasks as the service takes: 429 of ours, 400 of the reference. */
export function isTaskLimit(error: MusterError): boolean {
	if (error.status !== 400 && error.status !== 429) return false;
	return /maximum number of tasks/i.test(`${error.problem?.title} ${error.message}`);
}

/** Resolves after a while; rejects with the signal's reason as soon as it is aborted. */
export const sleep: Sleep = (milliseconds, signal) =>
	new Promise((resolve, reject) => {
		if (signal?.aborted === true) {
			reject(signal.reason);
			return;
		}
		const onAbort = (): void => {
			clearTimeout(timer);
			reject(signal?.reason);
		};
		const timer = setTimeout(() => {
			signal?.removeEventListener("abort", onAbort);
			resolve();
		}, milliseconds);
		signal?.addEventListener("abort", onAbort, { once: true });
	});

/**
 * Milliseconds of a Retry-After header: seconds or a date (RFC 9110, 10.2.3), null where there is none. A date is
 * measured against the answer's own Date, so that the clock here does not matter.
 */
export function readRetryAfter(headers: Pick<Headers, "get">): number | null {
	const text = headers.get("retry-after")?.trim() ?? "";
	if (/^\d+$/.test(text)) return Number(text) * 1_000;
	const milliseconds = Date.parse(text) - Date.parse(headers.get("date") ?? "");
	return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
