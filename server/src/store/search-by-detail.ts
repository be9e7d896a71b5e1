import type { Entity } from "@muster/client/contract";
import type { DetailCondition } from "../domain/detail-condition.ts";
import type { Transaction } from "./database.ts";
import { inAnyOrder, inOrder, Scan } from "./scan-records.ts";
import { firstWindow } from "./search-records.ts";

/** Most records that are gone through in their order: counting twice as many off takes 40 ms. */
const inOrderMax = 250_000;

/**
 * Ids of the records that meet every condition, in the order in which they were created: a page that is counted off from
 * the first one, so a far one looks at all that is ahead of it. The first records tell how many fit: where the page is near
 * they are gone through in their order, and else all in whatever order is fastest.
 *
 * The transaction has to read at one moment.
 */
export async function searchByDetail(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	conditions: readonly DetailCondition[],
	page: { readonly limit: number; readonly offset: number },
): Promise<readonly string[]> {
	const scan = new Scan(transaction, siteId, entity, { words: [], conditions });
	const needed = page.offset + page.limit;
	await transaction.query(inOrder, []);
	const { found, seen } = await scan.judged(null, firstWindow, needed);
	if (found.length === needed || seen < firstWindow) return found.slice(page.offset);
	// In their order records cost twice as much, and it is only worth it where half of them need not be looked at.
	const expected = Math.ceil((seen * needed) / found.length);
	const isNear = expected <= inOrderMax && (await scan.placeBehind(null, 2 * expected)) !== null;
	if (!isNear) await transaction.query(inAnyOrder, []);
	return scan.counted(page);
}
