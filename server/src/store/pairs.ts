import type { Pair } from "../domain/fold-items.ts";
import type { Item, Link } from "../domain/item.ts";

interface Keyed {
	readonly id: string;
	readonly key: string;
}

/**
 * The associations that items ask for between records, and records or products, that are there: only of these may one be
 * there already.
 */
export function pairsOf(
	items: readonly Item[],
	linksOf: (item: Item) => readonly Link[],
	records: readonly Keyed[],
	others: readonly Keyed[],
): Pair[] {
	if (records.length === 0 || others.length === 0) return [];
	const idOfRecord = finderOf(records);
	const idOfOther = finderOf(others);
	return items.flatMap((item) => {
		const named = [idOfRecord(item.id, undefined), idOfRecord(undefined, item.address?.key)];
		const ids = [...new Set(named.filter((id) => id !== undefined))];
		const otherIds = linksOf(item)
			.map((link) => idOfOther(link.id, link.key))
			.filter((id) => id !== undefined);
		return ids.flatMap((record) => otherIds.map((other) => ({ record, other })));
	});
}

function finderOf(records: readonly Keyed[]) {
	const ids = new Set(records.map((record) => record.id));
	const byKey = new Map(records.map((record) => [record.key, record.id]));
	return (id: string | null | undefined, key: string | null | undefined): string | undefined => {
		if (id != null) return ids.has(id) ? id : undefined;
		return key == null ? undefined : byKey.get(key);
	};
}
