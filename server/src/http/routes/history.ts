import {
	type Change,
	type Entity,
	type HistoryEntry,
	HistoryPage,
	readScopes,
	Type,
} from "@muster/client/contract";

import { type RecordState, stateOf } from "../../domain/draft.ts";
import { type Step, stepBack, stepsOf } from "../../domain/history.ts";
import type { StoredRecord } from "../../domain/record.ts";
import type { Transaction } from "../../store/database.ts";
import { findChange, type StoredChange } from "../../store/find-change.ts";
import { loadRecords } from "../../store/load-records.ts";
import { changeOf } from "../change-of.ts";
import { pageLimitOf, pageParameters } from "../page.ts";
import { notFound } from "../problem-error.ts";
import { cursorOf } from "../query.ts";
import { idOfPath } from "../read-record.ts";
import type { Call, Reply, Route } from "../route.ts";

/** What was changed on a record, by whom, and what was there before. */
export const historyRoutes: readonly Route[] = (["customer", "organization"] as const).map((entity) => ({
	method: "GET",
	path: `${entity}/{${entity}Id}/history`,
	id: `${entity}.history`,
	tag: entity === "customer" ? "Customers" : "Organizations",
	summary: `List what was changed on ${entity === "customer" ? "a customer" : "an organization"}, the latest change first`,
	description:
		"Field by field, before and after, with the task and its item, or the single write. An association is told of by the record that was sent with it.",
	scope: readScopes[entity],
	query: Type.Object(pageParameters),
	answers: [{ status: 200, description: "A page of changes", guide: HistoryPage, reference: HistoryPage }],
	handle: (call) => history(call, entity),
}));

/** Most steps back from the record as it is: what each found is known only from those behind it. */
const stepsMax = 1_000;

async function history(call: Call, entity: Entity): Promise<Reply> {
	const id = idOfPath(call, entity);
	const limit = pageLimitOf(call.query);
	const behind = call.query.cursor(/^\d{1,15}[.]\d{1,4}$/);
	const { siteId } = call.principal;
	const page = await call.services.database.inSite(
		siteId,
		async (transaction) => {
			const [record] = await loadRecords(transaction, siteId, entity, { ids: [id], keys: [] });
			if (record === undefined) throw notFound();
			return readPage(walkBack(transaction, siteId, entity, record), behind, limit);
		},
		{ readOnly: true },
	);
	const last = page.found.at(-1);
	return {
		status: 200,
		body: {
			results: page.found.map(({ entry }) => entry),
			...(page.hasMore && last !== undefined ? { nextCursor: cursorOf(last.place) } : {}),
			isComplete: page.isComplete,
		} satisfies HistoryPage,
	};
}

interface Page {
	readonly found: readonly Found[];
	readonly hasMore: boolean;
	readonly isComplete: boolean;
}

/** @param behind the place of the last entry of the page before */
async function readPage(
	walk: AsyncGenerator<Found, boolean>,
	behind: string | undefined,
	limit: number,
): Promise<Page> {
	const found: Found[] = [];
	let isBehind = behind === undefined;
	for (let steps = 0; steps < stepsMax; steps += 1) {
		const { done, value } = await walk.next();
		if (done) return { found, hasMore: false, isComplete: value };
		if (found.length === limit) return { found, hasMore: true, isComplete: true };
		if (isBehind) found.push(value);
		isBehind ||= value.place === behind;
	}
	return { found, hasMore: false, isComplete: false };
}

interface Found {
	readonly entry: HistoryEntry;
	/** Number of the change and place in it, which is where a next page goes on. */
	readonly place: string;
}

/** Goes from a record along its chain of images. @returns whether it has come to the record's creation */
async function* walkBack(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	record: StoredRecord,
): AsyncGenerator<Found, boolean> {
	let state: RecordState = stateOf(record);
	for (let number = record.lastChange; number !== null; ) {
		const change = await findChange(transaction, siteId, number);
		if (change === null) return false;
		let previous: number | null = null;
		for (const step of stepsOf(record.id, change.task?.results ?? null, change.images)) {
			const back = stepBack(state, step, entity);
			yield {
				entry: entryOf(siteId, change, step, back.changes),
				place: `${number}.${step.index ?? 0}`,
			};
			if (back.before === null) return true;
			state = back.before;
			previous = back.previous;
		}
		number = previous === number ? null : previous;
	}
	return false;
}

function entryOf(
	siteId: string,
	{ at, task, token }: StoredChange,
	{ index, isCreation }: Step,
	changes: readonly Change[],
): HistoryEntry {
	return {
		changedDate: at.toISOString(),
		outcome: isCreation ? "created" : "updated",
		...(task === null ? {} : { taskId: task.taskId, operation: task.operation }),
		...(index === null ? {} : { index }),
		tokenId: token.tokenId,
		...(token.prefix === null ? {} : { tokenPrefix: token.prefix }),
		changes: changes.map((change) => changeOf(siteId, change)),
	};
}
