import { Accepted, ReferenceAccepted, ReferenceTask, Task } from "@muster/client/contract";
import type { Acceptance } from "./accept-queue.ts";
import { awaitTask, waitSecondsMax } from "./await-task.ts";
import { readPreferredWait } from "./read-submission.ts";
import type { Answer, Call, Reply } from "./route.ts";

/** What a submission is answered with. */
export const submitAnswers: readonly Answer[] = [
	{
		status: 200,
		description: "With `Prefer: wait=N`: the task has ended in time.",
		guide: Task,
		reference: ReferenceTask,
	},
	{
		status: 202,
		description: "Saved: the task will be carried out, whatever happens to the server.",
		guide: Accepted,
		reference: ReferenceAccepted,
	},
];

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
