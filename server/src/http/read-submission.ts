import { createHash } from "node:crypto";
import type { Operation } from "@muster/client/contract";
import { show } from "../domain/fault.ts";
import type { NewTask } from "../store/accept-tasks.ts";
import { ProblemError } from "./problem-error.ts";
import { readJsonBody, refuseUnknownKeys } from "./read-json.ts";
import type { Call } from "./route.ts";

/** A bulk request that is well formed: what is wrong with single items is for the task to say. */
export interface Submission {
	readonly task: NewTask;
	/** The items as parsed; `task.items` is their text. */
	readonly items: readonly unknown[];
}

/** @throws ProblemError where the request as a whole is at fault; nothing is saved then, and its key is not used up */
export function readSubmission(operation: Operation, call: Call): Submission {
	const idempotencyKey = readIdempotencyKey(call.headersDistinct["idempotency-key"]);
	const dryRun = call.query.flag("dryRun") ?? false;
	const { object, signs } = readJsonBody(call.body);
	const items = readItems(operation, object);
	const text = JSON.stringify(items);
	return {
		items,
		task: {
			operation: operation.name,
			idempotencyKey,
			fingerprint: fingerprintOf(operation, dryRun, text),
			dryRun,
			tokenId: call.principal.tokenId,
			itemCount: items.length,
			items: text,
			oddNumbers: signs.hasOddNumbers,
			traceparent: call.traceparent,
		},
	};
}

/** What makes two submissions the same (contract, section 3): white space and the base path are no part of it. */
export function fingerprintOf(operation: Pick<Operation, "name">, dryRun: boolean, items: string): Buffer {
	return createHash("sha256").update(`${operation.name}\n${dryRun}\n`).update(items).digest();
}

const keyCharactersMax = 255;

/** Bare, or as a quoted string of RFC 9651; both mean the same key. */
export function readIdempotencyKey(values: readonly string[] | undefined): string {
	const value = values?.[0]?.trim() ?? "";
	const key =
		/^".*"$/.test(value) && value.length > 1 ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value;
	if (key === "") {
		throw new ProblemError(
			"idempotency_key_missing",
			"The Idempotency-Key header is missing or empty. Nothing was saved; make a new UUID for each request and send it in this header.",
		);
	}
	if (key.length > keyCharactersMax || !/^[\x21-\x7e]+$/.test(key)) {
		throw new ProblemError(
			"idempotency_key_invalid",
			`The Idempotency-Key ${show(key)} is not valid: 1 to ${keyCharactersMax} visible ASCII characters are allowed. Nothing was saved; a UUID is a good key.`,
		);
	}
	return key;
}

function readItems(operation: Operation, body: Record<string, unknown>): readonly unknown[] {
	refuseUnknownKeys(body, operation.itemsKeys);
	const keys = Object.keys(body);
	const [key, second] = keys;
	const expected = operation.itemsKeys[0] ?? "";
	if (key === undefined) {
		throw new ProblemError("missing_items", `The body has no ${show(expected)}; a list is expected there.`);
	}
	if (second !== undefined) {
		throw new ProblemError(
			"unknown_key",
			`The body has both ${show(key)} and ${show(second)}; send one list.`,
		);
	}
	const items = body[key];
	if (!Array.isArray(items)) {
		throw new ProblemError("missing_items", `${show(key)} is ${show(items)}; a list is expected.`);
	}
	if (items.length === 0)
		throw new ProblemError("empty_items", `${show(key)} is empty; send at least one item.`);
	if (items.length > operation.itemsMax) {
		throw new ProblemError(
			"too_many_items",
			`${items.length} items were sent; ${operation.path} allows ${operation.itemsMax} in one request. Nothing was saved; split the list, with a new Idempotency-Key for each part.`,
		);
	}
	if (operation.editsMax !== undefined) refuseTooManyEdits(operation.editsMax, items);
	return items;
}

function refuseTooManyEdits(editsMax: number, items: readonly unknown[]): void {
	const edits = items.reduce<number>((sum, item) => sum + countEdits(item), 0);
	if (edits <= editsMax) return;
	throw new ProblemError(
		"too_many_edits",
		`${edits} detail edits were sent; ${editsMax} are allowed in one request, over all its items. Nothing was saved; split the list, with a new Idempotency-Key for each part.`,
	);
}

/** Detail edits of an item: they stand in the item itself, or one level down where it has a payload. */
export function countEdits(item: unknown): number {
	if (typeof item !== "object" || item === null) return 0;
	if ("payload" in item) return countEdits(item.payload);
	const edits: unknown = "operations" in item ? item.operations : "details" in item ? item.details : null;
	return typeof edits === "object" && edits !== null ? Object.keys(edits).length : 0;
}

/** `Prefer: wait=N` (RFC 7240): seconds, or null where it was not asked for; what is no number is ignored. */
export function readPreferredWait(header: string | string[] | undefined, most: number): number | null {
	const text = Array.isArray(header) ? header.join(",") : (header ?? "");
	const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?:$|[,;\s])/i.exec(text);
	return match === null ? null : Math.min(Number(match[1]), most);
}
