import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { Snapshot } from "../domain/fold-items.ts";
import type { Item } from "../domain/item.ts";
import { words } from "../domain/record.ts";
import type { Transaction } from "./database.ts";
import { listDeletedFieldIds, listDetailFields } from "./detail-fields.ts";
import { findFieldsVersion } from "./expect-turn.ts";
import { loadEntitled, nameProducts } from "./load-entitled.ts";
import { loadMemberships, membershipOf, nameRecords } from "./load-links.ts";
import { loadRecords } from "./load-records.ts";
import { pairsOf } from "./pairs.ts";
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
	const productLinks = items.flatMap((item) => item.products);
	const [nowMs, fieldsVersion, fields, deletedFieldIds, records, others, products] = await Promise.all([
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
		productLinks.length === 0
			? []
			: nameProducts(transaction, siteId, {
					ids: present(productLinks.map((link) => link.id)),
					keys: present(productLinks.map((link) => link.key)),
				}),
	]);
	const pairs = pairsOf(items, (item) => item.links, records, others);
	const wanted = pairsOf(items, (item) => item.products, records, products);
	const [memberships, entitled] = await Promise.all([
		pairs.length === 0
			? []
			: loadMemberships(
					transaction,
					siteId,
					pairs.map((pair) => membershipOf(entity, pair)),
				),
		wanted.length === 0 ? [] : loadEntitled(transaction, siteId, entity, wanted),
	]);
	const found = memberships.map(({ customer, organization }) =>
		entity === "customer"
			? { record: customer, other: organization }
			: { record: organization, other: customer },
	);
	const snapshot = { records, others, links: found, products, entitled };
	return { fields, deletedFieldIds, fieldsVersion, nowMs, snapshot };
}

function present(texts: readonly (string | null | undefined)[]): string[] {
	return [...new Set(texts.filter((text) => text != null))];
}
