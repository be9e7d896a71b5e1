import type { MusterClient, OperationName, TaskFailure } from "@muster/client";

/** What became of all items that were sent. */
export interface Sent {
	readonly requests: number;
	readonly total: number;
	readonly created: number;
	readonly updated: number;
	readonly unchanged: number;
	readonly failed: number;
	readonly failures: readonly TaskFailure[];
	/** From the first request until the last task had ended. */
	readonly tookMs: number;
}

export interface Sending {
	readonly client: MusterClient;
	readonly operation: OperationName;
	readonly items: readonly object[];
	/** Names the request that begins with the item of this place. */
	readonly keyOf: (place: number) => string;
	readonly signal: AbortSignal;
	/** Told how many items have been carried out. */
	readonly onProgress?: (done: number) => void;
	/** Begins no further request after so many milliseconds. */
	readonly timeMs?: number;
}

/** Items of one request: as many as the profile operations take. */
export const batchSize = 100;
/** Requests that are under way together. */
export const inFlightMax = 8;
/** How long a request asks for its task's end before it is asked for by itself, in seconds. */
const waitSeconds = 30;

/** Sends all items in requests of a hundred, several at a time, and waits until every task has ended. */
export async function sendAll(sending: Sending): Promise<Sent> {
	const { items, signal, timeMs = Infinity } = sending;
	const startedMs = performance.now();
	let next = 0;
	let sent = nothing;
	const lane = async (): Promise<void> => {
		while (next < items.length && performance.now() - startedMs < timeMs) {
			signal.throwIfAborted();
			const place = next;
			next += batchSize;
			const one = await sendOne(sending, place);
			sent = sum([sent, one]);
			sending.onProgress?.(sent.total);
		}
	};
	await Promise.all(Array.from({ length: inFlightMax }, lane));
	return { ...sent, tookMs: performance.now() - startedMs };
}

async function sendOne(sending: Sending, place: number): Promise<Sent> {
	const { client, operation, signal } = sending;
	const items = sending.items.slice(place, place + batchSize);
	const options = { idempotencyKey: sending.keyOf(place), waitSeconds, signal };
	const submitted = await client.submit(operation, items, options);
	const task = submitted.task ?? (await client.waitForTask(submitted.taskId, { signal }));
	if (task.summary === null || task.status === "failed") {
		throw new Error(`the task ${task.taskId} ended as ${task.status}: ${task.failures[0]?.message}`);
	}
	return { ...task.summary, requests: 1, failures: task.failures, tookMs: 0 };
}

/** One after the other, as if they were one. */
export function sum(parts: readonly Sent[]): Sent {
	return parts.reduce(
		(one, other) => ({
			requests: one.requests + other.requests,
			total: one.total + other.total,
			created: one.created + other.created,
			updated: one.updated + other.updated,
			unchanged: one.unchanged + other.unchanged,
			failed: one.failed + other.failed,
			failures: [...one.failures, ...other.failures],
			tookMs: one.tookMs + other.tookMs,
		}),
		nothing,
	);
}

const nothing: Sent = {
	requests: 0,
	total: 0,
	created: 0,
	updated: 0,
	unchanged: 0,
	failed: 0,
	failures: [],
	tookMs: 0,
};
