import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { Snapshot } from "../domain/fold-items.ts";
import type { Item, Link } from "../domain/item.ts";
import { words } from "../domain/record.ts";
import type { Transaction } from "./database.ts";
import { listDeletedFieldIds, listDetailFields } from "./detail-fields.ts";
import { findFieldsVersion } from "./expect-turn.ts";
import { loadMemberships, membershipOf, nameRecords } from "./load-links.ts";
import { loadRecords } from "./load-records.ts";
import { readClock } from "./read-clock.ts";

/** What the database holds of what the items name. */
export interface Surroundings {
	readonly fields: readonly DetailField[];
	readonly deletedFieldIds: readonly string[];
	/** See findFieldsVersion. */
	readonly fieldsVersion: string;
	/** By the database's clock, in milliseconds since 1970. */
	readonly nowMs: number;
	readonly snapshot: Snapshot;
}

/** Reads what items are folded by, in two round trips whatever their number. */
export async function readSurroundings(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	items: readonly Item[],
): Promise<Surroundings> {
	const links = items.flatMap((item) => item.links);
	const [nowMs, fieldsVersion, fields, deletedFieldIds, records, others] = await Promise.all([
		readClock(transaction),
		// Ahead of the fields: what changes in between is found to be outdated.
		findFieldsVersion(transaction, siteId, entity),
		listDetailFields(transaction, siteId, entity),
		listDeletedFieldIds(transaction, siteId, entity),
		loadRecords(transaction, siteId, entity, {
			ids: present(items.map((item) => item.id)),
			keys: present(items.map((item) => item.address?.key)),
		}),
		links.length === 0
			? []
			: nameRecords(transaction, siteId, words[entity].other, {
					ids: present(links.map((link) => link.id)),
					keys: present(links.map((link) => link.key)),
				}),
	]);
	const pairs = pairsOf(items, records, others);
	const memberships =
		pairs.length === 0
			? []
			: await loadMemberships(
					transaction,
					siteId,
					pairs.map((pair) => membershipOf(entity, pair)),
				);
	const found = memberships.map(({ customer, organization }) =>
		entity === "customer"
			? { record: customer, other: organization }
			: { record: organization, other: customer },
	);
	return { fields, deletedFieldIds, fieldsVersion, nowMs, snapshot: { records, others, links: found } };
}

function present(texts: readonly (string | null | undefined)[]): string[] {
	return [...new Set(texts.filter((text) => text != null))];
}

interface Pair {
	readonly record: string;
	readonly other: string;
}

interface Keyed {
	readonly id: string;
	readonly key: string;
}

/** The associations that items ask for between records that are there: only of these may one be there already. */
function pairsOf(items: readonly Item[], records: readonly Keyed[], others: readonly Keyed[]): Pair[] {
	if (records.length === 0 || others.length === 0) return [];
	const idOfRecord = finderOf(records);
	const idOfOther = finderOf(others);
	return items.flatMap((item) => {
		const named = [idOfRecord(item.id, undefined), idOfRecord(undefined, item.address?.key)];
		const ids = [...new Set(named.filter((id) => id !== undefined))];
		const otherIds = item.links
			.map((link: Link) => idOfOther(link.id, link.key))
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
