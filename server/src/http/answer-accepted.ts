import type { Acceptance } from "./accept-queue.ts";
import { awaitTask, waitSecondsMax } from "./await-task.ts";
import { readPreferredWait } from "./read-submission.ts";
import type { Call, Reply } from "./route.ts";

/**
 * Answers that a submission is saved: 202 with its task's address, or 200 with the task where `Prefer: wait` asks for it
 * and it ends in time.
 * @param isNew whether it was accepted this very moment, so that there is nothing to see yet
 */
export async function answerAccepted(
	call: Call,
	{ taskId, replayed }: Acceptance,
	isNew: boolean,
): Promise<Reply> {
	const location = `${call.base}/tasks/${taskId}`;
	const headers = { location, ...(replayed ? { "idempotency-replayed": "true" } : {}) };
	const seconds = readPreferredWait(call.headers.prefer, waitSecondsMax);
	const task = seconds === null ? null : await awaitTask(call, taskId, seconds, isNew);
	if (task !== null && task.status !== "unfinished") {
		return {
			status: 200,
			headers: { ...headers, "preference-applied": `wait=${seconds}` },
			body: call.dialect.task(call.principal.siteId, task),
		};
	}
	return { status: 202, headers, body: call.dialect.accepted(taskId, call.services.publicUrl + location) };
}
