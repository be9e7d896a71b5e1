import type { ItemSummary } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";
import type { StoredImport } from "./imports.ts";
import { keyOfPart, keysOfImport } from "./save-import-parts.ts";

/** How far the tasks of an import are. They end in the order of its parts. */
export interface ImportProgress {
	readonly tasks: number;
	readonly endedTasks: number;
	/** When the last of them that ended did; null where none has. */
	readonly lastEndedAt: Date | null;
	/** By the tasks that ended and the lines that could not be read. */
	readonly summary: ItemSummary;
	/** Bytes of the file whose tasks have ended. */
	readonly endedBytes: number;
	/** As of late, a second; null where too little has ended to say. */
	readonly rate: { readonly bytes: number; readonly items: number } | null;
	/** The database's clock. */
	readonly now: Date;
}

interface Counts {
	tasks: number;
	ended: number;
	endedAt: Date | null;
	firstUnfinished: string | null;
	lastEnded: string | null;
	created: number;
	updated: number;
	unchanged: number;
	skipped: number;
	failed: number;
	now: Date;
}

const countStatement = {
	name: "count-import-tasks",
	text: `
		select count(*) as tasks, count(ended_at) as ended, max(ended_at) as "endedAt",
			min(idempotency_key) filter (where ended_at is null) as "firstUnfinished",
			max(idempotency_key) filter (where ended_at is not null) as "lastEnded",
			coalesce(sum(created_count), 0) as created, coalesce(sum(updated_count), 0) as updated,
			coalesce(sum(unchanged_count), 0) as unchanged, coalesce(sum(skipped_count), 0) as skipped,
			coalesce(sum(failed_count), 0) as failed, clock_timestamp() as now
		from muster.task
		where site_id = $1 and operation = $2 and idempotency_key > $3 and idempotency_key < $4`,
};

export async function findImportProgress(
	transaction: Transaction,
	siteId: string,
	found: StoredImport,
): Promise<ImportProgress> {
	const counts = await countTasks(transaction, siteId, found);
	const { tasks, ended, endedAt, firstUnfinished, lastEnded, now } = counts;
	const { created, updated, unchanged, skipped } = counts;
	const failed = counts.failed + found.unreadableCount;
	return {
		tasks,
		endedTasks: ended,
		lastEndedAt: endedAt,
		summary: { total: found.itemCount + found.unreadableCount, created, updated, unchanged, skipped, failed },
		endedBytes:
			firstUnfinished === null
				? found.receivedBytes
				: await findEndByte(transaction, siteId, found.importId, partOfKey(firstUnfinished) - 1),
		rate: lastEnded === null ? null : await findRate(transaction, siteId, found, partOfKey(lastEnded)),
		now,
	};
}

async function countTasks(transaction: Transaction, siteId: string, found: StoredImport): Promise<Counts> {
	const { from, to } = keysOfImport(found.importId);
	const [counts] = await transaction.query<Counts>(countStatement, [siteId, found.operation, from, to]);
	if (counts === undefined) throw new Error("counting gives a row");
	return counts;
}

const endByteStatement = {
	name: "find-import-part-end",
	text: `
		select end_byte as "endByte" from muster.import_part
		where site_id = $1 and import_id = $2 and part = $3`,
};

async function findEndByte(
	transaction: Transaction,
	siteId: string,
	importId: string,
	part: number,
): Promise<number> {
	const [found] = await transaction.query<{ endByte: number }>(endByteStatement, [siteId, importId, part]);
	return found?.endByte ?? 0;
}

/** Most parts that the rate is told by: what was long ago says little. */
const ratePartsMax = 4_000;

const fromStatement = {
	name: "find-import-task-from",
	text: `
		select idempotency_key as key, ended_at as "endedAt"
		from muster.task
		where site_id = $1 and operation = $2 and idempotency_key >= $3 and idempotency_key <= $4
		order by idempotency_key
		limit 1`,
};

/**
 * By what has ended of late, but for the first eighth: the beginning, with its cold caches, says little of what is to come,
 * and a short while, with a checkpoint in it or not, says little as well.
 */
async function findRate(
	transaction: Transaction,
	siteId: string,
	{ importId, operation, itemCount, receivedBytes }: StoredImport,
	last: number,
): Promise<ImportProgress["rate"]> {
	const find = async (part: number): Promise<{ readonly bytes: number; readonly at: Date } | null> => {
		const keys = [keyOfPart(importId, part), keyOfPart(importId, last)];
		const values = [siteId, operation, ...keys];
		const [found] = await transaction.query<{ key: string; endedAt: Date | null }>(fromStatement, values);
		if (found === undefined || found.endedAt === null) return null;
		const bytes = await findEndByte(transaction, siteId, importId, partOfKey(found.key));
		return { bytes, at: found.endedAt };
	};
	const began = await find(Math.max(Math.floor(last / 8), last - ratePartsMax));
	const ended = await find(last);
	if (began === null || ended === null || ended.at <= began.at) return null;
	const bytes = (ended.bytes - began.bytes) / ((ended.at.valueOf() - began.at.valueOf()) / 1_000);
	return { bytes, items: bytes * (itemCount / receivedBytes) };
}

/** The part that a task of an import is of, by its key. */
export function partOfKey(key: string): number {
	return Number(key.slice(key.lastIndexOf(" ") + 1));
}
