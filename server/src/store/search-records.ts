import type { Entity } from "@muster/client/contract";
import type { RecordSearch } from "../domain/record-search.ts";
import type { Transaction } from "./database.ts";
import { inOrder, Scan } from "./scan-records.ts";

/** A part of a search's records, in the order of their ids, which is that in which they were created. */
export interface Found {
	/** So many as were asked for, or fewer. */
	readonly ids: readonly string[];
	/** Where to go on, where there is more to look at; null at the end. */
	readonly place: string | null;
}

/**
 * Most records that one page looks at: 20 to 40 ms. So a page of a site of this size is always full, and no search
 * of a larger one takes long: its page may come with few records, or none, and a place to go on from.
 */
export const lookedAtMax = 30_000;

/** What is looked at before anything else is tried: enough to tell how many of the records are sought. */
export const firstWindow = 5_000;

/** No window is smaller than this, so that the last few records of a page cost few statements. */
const windowMin = 1_000;

/**
 * Finds records behind a place. Those of the first windows are judged in their order, so that a search which many records
 * answer is over soon. Where they show that the page is soon full, so are the next ones. If not, the records are few: then
 * an index that knows them is tried (of emails or names by their beginning, of words where `muster search-index` has made
 * one). Where there is none, or it knows too many, the rest is judged in whatever order is fastest.
 *
 * The transaction has to read at one moment: each step goes on from what the one before has seen.
 */
export async function searchRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	search: RecordSearch,
	page: { readonly after: string | null; readonly limit: number },
): Promise<Found> {
	const scan = new Scan(transaction, siteId, entity, search);
	const ids: string[] = [];
	let place = page.after;
	let looked = 0;
	await transaction.query(inOrder, []);
	for (let records = scan.isOpen ? page.limit : page.limit * 10; records > 0; ) {
		const { found, seen } = await scan.judged(place, records, page.limit - ids.length);
		ids.push(...found);
		if (ids.length >= page.limit) return { ids, place: ids.at(-1) ?? null };
		place = seen < records ? null : await scan.placeBehind(place, records);
		if (place === null) return { ids, place };
		looked += seen;
		records = nextWindow(looked, ids.length, page.limit, search);
	}
	// Members come by their own index already, and may be anywhere among the customers.
	if (place === null || looked >= lookedAtMax || search.organizationId !== undefined) return { ids, place };
	const narrow = await scan.narrowed(place);
	const end = narrow === null ? await scan.placeBehind(place, lookedAtMax - looked) : null;
	const rest = page.limit - ids.length;
	ids.push(...(narrow === null ? await scan.swept(place, end, rest) : await scan.among(narrow, rest)));
	return { ids, place: ids.length >= page.limit ? (ids.at(-1) ?? null) : end };
}

/** How many records to judge in their order next, from how many were found among those looked at; 0: another way is better. */
function nextWindow(looked: number, found: number, limit: number, search: RecordSearch): number {
	if (looked < firstWindow) return firstWindow;
	const left = Math.max(lookedAtMax - looked, 0);
	if (search.organizationId !== undefined) return left;
	// Half as many again as it takes if they go on like this. In any other order they cost half as much.
	const needed = Math.max(windowMin, Math.ceil((1.5 * looked * (limit - found)) / found));
	return needed <= left / 2 ? needed : 0;
}
