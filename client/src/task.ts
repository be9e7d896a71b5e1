import { operations, type TaskOperationName, undoOperations } from "./contract/operations.ts";
import type { Dialect } from "./contract/paths.ts";
import type {
	Failure,
	Task as GuideTask,
	ItemError,
	ReferenceFailure,
	ReferenceTask,
	Summary,
	TaskSource,
} from "./contract/task.ts";

export type TaskStatus = "processing" | "completed" | "failed";

/** One accepted submission and its outcome, in one shape whatever the dialect. What only Muster says may be null elsewhere. */
export interface Task {
	readonly taskId: string;
	/** A completed task may hold failures of single items; of a failed one no item could be tried. */
	readonly status: TaskStatus;
	readonly operation: TaskOperationName | null;
	readonly dryRun: boolean;
	/** Counts by outcome; those of an unfinished task are not final. */
	readonly summary: Summary | null;
	readonly failures: readonly TaskFailure[];
	/** ISO 8601, UTC. */
	readonly createdDate: string | null;
	/** null while it is being processed. */
	readonly completedDate: string | null;
	readonly idempotencyKey: string | null;
	/** Which token sent it, and what it came of. */
	readonly source: TaskSource | null;
}

/** An item that took no effect. */
export interface TaskFailure {
	/** Place of the item in the request, from 0. */
	readonly index: number | null;
	/** Every fault of the item, in one text. */
	readonly message: string;
	/** Code of its first fault, as docs/errors.md explains. */
	readonly code: string | null;
	/** The caller's own reference, where the item had one. */
	readonly clientRef: string | null;
	/** What the record was named by, where the service says it: the reference's only way to tell which item it was. */
	readonly entityId: string | null;
	/** Each fault by itself; empty in the reference dialect, where `results()` has them. */
	readonly errors: readonly ItemError[];
}

/** Reads a task of either dialect. @returns null where the body is none */
export function readTask(body: unknown): Task | null {
	if (typeof body !== "object" || body === null) return null;
	// Every member is optional in this type, and looked at before it is used.
	const sent = body as SentTask;
	const taskId = sent.taskId ?? sent.id;
	const status = statuses[sent.status ?? ""];
	if (taskId === undefined || status === undefined) return null;
	const ended = sent.completedDate ?? sent.updatedAt ?? null;
	return {
		taskId,
		status,
		operation:
			sent.operation ??
			[...operations, ...undoOperations].find(({ referenceType }) => referenceType === sent.type)?.name ??
			null,
		dryRun: sent.dryRun ?? false,
		summary: sent.summary ?? null,
		failures: (sent.failures ?? []).map(readFailure),
		createdDate: sent.createdDate ?? sent.createdAt ?? null,
		completedDate: status === "processing" ? null : ended,
		idempotencyKey: sent.idempotencyKey ?? null,
		source: sent.source ?? null,
	};
}

const statuses: Readonly<Record<string, TaskStatus>> = {
	PROCESSING: "processing",
	NOT_STARTED: "processing",
	IN_PROGRESS: "processing",
	COMPLETED: "completed",
	FINISHED: "completed",
	FAILED: "failed",
};

/** What a filter asks for, by dialect; Muster takes either's words under either base. */
export const statusWords: Readonly<Record<Dialect, Readonly<Record<TaskStatus, string>>>> = {
	guide: { processing: "PROCESSING", completed: "COMPLETED", failed: "FAILED" },
	reference: { processing: "NOT_STARTED", completed: "FINISHED", failed: "FAILED" },
};

function readFailure(sent: SentFailure): TaskFailure {
	return {
		index: sent.index ?? null,
		message: sent.message ?? sent.error ?? "",
		code: sent.code ?? null,
		clientRef: sent.clientRef ?? null,
		entityId: sent.entityId ?? null,
		errors: sent.errors ?? [],
	};
}

/** Both dialects' members put together. */
type SentTask = Partial<Omit<GuideTask, "status" | "failures">> &
	Partial<Omit<ReferenceTask, "status" | "failures">> & {
		readonly status?: string;
		readonly failures?: readonly SentFailure[];
	};
type SentFailure = Partial<Failure> & Partial<ReferenceFailure>;
