import type { Operation } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import { type Fault, show } from "../domain/fault.ts";
import { FieldSet } from "../domain/field-set.ts";
import { type FoldedItem, foldItems } from "../domain/fold-items.ts";
import type { Item } from "../domain/item.ts";
import { judgeItem } from "../domain/judge-item.ts";
import { customerIdText, words } from "../domain/record.ts";
import { OutcomeUnknown, type Transaction } from "../store/database.ts";
import { findRecords, type ReadRecord } from "../store/find-records.ts";
import { takeOrganizationIds } from "../store/insert-records.ts";
import { isPassing } from "../store/is-passing.ts";
import { lockDetailFields, lockRecord } from "../store/lock-record.ts";
import { readSurroundings } from "../store/read-surroundings.ts";
import { keepSingleWrite, takeChangeNumber } from "../store/single-writes.ts";
import { giveIds, writeFold, writesOf } from "../store/write-fold.ts";
import { messageOf } from "./dialects/dialect.ts";
import { errorOf } from "./dialects/guide.ts";
import { notFound, ProblemError } from "./problem-error.ts";
import type { Call } from "./route.ts";

/** A write of one record, told as an item of the bulk operation that writes the same. */
export interface RecordWrite {
	readonly operation: Operation;
	/** The record that the path names; null where one is to be created. */
	readonly id: string | null;
	/** What such an item holds, without an id. */
	readonly fields: Readonly<Record<string, unknown>>;
	/** Turns a pointer into `fields` into one into the body. */
	readonly pointerOf: (pointer: string) => string;
}

export interface Written {
	/** The record as it is now. */
	readonly record: ReadRecord;
	/** The detail fields of its entity, those that were made for it included. */
	readonly fields: readonly DetailField[];
}

/**
 * Writes one record at once, beside the queue: judged and folded as an item of a task is, in a transaction of its own.
 * @throws ProblemError not_found, invalid_request with every fault, conflict where another record has the email or name,
 * stale where what is stored is newer
 */
export async function writeRecord(call: Call, asked: RecordWrite): Promise<Written> {
	const { siteId, settings } = call.principal;
	const item = judgeItem(asked.operation, sentOf(siteId, asked), 0, {
		siteId,
		ignoreUnknownKeys: settings.unknownKeys === "ignore",
	});
	const { lanes } = call.services;
	const record = `${asked.operation.entity} ${asked.id ?? item.address?.key}`;
	const attempt = (hasLane: boolean) => (transaction: Transaction) =>
		tryWrite(transaction, call, { asked, item, hasLane });
	const written =
		(await whilePassing(() => lanes.beside(siteId, record, attempt(false)))) ??
		// Few writes make a field, and only the lane's holder may.
		(await whilePassing(() => lanes.alone(siteId, attempt(true))));
	if (written === null) throw new Error("a write that holds the lane asked for it again");
	return written;
}

/** Tries of a write that others are in the way of. Its record is locked, so what is left is clashes of keys, and deletes. */
const roundsMax = 10;

/**
 * Does it again where somebody else was faster.
 * @throws ProblemError unavailable where somebody always is; outcome_unknown, which for want of a key cannot be answered by
 * sending it again
 */
export async function whilePassing<T>(work: () => Promise<T>): Promise<T> {
	for (let round = 1; ; round += 1) {
		try {
			return await work();
		} catch (error) {
			if (error instanceof OutcomeUnknown) {
				throw new ProblemError(
					"outcome_unknown",
					"It is not known whether this was saved; read the record before you send it again.",
					{ ...soon, cause: error.cause },
				);
			}
			if (!isPassing(error)) throw error;
			if (round < roundsMax) continue;
			throw new ProblemError(
				"unavailable",
				"Others keep changing the same record. Nothing was saved; send the same request again.",
				{ ...soon, cause: error },
			);
		}
	}
}

const soon = { headers: { "retry-after": "1" } };

/** The item, in the reference's shape: there, nothing of `fields` can be mistaken for what is the item's own. */
function sentOf(siteId: string, { operation: { entity }, id, fields }: RecordWrite): unknown {
	if (id === null) return { operationType: "CREATE", payload: fields };
	const wireId = entity === "customer" ? customerIdText(siteId, id) : id;
	return { operationType: "UPDATE", payload: { ...fields, [words[entity].idKeys[0]]: wireId } };
}

interface Try {
	readonly asked: RecordWrite;
	readonly item: Item;
	/** Whether the transaction holds the site's lane, and so may make fields. */
	readonly hasLane: boolean;
}

/** @returns null where the lane is needed; nothing is written then */
async function tryWrite(
	transaction: Transaction,
	call: Call,
	{ asked, item, hasLane }: Try,
): Promise<Written | null> {
	const { siteId, settings, tokenId } = call.principal;
	const { entity } = asked.operation;
	// What is locked is locked before anything is read, in the order of those who change fields: lane, fields, records.
	const [, , number, surroundings] = await Promise.all([
		item.edits.length === 0 ? null : lockDetailFields(transaction, siteId, entity),
		asked.id === null ? null : lockRecord(transaction, siteId, entity, asked.id),
		settings.history ? takeChangeNumber(transaction) : null,
		readSurroundings(transaction, siteId, entity, [item]),
	]);
	const { snapshot, nowMs } = surroundings;
	if (asked.id !== null && !snapshot.records.some(({ id }) => id === asked.id)) throw notFound();
	const fields = new FieldSet(surroundings.fields, surroundings.deletedFieldIds);
	const fold = foldItems([{ number, items: [item] }], snapshot, { entity, settings, dryRun: false, fields });
	const [folded] = fold.items;
	if (folded === undefined) throw new Error("an item was not folded");
	if (folded.faults.length > 0) throw refusalOf(siteId, asked, folded);
	if (fold.newFields.length > 0 && !hasLane) return null;
	const writes = writesOf(entity, fold);
	await giveIds(writes, nowMs, (count) => takeOrganizationIds(transaction, siteId, count));
	const id = folded.draft?.id;
	if (id == null) throw new Error("a record is written without an id");
	const [, [record]] = await transaction.commit(() =>
		Promise.all([
			writeFold(transaction, siteId, writes),
			findRecords(transaction, siteId, entity, [id]),
			number === null || folded.outcome === "unchanged"
				? null
				: keepSingleWrite(transaction, siteId, { number, tokenId, recordId: id, image: folded.image }),
		]),
	);
	if (record === undefined) throw new Error("a record that was just written is not there");
	return { record, fields: [...surroundings.fields, ...fold.newFields] };
}

const clashes: readonly string[] = ["already_exists", "identity_conflict"] satisfies Fault["code"][];

function refusalOf(siteId: string, { operation, pointerOf }: RecordWrite, folded: FoldedItem): ProblemError {
	const faults = folded.faults.map((fault) => ({
		...fault,
		...(fault.code === "already_exists" ? existing(siteId, operation, folded) : {}),
		pointer: pointerOf(fault.pointer.replace(/^\/payload/, "")),
	}));
	const isClash = faults.every(({ code }) => clashes.includes(code));
	const code = folded.outcome === "skipped" ? "stale" : isClash ? "conflict" : "invalid_request";
	return new ProblemError(code, `${messageOf(faults)} Nothing was saved.`, { errors: faults.map(errorOf) });
}

/** What a single write says of a record that is there already: it has no operationType that another one could be. */
function existing(
	siteId: string,
	{ entity }: Operation,
	{ draft }: FoldedItem,
): Pick<Fault, "message" | "hint"> {
	const { one, idKeys } = words[entity];
	const id = draft?.id ?? "";
	return {
		message: `The ${one} ${show(draft?.state.address.text)} exists already.`,
		hint: `Its ${idKeys[0]} is ${entity === "customer" ? customerIdText(siteId, id) : id}.`,
	};
}
