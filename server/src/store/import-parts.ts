import type { ItemResult } from "../domain/item-result.ts";
import type { Database } from "./database.ts";
import { keysOfImport, type UnreadableLine } from "./save-import-parts.ts";

/** A part of a file with what became of its items. */
export interface EndedPart {
	readonly part: number;
	readonly firstLine: number;
	readonly lines: string;
	readonly unreadable: readonly UnreadableLine[];
	readonly results: readonly ItemResult[];
}

interface Row {
	part: number;
	firstLine: number;
	lines: string;
	unreadable: string | null;
	hasItems: boolean;
	isEnded: boolean;
	results: string | null;
}

/** Parts that are read at a time: some hundreds of KB. */
const pageParts = 8;

const statement = {
	name: "import-parts",
	text: `
		select part, first_line as "firstLine", lines, unreadable, item_count > 0 as "hasItems",
			ended_at is not null as "isEnded", results
		from muster.import_part
		left join lateral (
			select ended_at, failed_count, results from muster.task
			where task.site_id = $1 and operation = $4
				and idempotency_key = ($5 || lpad(part::text, 9, '0')) collate "C"
			limit 1
		) as task on true
		where import_part.site_id = $1 and import_id = $2 and part >= $3
			and ($6 or unreadable is not null or failed_count > 0)
		order by part
		limit ${pageParts}`,
};

/**
 * The parts of an import with what became of them, in their order, up to the first whose task has not ended; one whose task
 * was forgotten is left out. Each page is a transaction of its own, so that a slow reader holds none.
 * @param onlyFailed leaves out parts without a failure
 */
export async function* endedParts(
	database: Database,
	siteId: string,
	{ importId, operation }: { readonly importId: string; readonly operation: string },
	onlyFailed: boolean,
): AsyncGenerator<EndedPart, void> {
	const keys = keysOfImport(importId);
	const until = await firstUnfinishedPart(database, siteId, operation, keys);
	for (let next = 0; ; ) {
		const rows = await database.inSite(
			siteId,
			(transaction) =>
				transaction.query<Row>(statement, [siteId, importId, next, operation, keys.from, !onlyFailed]),
			{ readOnly: true, byKey: true },
		);
		for (const { part, firstLine, lines, unreadable, hasItems, isEnded, results } of rows) {
			if (until !== null && part >= until) return;
			if (hasItems && !isEnded) continue;
			yield {
				part,
				firstLine,
				lines,
				// Both were written by this program, from these types.
				unreadable: unreadable === null ? [] : (JSON.parse(unreadable) as UnreadableLine[]),
				results: results === null ? [] : (JSON.parse(results) as ItemResult[]),
			};
		}
		if (rows.length < pageParts) return;
		next = (rows.at(-1)?.part ?? next) + 1;
	}
}

const unfinishedStatement = {
	name: "first-unfinished-import-part",
	text: `
		select right(min(idempotency_key), 9)::integer as part
		from muster.task
		where site_id = $1 and operation = $2 and ended_at is null
			and idempotency_key > $3 and idempotency_key < $4`,
};

async function firstUnfinishedPart(
	database: Database,
	siteId: string,
	operation: string,
	{ from, to }: { readonly from: string; readonly to: string },
): Promise<number | null> {
	const rows = await database.inSite(
		siteId,
		(transaction) =>
			transaction.query<{ part: number | null }>(unfinishedStatement, [siteId, operation, from, to]),
		{ readOnly: true, byKey: true },
	);
	return rows[0]?.part ?? null;
}
