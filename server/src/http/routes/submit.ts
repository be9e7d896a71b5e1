import { type ListedOperation, operations } from "@muster/client/contract";
import { acceptTasks, type NewTask } from "../../store/accept-tasks.ts";
import type { Transaction } from "../../store/database.ts";
import { insertDetailFields } from "../../store/detail-fields.ts";
import { findTasksByKey } from "../../store/find-tasks-by-key.ts";
import { finishTasks } from "../../store/finish-tasks.ts";
import { queueDeliveries } from "../../store/queue-deliveries.ts";
import { type Acceptance, replayOf } from "../accept-queue.ts";
import { answerAccepted, submitAnswers } from "../answer-accepted.ts";
import { planDetailFields, readDefinitions } from "../detail-fields.ts";
import { ProblemError } from "../problem-error.ts";
import { readSubmission, type Submission } from "../read-submission.ts";
import type { Call, Reply, Route } from "../route.ts";
import { submissionBodies, submitQuery } from "../submission-schemas.ts";

/** The bulk operations: one route an entry of the operation table. */
export const submitRoutes: readonly Route[] = operations.map((operation) => ({
	method: "POST",
	path: operation.path,
	id: `submit.${operation.name}`,
	tag: "Bulk operations",
	summary: operation.summary,
	scope: operation.writeScope,
	query: submitQuery,
	bodies: submissionBodies(operation),
	idempotent: "required",
	answers: submitAnswers,
	problems: [
		"missing_items",
		"empty_items",
		"too_many_items",
		...("editsMax" in operation ? (["too_many_edits"] as const) : []),
		...(operation.scope === "definitions"
			? (["invalid_detail_field", "detail_field_exists", "detail_field_limit"] as const)
			: (["too_many_tasks"] as const)),
	],
	handle: (call) => submit(operation, call),
}));

async function submit(operation: ListedOperation, call: Call): Promise<Reply> {
	const accepted = await accept(operation, call);
	call.forgetBody(); // a client may wait for its task much longer
	// Definitions have ended by now; anything else has not even been begun.
	return answerAccepted(call, accepted, !accepted.replayed && operation.scope !== "definitions");
}

/**
 * Not async, and so nothing of the submission but its task is held while that is saved: what is parsed is garbage by then.
 * An async function keeps all that it has named as long as it waits.
 */
function accept(operation: ListedOperation, call: Call): Promise<Acceptance> {
	const submission = readSubmission(operation, call);
	if (operation.scope === "definitions") return acceptDefinitions(operation, call, submission);
	const { services, principal } = call;
	const { siteId, settings } = principal;
	return services.accepts.accept(
		siteId,
		settings.unfinishedTasksMax,
		submission.task,
		() => services.plainIntake?.judge(siteId, operation, submission) ?? null,
	);
}

/**
 * Definitions take effect ahead of the queue: the fields are made and their task ends in the transaction that accepts
 * it. One clash refuses the whole request, and its key is not used up.
 */
async function acceptDefinitions(
	operation: ListedOperation,
	call: Call,
	{ items, task }: Submission,
): Promise<Acceptance> {
	const { siteId, settings } = call.principal;
	const pointerOf = (place: number): string => `/detailFields/${place}`;
	const asked = readDefinitions(items, pointerOf, settings);
	// Alone in the site, so that no field appears between looking and making.
	return call.services.lanes.alone(siteId, async (transaction) => {
		const [created] = await acceptTasks(transaction, siteId, [task]);
		if (created === undefined) return replay(transaction, siteId, task);
		const fields = await planDetailFields(transaction, siteId, operation.entity, settings, asked, pointerOf);
		if (!task.dryRun) await insertDetailFields(transaction, siteId, operation.entity, fields);
		const results = fields.map((field) => ({
			outcome: "created" as const,
			...(task.dryRun ? { changes: [{ field: "name", before: null, after: field.name }] } : { id: field.id }),
			key: field.name,
		}));
		const tasks = [{ taskId: created.taskId, failed: false, results, images: null }];
		await finishTasks(transaction, siteId, tasks);
		await queueDeliveries(transaction, siteId, { tasks, dryRun: task.dryRun, areRecords: false });
		return { taskId: created.taskId, replayed: false };
	});
}

async function replay(transaction: Transaction, siteId: string, task: NewTask): Promise<Acceptance> {
	const [existing] = await findTasksByKey(transaction, siteId, [task]);
	const found = replayOf(task, existing, 0);
	if (found instanceof ProblemError) throw found;
	return found;
}
