import {
	FailedRequest,
	type ListedOperation,
	operations,
	readScopes,
	undoOperations,
} from "@muster/client/contract";
import { inspectJson, isJsonObject, parseJson } from "../../domain/json.ts";
import { findFailedItems } from "../../store/find-failed-items.ts";
import { answerAccepted, submitAnswers } from "../answer-accepted.ts";
import { authorize } from "../authenticate.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { fingerprintOf, readIdempotencyKey } from "../read-submission.ts";
import { refuseBody } from "../refuse-body.ts";
import type { Call, Reply, Route } from "../route.ts";
import { itemsKeyOf } from "../submission-schemas.ts";
import { taskIdOf } from "../task-id-of.ts";

/** What failed of a task, to be corrected and sent by hand, or sent again as it was. */
export const retryRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "tasks/{taskId}/failed-request",
		id: "task.failedRequest",
		tag: "Tasks",
		summary: "Get the failed items of a task as a request",
		description:
			"The items as they were sent, in their order and under the key that their operation takes: correct them and post them to its path, under a new Idempotency-Key.",
		scope: readScopes.task,
		answers: [
			{
				status: 200,
				description: "A submission with the failed items alone",
				guide: FailedRequest,
				reference: FailedRequest,
			},
		],
		problems: ["task_unfinished", "nothing_failed"],
		handle: async (call) => ({ status: 200, body: requestOf(await readFailed(call)) }),
	},
	{
		method: "POST",
		path: "tasks/{taskId}/retry",
		id: "task.retry",
		tag: "Tasks",
		summary: "Send the failed items of a task again, as a new task",
		description:
			"For failures whose cause is gone, such as an organization that was sent later. Without an Idempotency-Key a task is sent again once, however often it is asked for: what fails once more is retried by the new task's id. Under a key it is a submission like any other. A dry run is sent again as a dry run. The token needs the write scope of the task's operation too.",
		scope: readScopes.task,
		idempotent: "optional",
		answers: submitAnswers,
		problems: ["task_unfinished", "nothing_failed", "too_many_tasks"],
		handle: retry,
	},
];

/** The failed items of a task as they were sent. */
interface Failed {
	readonly operation: ListedOperation;
	readonly dryRun: boolean;
	readonly items: readonly unknown[];
}

/** @throws ProblemError not_found, task_unfinished, nothing_failed */
async function readFailed(call: Call): Promise<Failed> {
	const { siteId } = call.principal;
	const taskId = taskIdOf(call);
	const found = await call.services.database.inSite(
		siteId,
		(transaction) => findFailedItems(transaction, siteId, taskId),
		{ readOnly: true },
	);
	if (found === null) throw notFound();
	if (!found.isEnded) {
		throw new ProblemError(
			"task_unfinished",
			"The task has not ended yet, so it is not known which of its items fail. Ask again when it has.",
			{ headers: { "retry-after": "1" } },
		);
	}
	if (undoOperations.some(({ name }) => name === found.operation)) {
		throw new ProblemError(
			"nothing_failed",
			"This task is an undo, whose items nobody has sent. Undo the task again under a new Idempotency-Key.",
		);
	}
	const operation = operations.find(({ name }) => name === found.operation);
	if (operation === undefined) {
		// It was accepted by a newer program that is being rolled out beside this one.
		throw new ProblemError(
			"unavailable",
			"This process does not know the task's operation yet, and a newer one does. Send the same request again.",
			{ headers: { "retry-after": "1" } },
		);
	}
	if (found.items === null) {
		throw new ProblemError("nothing_failed", "No item of this task failed: there is nothing to send again.");
	}
	// Written by finish-tasks.ts, by index; whole numbers are the keys that an object keeps in order.
	const byIndex = parseJson(found.items) as Readonly<Record<string, unknown>>;
	return {
		operation,
		dryRun: found.dryRun,
		items: Object.values(byIndex),
	};
}

function requestOf({ operation, items }: Failed): FailedRequest {
	const isReference = items.some((item) => isJsonObject(item) && Object.hasOwn(item, "payload"));
	return { [itemsKeyOf(operation, isReference ? "reference" : "guide")]: [...items] };
}

async function retry(call: Call): Promise<Reply> {
	refuseBody(
		call.body,
		"a retry sends the items as they were. To correct them, get failed-request, change it and post it to the path of the operation.",
	);
	const given = call.headersDistinct["idempotency-key"];
	const idempotencyKey = given === undefined ? `retry-of-${taskIdOf(call)}` : readIdempotencyKey(given);
	const { operation, dryRun, items } = await readFailed(call);
	authorize(call.principal, operation.writeScope);
	const { siteId, settings, tokenId } = call.principal;
	call.forgetBody();
	const text = JSON.stringify(items);
	const accepted = await call.services.accepts.accept(siteId, settings.unfinishedTasksMax, {
		operation: operation.name,
		idempotencyKey,
		fingerprint: fingerprintOf(operation, dryRun, text),
		dryRun,
		tokenId,
		itemCount: items.length,
		items: text,
		oddNumbers: inspectJson(text).hasOddNumbers,
		traceparent: call.traceparent,
	});
	return answerAccepted(call, accepted, !accepted.replayed);
}
