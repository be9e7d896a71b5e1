import { randomUUID } from "node:crypto";
import { type ListedOperation, operations, readScopes, Type, undoOperations } from "@muster/client/contract";

import { findTask } from "../../store/find-task.ts";
import { answerAccepted, submitAnswers } from "../answer-accepted.ts";
import { authorize } from "../authenticate.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { fingerprintOf, readIdempotencyKey } from "../read-submission.ts";
import { refuseBody } from "../refuse-body.ts";
import type { Call, Reply, Route } from "../route.ts";
import { taskIdOf } from "../task-id-of.ts";

/** The way back from a bulk write. */
export const undoRoutes: readonly Route[] = [
	{
		method: "POST",
		path: "tasks/{taskId}/undo",
		id: "task.undo",
		tag: "Tasks",
		summary: "Give the records of a task back what they had before it, as a new task",
		description:
			"Records that the task created go, changed ones get their former values back. What was changed since stays, and is told item by item: results of the undo have the indexes of the task's items. With `?dryRun=true` nothing is written, and the results say what would be. Without an Idempotency-Key a task is undone once, however often it is asked for. The token needs the write scope of the task's operation too. Detail fields that the task has made stay.",
		scope: readScopes.task,
		idempotent: "optional",
		query: Type.Object({
			dryRun: Type.Optional(Type.Boolean({ description: "Say what would be undone, and undo nothing" })),
		}),
		answers: submitAnswers,
		problems: ["task_unfinished", "nothing_to_undo", "too_many_tasks"],
		handle: undo,
	},
];

async function undo(call: Call): Promise<Reply> {
	refuseBody(call.body, "an undo takes none.");
	const taskId = taskIdOf(call);
	const dryRun = call.query.flag("dryRun") ?? false;
	const { operation, itemCount } = await readUndoable(call, taskId);
	authorize(call.principal, operation.writeScope);
	const given = call.headersDistinct["idempotency-key"];
	const { siteId, settings, tokenId } = call.principal;
	const name = `${operation.entity}.undo` as const satisfies (typeof undoOperations)[number]["name"];
	const items = JSON.stringify(Array.from({ length: itemCount }, (_, index) => ({ taskId, index })));
	const accepted = await call.services.accepts.accept(siteId, settings.unfinishedTasksMax, {
		operation: name,
		idempotencyKey: given === undefined ? keyFor(taskId, dryRun) : readIdempotencyKey(given),
		fingerprint: fingerprintOf({ name }, dryRun, items),
		dryRun,
		tokenId,
		itemCount,
		items,
		oddNumbers: false,
		traceparent: call.traceparent,
	});
	return answerAccepted(call, accepted, !accepted.replayed);
}

/** What a dry run says changes with what is done meanwhile, so each is one of its own. */
function keyFor(taskId: string, dryRun: boolean): string {
	return dryRun ? `undo-of-${taskId}-${randomUUID()}` : `undo-of-${taskId}`;
}

/** @throws ProblemError not_found, task_unfinished, nothing_to_undo */
async function readUndoable(
	call: Call,
	taskId: string,
): Promise<{ readonly operation: ListedOperation; readonly itemCount: number }> {
	const { siteId } = call.principal;
	const task = await call.services.database.inSite(
		siteId,
		(transaction) => findTask(transaction, siteId, taskId),
		{ readOnly: true },
	);
	if (task === null) throw notFound();
	if (task.status === "unfinished") {
		throw new ProblemError(
			"task_unfinished",
			"The task has not ended yet. Undo it when it has; nothing was saved.",
			{ headers: { "retry-after": "1" } },
		);
	}
	const nothing = (why: string): ProblemError =>
		new ProblemError("nothing_to_undo", `${why} Nothing was saved.`);
	const operation = operations.find(({ name }) => name === task.operation);
	if (operation === undefined || undoOperations.some(({ name }) => name === task.operation)) {
		throw nothing("This task is an undo itself. To have again what it took back, send it again.");
	}
	if (operation.scope === "definitions") {
		throw nothing("This task made detail fields; delete them one by one.");
	}
	if (task.dryRun) throw nothing("This task was a dry run, which wrote nothing.");
	const { summary } = task;
	if (summary.created + summary.updated === 0) throw nothing("This task changed no record.");
	return { operation, itemCount: summary.total };
}
