import type { BulkOptions, BulkResult } from "./bulk.ts";
import type { Fetch } from "./connection.ts";
import type { TaskOperationName } from "./contract/operations.ts";
import type { Dialect } from "./contract/paths.ts";
import type { RetryPolicy, Sleep } from "./retry.ts";
import type { Task, TaskStatus } from "./task.ts";

export interface MusterClientOptions {
	/** Where the service is, such as http://127.0.0.1:8700; the base path is added to it. */
	readonly url: string;
	/** Left out in a browser that is signed in: its cookie says who asks. */
	readonly token?: string;
	/** "guide" if left out. */
	readonly dialect?: Dialect;
	/** The site's id in the paths of the reference dialect; the guide's have none. */
	readonly cloudId?: string;
	readonly fetch?: Fetch;
	/** Time for one try of a request, in milliseconds; 30,000 if left out. */
	readonly timeoutMs?: number;
	readonly retry?: Partial<RetryPolicy>;
	/** How to wait between tries and looks; tests pass one that does not. */
	readonly sleep?: Sleep;
}

export interface SubmitOptions {
	/** Names this submission: sent again under it, it has no further effect. A new UUID if left out. */
	readonly idempotencyKey?: string;
	/** Finds out what would change, and changes nothing. */
	readonly dryRun?: boolean;
	/** Asks the service to answer when the task has ended, or after so many seconds (30 at most). */
	readonly waitSeconds?: number;
	readonly signal?: AbortSignal;
}

export type RetryOptions = Omit<SubmitOptions, "dryRun">;

export interface Submitted {
	readonly taskId: string;
	readonly idempotencyKey: string;
	/** Whether an earlier submission under this key has made the task. */
	readonly replayed: boolean;
	/** The finished task, where it ended within `waitSeconds`. */
	readonly task?: Task;
}

export interface TaskQuery {
	readonly status?: TaskStatus;
	readonly operation?: TaskOperationName;
	readonly hasFailures?: boolean;
	readonly idempotencyKey?: string;
	readonly signal?: AbortSignal;
}

export interface Bulk {
	/** Takes rows as they are needed and gives each back with what became of it, in their order; see BulkOptions. */
	run<Row>(
		rows: Iterable<Row> | AsyncIterable<Row>,
		options?: BulkOptions<Row>,
	): AsyncGenerator<BulkResult<Row>, void>;
	/** The same for whoever has rows in pieces of any length, as from a file; results come by the request. It takes less CPU. */
	runPieces<Row>(
		pieces: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
		options?: BulkOptions<Row>,
	): AsyncGenerator<readonly BulkResult<Row>[], void>;
}
