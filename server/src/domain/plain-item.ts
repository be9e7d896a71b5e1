import type { Operation } from "@muster/client/contract";
import { type DetailField, isPlainText, readDetailValue } from "./detail-value.ts";
import type { FieldSet } from "./field-set.ts";
import type { Item } from "./item.ts";
import { judgeItem } from "./judge-item.ts";
import type { JudgeContext } from "./judge-links.ts";

/**
 * An item whose outcome hangs on its own record alone: it is good, names its customer by email, creates it where there is
 * none, and says what its details are and not what is to be done to them. Nearly every item of a sync is one.
 */
export interface PlainItem {
	readonly key: string;
	/** As it is shown; null where it is spelled as its key. */
	readonly address: string | null;
	/** null: an old one stays, a new one is made from the email. */
	readonly displayName: string | null;
	/** By field id; null takes a value away. */
	readonly details: Readonly<Record<string, string | readonly string[] | null>>;
	readonly clientRef: string | null;
	/** Whether its details have nothing but texts: such a record is another one exactly where it does not contain them. */
	readonly hasTextsOnly: boolean;
}

/** Whether items of an operation can be plain. */
export function mayBePlain({ entity, scope }: Operation): boolean {
	return entity === "customer" && (scope === "profile" || scope === "account");
}

/**
 * Judges the items of a request by the site's fields as they are known here. One that is not plain makes all of them none:
 * they are then judged when they are applied, by judge-item.ts and fold-items.ts, whose rules these are.
 * @returns "unknown field" where a field is named that is not known here
 */
export function plainItemsOf(
	operation: Operation,
	sent: readonly unknown[],
	context: JudgeContext,
	fields: FieldSet,
): readonly PlainItem[] | "unknown field" | "not plain" {
	const keys = new Set<string>();
	const plain: PlainItem[] = [];
	for (const [index, one] of sent.entries()) {
		const item = plainItemOf(judgeItem(operation, one, index, context), fields);
		if (typeof item === "string") return item;
		// The second item about a record hangs on what the first one has done.
		if (keys.has(item.key)) return "not plain";
		keys.add(item.key);
		plain.push(item);
	}
	return plain;
}

function plainItemOf(item: Item, fields: FieldSet): PlainItem | "unknown field" | "not plain" {
	const { address, edits } = item;
	if (address === undefined || !namesNothingElse(item)) return "not plain";
	const details: Record<string, string | readonly string[] | null> = {};
	let hasTextsOnly = true;
	for (const { field: name, operation, value } of edits) {
		const field = fields.find(name);
		if (field === undefined) return "unknown field";
		if (operation === "PATCH" && field.type === "MULTISELECT") return "not plain";
		const read = judgedValue(field, value);
		if (read === undefined) return "not plain";
		if (typeof read !== "string") hasTextsOnly = false;
		details[field.id] = read;
	}
	return {
		key: address.key,
		address: address.text === address.key ? null : address.text,
		displayName: item.displayName ?? null,
		details,
		clientRef: item.clientRef ?? null,
		hasTextsOnly,
	};
}

function namesNothingElse(item: Item): boolean {
	return (
		item.faults.length === 0 &&
		item.id === undefined &&
		item.operationType === "UPSERT" &&
		item.sourceUpdatedAt === undefined &&
		item.links.length === 0 &&
		item.products.length === 0
	);
}

/** @returns undefined where something is wrong with it */
function judgedValue(field: DetailField, value: unknown): string | readonly string[] | null | undefined {
	if (isPlainText(field, value)) return value;
	const read = readDetailValue(field, value, "");
	return "code" in read ? undefined : read.value;
}
