import { setImmediate } from "node:timers/promises";
import { FailedItem, FailureGroups, operations, readScopes, Settling, Type } from "@muster/client/contract";

import { FailureCount, isOfKind } from "../../domain/group-failures.ts";
import { findTask } from "../../store/find-task.ts";
import {
	type Failed,
	failuresOf,
	readFailures,
	settleFailures,
	type TaskWithFailures,
} from "../../store/read-failures.ts";
import { authorize } from "../authenticate.ts";
import { errorOf } from "../dialects/guide.ts";
import { pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { cursorOf } from "../query.ts";
import { readJsonObject, refuseUnknownKeys } from "../read-json.ts";
import type { Call, Reply, Route } from "../route.ts";
import { taskIdOf } from "../task-id-of.ts";

const tag = "Tasks";
/** Tasks with failures that are looked through for one answer. */
const tasksMax = 500;
const groupsMax = 200;

/** What failed, over all tasks: gathered by its cause, and item by item with what was sent. */
export const failureRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "failures/groups",
		id: "failure.groups",
		tag,
		summary: "Count what failed lately by code, field and value",
		description: `Over the ${tasksMax} newest tasks with failures. Left out are dry runs, failed items that were settled, and tasks that were retried: their failures are those of the new task.`,
		scope: readScopes.task,
		query: Type.Object({
			limit: Type.Optional(
				Type.Integer({ minimum: 1, maximum: groupsMax, default: groupsMax, description: "Most groups" }),
			),
		}),
		answers: [
			{
				status: 200,
				description: "The groups, the largest first",
				guide: FailureGroups,
				reference: FailureGroups,
			},
		],
		handle: groups,
	},
	{
		method: "GET",
		path: "failures",
		id: "failure.list",
		tag,
		summary: "List failed items with what they were, those of the newest tasks first",
		description:
			"`code`, `field` and `value` are those of a group; an item is listed where one of its failures has them all. A page comes with a `nextCursor` as long as there is more to look at, and may hold fewer items than `limit`.",
		scope: readScopes.task,
		query: Type.Object({
			code: Type.Optional(Type.String()),
			field: Type.Optional(Type.String()),
			value: Type.Optional(Type.String()),
			noValue: Type.Optional(Type.Boolean({ description: "Only failures where nothing stands" })),
			...pageParameters,
		}),
		answers: [
			{
				status: 200,
				description: "A page of failed items",
				guide: pageOf(FailedItem),
				reference: pageOf(FailedItem),
			},
		],
		handle: list,
	},
	{
		method: "POST",
		path: "tasks/{taskId}/settled",
		id: "failure.settle",
		tag,
		summary: "Note that failed items have been dealt with",
		description:
			"They are no longer among the failures; the task and its results stay as they are. The token needs the write scope of the task's operation too.",
		scope: readScopes.task,
		bodies: [{ name: "settling", schema: Settling, example: { indexes: [0, 4] } }],
		answers: [{ status: 204, description: "They are left out from now on" }],
		handle: settle,
	},
];

async function groups(call: Call): Promise<Reply> {
	const most = call.query.integer("limit", 1, groupsMax) ?? groupsMax;
	const { tasks, isPartial } = await read(call, null);
	const counted = new FailureCount();
	for (const task of tasks) {
		for (const { item, result } of await parse(task)) counted.add(item, result.faults ?? [], task.acceptedAt);
	}
	return { status: 200, body: { results: counted.list(most), total: counted.total, isPartial } };
}

async function list(call: Call): Promise<Reply> {
	const { query } = call;
	const limit = pageLimitOf(query);
	const kind = {
		...textOf(call, "code"),
		...textOf(call, "field"),
		...textOf(call, "value"),
		...(query.flag("noValue") === true ? { value: null } : {}),
	};
	const [number, from] = (query.cursor(/^\d{1,15} \d{1,4}$/) ?? "").split(" ");
	// The task that the page before ended in comes first again, from behind the item that ended it.
	const { tasks, isPartial } = await read(call, number ? Number(number) + 1 : null);
	const found: FailedItem[] = [];
	for (const task of tasks) {
		for (const failed of await parse(task)) {
			if (String(task.number) === number && failed.index < Number(from)) continue;
			if (!(failed.result.faults ?? []).some((fault) => isOfKind(failed.item, fault, kind))) continue;
			if (found.length === limit) {
				const nextCursor = cursorOf(`${task.number} ${failed.index}`);
				return { status: 200, body: { results: found, nextCursor } };
			}
			found.push(...shown(task, failed));
		}
	}
	const last = tasks.at(-1);
	const more = isPartial && last !== undefined ? { nextCursor: cursorOf(`${last.number - 1} 0`) } : {};
	return { status: 200, body: { results: found, ...more } };
}

function textOf(call: Call, name: "code" | "field" | "value"): { readonly [key: string]: string } {
	const text = call.query.text(name);
	return text === undefined ? {} : { [name]: text };
}

async function read(
	call: Call,
	before: number | null,
): Promise<{ readonly tasks: readonly TaskWithFailures[]; readonly isPartial: boolean }> {
	const { siteId } = call.principal;
	return call.services.database.inSite(
		siteId,
		async (transaction) => {
			const tasks = await readFailures(transaction, siteId, { before, limit: tasksMax });
			const last = tasks.at(-1);
			const older =
				last === undefined ? [] : await readFailures(transaction, siteId, { before: last.number, limit: 1 });
			return { tasks, isPartial: older.length > 0 };
		},
		{ readOnly: true },
	);
}

/** One task at a time, so that other requests come in between. */
async function parse(task: TaskWithFailures): Promise<readonly Failed[]> {
	await setImmediate();
	return failuresOf(task);
}

/** @returns nothing for an operation that only a newer program knows */
function shown(task: TaskWithFailures, { index, result, item }: Failed): FailedItem[] {
	return operations
		.filter(({ name }) => name === task.operation)
		.map(({ name }) => ({
			taskId: task.taskId,
			operation: name,
			acceptedDate: task.acceptedAt.toISOString(),
			index,
			...(result.clientRef === undefined ? {} : { clientRef: result.clientRef }),
			...(result.key === undefined ? {} : { key: result.key }),
			item,
			errors: (result.faults ?? []).map(errorOf),
		}));
}

async function settle(call: Call): Promise<Reply> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["indexes"]);
	const { indexes } = body;
	const isGood =
		Array.isArray(indexes) &&
		indexes.length > 0 &&
		indexes.length <= 1_000 &&
		indexes.every((each) => Number.isInteger(each) && each >= 0 && each <= 999);
	if (!isGood) {
		throw new ProblemError(
			"invalid_request",
			"indexes has to be a list of 1 to 1,000 places of items in their task, whole numbers from 0 to 999. Nothing was saved.",
		);
	}
	const { siteId } = call.principal;
	const taskId = taskIdOf(call);
	await call.services.database.inSite(siteId, async (transaction) => {
		const task = await findTask(transaction, siteId, taskId);
		if (task === null) throw notFound();
		const operation = operations.find(({ name }) => name === task.operation);
		// Of an operation that only a newer program knows, nobody here can say who may.
		authorize(call.principal, operation?.writeScope ?? "*");
		await settleFailures(transaction, siteId, taskId, indexes);
	});
	return { status: 204 };
}
