import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Operation, operationNamed } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { Draft } from "../domain/draft.ts";
import { FieldSet } from "../domain/field-set.ts";
import { type Fold, foldItems, type Snapshot } from "../domain/fold-items.ts";
import type { Item, Link } from "../domain/item.ts";
import { resultOf } from "../domain/item-result.ts";
import { parseItems } from "../domain/json.ts";
import { judgeItem } from "../domain/judge-item.ts";
import { chanceBytes, newIds } from "../domain/new-ids.ts";
import { words } from "../domain/record.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Transaction } from "../store/database.ts";
import { insertDetailFields, listDeletedFieldIds, listDetailFields } from "../store/detail-fields.ts";
import { findFieldsVersion } from "../store/expect-turn.ts";
import type { Site } from "../store/find-site.ts";
import type { FinishedTask } from "../store/finish-tasks.ts";
import { insertMemberships } from "../store/insert-memberships.ts";
import { insertRecords } from "../store/insert-records.ts";
import { loadMemberships, type Membership, nameRecords } from "../store/load-links.ts";
import { loadRecords } from "../store/load-records.ts";
import { readClock } from "../store/read-clock.ts";
import { parkKeys, updateRecords } from "../store/update-records.ts";

/** Tasks of one operation with their items as judged by themselves. */
export interface JudgedTasks {
	readonly tasks: readonly ClaimedTask[];
	readonly operation: Operation;
	/** The items of all tasks, in order. */
	readonly items: readonly Item[];
}

/**
 * Judges the items of tasks of one operation. What depends on fields and records comes when they are folded. Between two
 * tasks the requests that have come meanwhile have their turn: they would wait for all of a claim otherwise.
 */
export async function judgeTasks(
	tasks: readonly [ClaimedTask, ...ClaimedTask[]],
	site: Site,
): Promise<JudgedTasks> {
	const operation = operationNamed(tasks[0].operation);
	const context = { siteId: site.siteId, ignoreUnknownKeys: site.settings.unknownKeys === "ignore" };
	const items: Item[] = [];
	for (const task of tasks) {
		if (items.length > 0) await setImmediate();
		for (const [index, sent] of parseItems(task).entries()) {
			items.push(judgeItem(operation, sent, index, context));
		}
	}
	return { tasks, operation, items };
}

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

export async function readSurroundings(
	transaction: Transaction,
	siteId: string,
	{ operation: { entity }, items }: JudgedTasks,
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

function membershipOf(entity: Operation["entity"], { record, other }: Pair): Membership {
	return entity === "customer"
		? { customer: record, organization: other }
		: { customer: other, organization: record };
}

/** What the items of tasks come to. */
export interface Folded {
	/** null for a dry run. */
	readonly writes: Writes | null;
	/** The tasks with the results of their items; asked for when new records have their ids. */
	finished(): FinishedTask[];
}

/** Applies the items, in order, to what the database holds, in memory. */
export function foldTasks(judged: JudgedTasks, { settings }: Site, surroundings: Surroundings): Folded {
	const { tasks, operation, items } = judged;
	const dryRun = tasks[0]?.dryRun === true; // one is claimed alone
	const fold = foldItems(items, surroundings.snapshot, {
		entity: operation.entity,
		settings,
		dryRun,
		fields: new FieldSet(surroundings.fields, surroundings.deletedFieldIds),
	});
	return {
		writes: dryRun ? null : writesOf(operation.entity, fold),
		finished: () => finishedOf(tasks, fold, dryRun),
	};
}

function finishedOf(tasks: readonly ClaimedTask[], fold: Fold, dryRun: boolean): FinishedTask[] {
	let from = 0;
	return tasks.map(({ taskId, itemCount }) => {
		const mine = fold.items.slice(from, from + itemCount);
		from += itemCount;
		return { taskId, failed: false, results: mine.map((folded) => resultOf(folded, dryRun)) };
	});
}

/** What is to be written of a fold. */
export interface Writes {
	readonly entity: Operation["entity"];
	readonly newFields: readonly DetailField[];
	readonly created: readonly Draft[];
	readonly changed: readonly Draft[];
	/** Records that are newly associated with others. */
	readonly linked: readonly Draft[];
}

function writesOf(entity: Operation["entity"], fold: Fold): Writes {
	return {
		entity,
		newFields: fold.newFields,
		created: fold.drafts.filter((draft) => draft.stored === null),
		changed: fold.drafts.filter((draft) => draft.stored !== null && draft.isRowChanged()),
		linked: fold.drafts.filter((draft) => draft.addedLinks.length > 0),
	};
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
export async function write(transaction: Transaction, siteId: string, writes: Writes): Promise<void> {
	const { entity, newFields, changed, created, linked } = writes;
	const memberships = linked.flatMap((draft) =>
		draft.addedLinks.map((other) => {
			if (draft.id === null) throw new Error("a record is written without an id");
			return membershipOf(entity, { record: draft.id, other });
		}),
	);
	await Promise.all([
		newFields.length > 0 ? insertDetailFields(transaction, siteId, entity, newFields) : null,
		// Updates first: a new record may take a key that an old one has given up.
		parkKeys(transaction, siteId, entity, changed),
		...inLots(changed).map((lot) => updateRecords(transaction, siteId, entity, lot)),
		...inLots(created).map((lot) => insertRecords(transaction, siteId, entity, lot)),
		memberships.length > 0 ? insertMemberships(transaction, siteId, memberships) : null,
	]);
}

function inLots<T>(rows: readonly T[]): T[][] {
	const count = Math.ceil(rows.length / rowsPerStatement);
	return Array.from({ length: count }, (_, lot) =>
		rows.slice(lot * rowsPerStatement, (lot + 1) * rowsPerStatement),
	);
}
