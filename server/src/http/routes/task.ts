import {
	guideStatuses,
	ItemResult as ItemResultSchema,
	outcomes,
	ReferenceTask,
	readScopes,
	referenceStatuses,
	Task,
	Type,
	taskOperationNames,
} from "@muster/client/contract";

import { findTaskWithResults } from "../../store/find-task.ts";
import { listTasks, type TaskFilter } from "../../store/list-tasks.ts";
import { awaitTask, waitSecondsMax } from "../await-task.ts";
import { operationOf } from "../dialects/dialect.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound } from "../problem-error.ts";
import { cursorOf } from "../query.ts";
import { readPreferredWait } from "../read-submission.ts";
import type { Call, Reply, Route } from "../route.ts";
import { shownResults } from "../shown-results.ts";
import { taskIdOf } from "../task-id-of.ts";

export const taskRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "tasks/{taskId}",
		id: "task.get",
		tag: "Tasks",
		summary: "Look at a task",
		description: "While the task is unfinished the answer carries Retry-After.",
		scope: readScopes.task,
		query: Type.Object({
			wait: Type.Optional(
				Type.Integer({
					minimum: 0,
					maximum: waitSecondsMax,
					description: "Answer when the task ends, or after so many seconds",
				}),
			),
		}),
		answers: [{ status: 200, description: "The task", guide: Task, reference: ReferenceTask }],
		handle: get,
	},
	{
		method: "GET",
		path: "tasks",
		id: "task.list",
		tag: "Tasks",
		summary: "List the site's tasks, newest first",
		scope: readScopes.task,
		query: Type.Object({
			status: Type.Optional(Type.Enum([...new Set([...guideStatuses, ...referenceStatuses])])),
			operation: Type.Optional(Type.Enum([...taskOperationNames])),
			hasFailures: Type.Optional(Type.Boolean()),
			withFailures: Type.Optional(
				Type.Boolean({
					default: true,
					description: "Whether failures are listed, which may be most of the answer; `summary` counts them",
				}),
			),
			idempotencyKey: Type.Optional(Type.String()),
			...pageParameters,
		}),
		answers: [
			{ status: 200, description: "A page of tasks", guide: pageOf(Task), reference: pageOf(ReferenceTask) },
		],
		handle: list,
	},
	{
		method: "GET",
		path: "tasks/{taskId}/results",
		id: "task.results",
		tag: "Tasks",
		summary: "List what became of each item of a task",
		description: "Empty while the task is unfinished.",
		scope: readScopes.task,
		query: Type.Object({ outcome: Type.Optional(Type.Enum([...outcomes])), ...pageParameters }),
		answers: [
			{
				status: 200,
				description: "A page of results, in the order of the items",
				guide: pageOf(ItemResultSchema),
				reference: pageOf(ItemResultSchema),
			},
		],
		handle: results,
	},
];

/** Seconds after which an unfinished task is worth another look. */
const retryAfter = { "retry-after": "1" };

async function get(call: Call): Promise<Reply> {
	const { query } = call;
	const preferred = readPreferredWait(call.headers.prefer, waitSecondsMax);
	const seconds = query.integer("wait", 0, waitSecondsMax) ?? preferred ?? 0;
	const task = await awaitTask(call, taskIdOf(call), seconds);
	if (task === null) throw notFound();
	return {
		status: 200,
		...(task.status === "unfinished" ? { headers: retryAfter } : {}),
		body: call.dialect.task(call.principal.siteId, task),
	};
}

/** The words of both dialects; NOT_STARTED and IN_PROGRESS are both unfinished (contract, section 1). */
const statusOfWord: Readonly<Record<string, NonNullable<TaskFilter["status"]>>> = {
	PROCESSING: "unfinished",
	NOT_STARTED: "unfinished",
	IN_PROGRESS: "unfinished",
	COMPLETED: "completed",
	FINISHED: "completed",
	FAILED: "failed",
};

async function list(call: Call): Promise<Reply> {
	const { query } = call;
	const status = query.word("status", Object.keys(statusOfWord));
	const operation = query.word("operation", taskOperationNames);
	const hasFailures = query.flag("hasFailures");
	const withFailures = query.flag("withFailures") ?? true;
	const idempotencyKey = query.text("idempotencyKey");
	const pageLimit = pageLimitOf(query);
	const before = query.cursor(/^\d{1,15}$/);
	const { siteId } = call.principal;
	const found = await call.services.database.inSite(siteId, (transaction) =>
		listTasks(transaction, siteId, {
			...(status === undefined ? {} : { status: statusOfWord[status] ?? "unfinished" }),
			...(operation === undefined ? {} : { operation }),
			...(hasFailures === undefined ? {} : { hasFailures }),
			withFailures,
			...(idempotencyKey === undefined ? {} : { idempotencyKey }),
			...(before === undefined ? {} : { before: Number(before) }),
			// One more than asked for tells whether there is a further page.
			limit: pageLimit + 1,
		}),
	);
	const { page, more } = cutPage(found, pageLimit, (last) => last.number);
	return {
		status: 200,
		body: { results: page.map((task) => call.dialect.task(siteId, task)), ...more },
	};
}

async function results(call: Call): Promise<Reply> {
	const { query } = call;
	const outcome = query.word("outcome", outcomes);
	const pageLimit = pageLimitOf(query);
	const from = Number(query.cursor(/^\d{1,6}$/) ?? 0);
	const { siteId } = call.principal;
	const taskId = taskIdOf(call);
	const task = await call.services.database.inSite(siteId, (transaction) =>
		findTaskWithResults(transaction, siteId, taskId),
	);
	if (task === null) throw notFound();
	const all = shownResults(siteId, operationOf(task), task.results ?? []).filter(
		(result) => outcome === undefined || result.outcome === outcome,
	);
	const rest = all.filter((result) => result.index >= from);
	const next = rest[pageLimit];
	return {
		status: 200,
		body: {
			results: rest.slice(0, pageLimit),
			...(next === undefined ? {} : { nextCursor: cursorOf(next.index) }),
		},
	};
}
