import type { ImportFormat } from "@muster/client/contract";
import type { TaskTexts } from "../domain/erase-task.ts";
import type { Transaction } from "./database.ts";
import { textArray } from "./text-array.ts";

/** Tasks that are looked through in one statement: some megabytes of text. */
const batchMax = 500;

/** A task that may name somebody. */
export interface MentioningTask extends TaskTexts {
	readonly number: number;
	readonly taskId: string;
	readonly operation: string;
	readonly idempotencyKey: string;
	readonly endedAt: Date | null;
	/** Of a task that has not ended. */
	readonly items: string | null;
}

const boundsStatement = {
	name: "find-bounds-of-tasks",
	text: `
		select coalesce(
			(select min(number) from muster.task where site_id = $1 and ended_at is null),
			(select max(number) + 1 from muster.task where site_id = $1),
			0) as "endedBelow", clock_timestamp() as now`,
};

/** Below which number all tasks have ended, but for those that are just being accepted; and what time it is. */
export async function findBounds(
	transaction: Transaction,
	siteId: string,
): Promise<{ readonly endedBelow: number; readonly now: Date }> {
	const [bounds] = await transaction.query<{ endedBelow: number; now: Date }>(boundsStatement, [siteId]);
	if (bounds === undefined) throw new Error("a count has no row");
	return bounds;
}

const batchStatement = {
	name: "find-batch-of-tasks",
	text: `
		select max(number) as last
		from (
			select number from muster.task where site_id = $1 and number > $2 order by number limit ${batchMax}
		) as batch`,
};

const columns = `number, task_id as "taskId", operation, idempotency_key as "idempotencyKey", ended_at as "endedAt",
	items, results, failed_items as "failedItems", images`;

const searchStatement = {
	name: "search-tasks-for-words",
	text: `
		select ${columns}
		from muster.task
		where site_id = $1 and number > $2 and number <= $3 and exists (
			select from unnest($4::text[]) as word
			where strpos(lower(concat_ws(' ', items, results, failed_items, images)), word) > 0)
		order by number`,
};

/** The tasks behind a number that have one of the words, batch by batch; each transaction that `run` makes is short. */
export async function* searchTasks(
	run: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>,
	siteId: string,
	behind: number,
	words: readonly string[],
): AsyncGenerator<MentioningTask> {
	for (let from = behind; ; ) {
		const [last, found] = await run(async (transaction) => {
			const [batch] = await transaction.query<{ last: number | null }>(batchStatement, [siteId, from]);
			const end = batch?.last ?? null;
			if (end === null) return [null, []] as const;
			const values = [siteId, from, end, textArray(words)];
			return [end, await transaction.query<MentioningTask>(searchStatement, values)] as const;
		});
		yield* found;
		if (last === null) return;
		from = last;
	}
}

const readStatement = {
	name: "read-mentioning-tasks",
	text: `select ${columns} from muster.task where site_id = $1 and number = any($2::bigint[]) order by number`,
};

export function readTasks(
	transaction: Transaction,
	siteId: string,
	numbers: readonly number[],
): Promise<MentioningTask[]> {
	return transaction.query<MentioningTask>(readStatement, [siteId, numbers]);
}

/** Lines of an import that may name somebody. */
export interface MentioningPart {
	readonly importId: string;
	readonly part: number;
	readonly format: ImportFormat;
	readonly lines: string;
	readonly unreadable: string | null;
}

const partsStatement = {
	name: "search-import-parts",
	text: `
		select import_id as "importId", part, format, lines, unreadable
		from muster.import_part
		join muster.import using (site_id, import_id)
		where site_id = $1 and (
			format('import %s %s', import_id, lpad(part::text, 9, '0')) = any($3::text[])
			or received_at >= coalesce($4::timestamptz, '-infinity') and exists (
				select from unnest($2::text[]) as word
				where strpos(lower(concat_ws(' ', lines, unreadable)), word) > 0))
		order by import_id, part`,
};

/** Which parts of imports: those whose task has one of the keys, and those that have one of the words. */
export interface PartSearch {
	readonly words: readonly string[];
	readonly keys: readonly string[];
	/** Only of imports of which something was received since, as far as words go. */
	readonly since: Date | null;
}

export function searchParts(
	transaction: Transaction,
	siteId: string,
	{ words, keys, since }: PartSearch,
): Promise<MentioningPart[]> {
	const values = [siteId, textArray(words), textArray(keys), since];
	return transaction.query<MentioningPart>(partsStatement, values);
}

/** A write of one record, with what it found there. */
export interface OwnWrite {
	readonly number: number;
	readonly writtenAt: Date;
	readonly image: string | null;
}

const writesStatement = {
	name: "find-own-writes",
	text: `
		select number, written_at as "writtenAt", image
		from muster.single_write
		where site_id = $1 and record_id = $2
		order by number`,
};

export function findOwnWrites(transaction: Transaction, siteId: string, id: string): Promise<OwnWrite[]> {
	return transaction.query<OwnWrite>(writesStatement, [siteId, id]);
}
