import type { EndedPlace } from "../domain/import-pace.ts";
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
	/** How it came there, as importPace asks for it. */
	readonly places: readonly EndedPlace[];
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
		places: lastEnded === null ? [] : await findEndedPlaces(transaction, siteId, found, partOfKey(lastEnded)),
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

/** Places that the pace is told by: enough that their steps, a few thousandths of the way, are not felt. */
const placesMax = 256;

const placesStatement = {
	name: "find-import-ended-places",
	text: `
		select import_part.end_byte as bytes, task.ended_at as "endedAt"
		from unnest($4::integer[], $5::text[]) as place (part, key)
		cross join lateral (
			select end_byte from muster.import_part
			where site_id = $1 and import_id = $2 and part = place.part
		) as import_part
		cross join lateral (
			select ended_at from muster.task
			where site_id = $1 and operation = $3 and idempotency_key = place.key and ended_at is not null
		) as task
		order by place.part`,
};

/** Parts whose lines were all unreadable have no task, and are no place. */
async function findEndedPlaces(
	transaction: Transaction,
	siteId: string,
	{ importId, operation }: StoredImport,
	last: number,
): Promise<readonly EndedPlace[]> {
	const count = Math.min(placesMax, last + 1);
	const parts = Array.from(
		{ length: count },
		(_, place) => Math.round(((place + 1) / count) * (last + 1)) - 1,
	);
	const keys = parts.map((part) => keyOfPart(importId, part));
	const found = await transaction.query<{ bytes: number; endedAt: Date }>(placesStatement, [
		siteId,
		importId,
		operation,
		parts,
		keys,
	]);
	return merged(found.map(({ bytes, endedAt }) => ({ bytes, atMs: endedAt.valueOf() })));
}

/** What ended at one time is one place. */
function merged(places: readonly EndedPlace[]): readonly EndedPlace[] {
	return places.filter(({ atMs }, at) => atMs !== places[at + 1]?.atMs);
}

/** The part that a task of an import is of, by its key. */
export function partOfKey(key: string): number {
	return Number(key.slice(key.lastIndexOf(" ") + 1));
}
