import { randomBytes } from "node:crypto";
import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { Draft } from "../domain/draft.ts";
import type { Fold, Pair } from "../domain/fold-items.ts";
import { chanceBytes, newIds } from "../domain/new-ids.ts";
import type { Transaction } from "./database.ts";
import { insertDetailFields } from "./detail-fields.ts";
import { insertMemberships } from "./insert-memberships.ts";
import { insertRecords } from "./insert-records.ts";
import { insertEntitled } from "./load-entitled.ts";
import { membershipOf } from "./load-links.ts";
import { parkKeys, stampRecords, updateRecords } from "./update-records.ts";

/** What is to be written of a fold. */
export interface Writes {
	readonly entity: Entity;
	readonly newFields: readonly DetailField[];
	readonly created: readonly Draft[];
	readonly changed: readonly Draft[];
	/** Records of which only sourceUpdatedAt or the last change is another. */
	readonly stamped: readonly Draft[];
	/** Records that are newly associated with others, or with products. */
	readonly linked: readonly Draft[];
}

/** What a fold has made different from what is stored. */
export function writesOf(entity: Entity, fold: Fold): Writes {
	const created: Draft[] = [];
	const changed: Draft[] = [];
	const stamped: Draft[] = [];
	for (const draft of fold.drafts) {
		if (draft.stored === null) created.push(draft);
		else if (draft.isChanged()) changed.push(draft);
		else if (draft.isStampedAnew()) stamped.push(draft);
	}
	const linked = fold.drafts.filter((draft) => draft.addedLinks.length + draft.addedProducts.length > 0);
	return { entity, newFields: fold.newFields, created, changed, stamped, linked };
}

/**
 * Gives ids to records that are to be created.
 * @param nowMs by the database's clock
 * @param takeNumbers gives the first of so many numbers that no organization has had
 */
export async function giveIds(
	{ entity, created }: Writes,
	nowMs: number,
	takeNumbers: (count: number) => Promise<number>,
): Promise<void> {
	if (created.length === 0) return;
	const idOf =
		entity === "customer"
			? newIds(nowMs, randomBytes(chanceBytes))
			: countingFrom(await takeNumbers(created.length));
	for (const [place, draft] of created.entries()) draft.id = idOf(place);
}

function countingFrom(first: number): (place: number) => string {
	return (place) => String(first + place);
}

/** Rows of one statement: while the database writes one lot, the next is put into words. */
const rowsPerStatement = 250;

/**
 * Writes in a few statements, sent without waiting in between.
 * @throws 40001, 23505 or 23503 where somebody else was faster
 */
export async function writeFold(transaction: Transaction, siteId: string, writes: Writes): Promise<void> {
	const { entity, newFields, changed, stamped, created, linked } = writes;
	const memberships = pairsWith(linked, (draft) => draft.addedLinks).map((pair) =>
		membershipOf(entity, pair),
	);
	const entitled = pairsWith(linked, (draft) => draft.addedProducts);
	await Promise.all([
		newFields.length > 0 ? insertDetailFields(transaction, siteId, entity, newFields) : null,
		// Updates first: a new record may take a key that an old one has given up.
		parkKeys(transaction, siteId, entity, changed),
		...inLots(changed).map((lot) => updateRecords(transaction, siteId, entity, lot)),
		stamped.length > 0 ? stampRecords(transaction, siteId, entity, stamped) : null,
		...inLots(created).map((lot) => insertRecords(transaction, siteId, entity, lot)),
		memberships.length > 0 ? insertMemberships(transaction, siteId, memberships) : null,
		entitled.length > 0 ? insertEntitled(transaction, siteId, entity, entitled) : null,
	]);
}

function pairsWith(drafts: readonly Draft[], othersOf: (draft: Draft) => readonly string[]): Pair[] {
	return drafts.flatMap((draft) =>
		othersOf(draft).map((other) => {
			if (draft.id === null) throw new Error("a record is written without an id");
			return { record: draft.id, other };
		}),
	);
}

function inLots<T>(rows: readonly T[]): T[][] {
	const count = Math.ceil(rows.length / rowsPerStatement);
	return Array.from({ length: count }, (_, lot) =>
		rows.slice(lot * rowsPerStatement, (lot + 1) * rowsPerStatement),
	);
}
