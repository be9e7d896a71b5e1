import type { Change, ItemOutcome, Outcome } from "@muster/client/contract";
import type { Fault } from "./fault.ts";
import type { FoldedItem } from "./fold-items.ts";
import { type Item, pointerToEdit } from "./item.ts";

/** What is kept of an item when its task has ended. Its index is its place in the task's list. */
export interface ItemResult {
	readonly outcome: Outcome;
	readonly clientRef?: string;
	/** The record's own id, a customer's UUID or an organization's number; none where no record was made or meant. */
	readonly id?: string;
	/** The record's email or name; of a failed item, what it named, as sent. */
	readonly key?: string;
	/** Of a failed item: its operation, or that of the first detail edit at fault. */
	readonly operation?: string;
	/** Of a failed item and of a skipped one. */
	readonly faults?: readonly Fault[];
	/** A failed item as it was sent; kept apart from the rest. */
	readonly sent?: unknown;
	readonly changes?: readonly Change[];
}

/** @param dryRun keeps the changes, and leaves out the ids of records that were not created */
export function resultOf(folded: FoldedItem, dryRun: boolean): ItemResult {
	const { item, outcome, draft, address } = folded;
	const id = draft?.id ?? null;
	if (address === null) return failedResult(item, folded.faults, id);
	// One is made for every item there is, and nearly all have an id and neither of the others.
	const isPlain = item.clientRef === undefined && folded.faults.length === 0 && !dryRun;
	if (id !== null && isPlain) return { outcome, id, key: address };
	return {
		outcome,
		...clientRefOf(item),
		...(id === null ? {} : { id }),
		key: address,
		...(folded.faults.length === 0 ? {} : { faults: folded.faults }),
		...(dryRun ? { changes: folded.changes } : {}),
	};
}

function clientRefOf({ clientRef }: Item): { clientRef?: string } {
	return clientRef === undefined ? {} : { clientRef };
}

function failedResult(item: Item, faults: readonly Fault[], id: string | null): ItemResult {
	const key = item.addressSent ?? item.idSent;
	return {
		outcome: "failed",
		...clientRefOf(item),
		...(id === null ? {} : { id }),
		...(key === undefined ? {} : { key: String(key) }),
		operation: operationAtFault(item, faults),
		faults,
		sent: item.sent,
	};
}

/** Of an item that was never tried. It is not judged, for judging may be what ended workers; only looked at. */
export function untriedResult(sent: unknown, fault: Fault): ItemResult {
	const outer = membersOf(sent);
	const key = [membersOf(outer.payload), outer]
		.flatMap((members) => [
			members.email,
			members.name,
			members.customerId,
			members.id,
			members.organizationId,
		])
		.find((named) => typeof named === "string" || typeof named === "number");
	return {
		outcome: "failed",
		...(typeof outer.clientRef === "string" ? { clientRef: outer.clientRef } : {}),
		...(key === undefined ? {} : { key: String(key) }),
		faults: [fault],
		sent,
	};
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
	// A copy has own members alone, and none of a list or a text that could be mistaken for one asked for here.
	return typeof value === "object" && value !== null ? { ...value } : {};
}

function operationAtFault(item: Item, faults: readonly Fault[]): string {
	if (item.creates) return item.operationType;
	const edit = item.edits.find((candidate) =>
		faults.some((fault) => fault.pointer.startsWith(pointerToEdit(candidate))),
	);
	return (edit ?? item.edits[0])?.operation ?? item.operationType;
}

/** Of items of bulk operations, which never delete. */
export type ItemSummary = Readonly<Record<ItemOutcome | "total", number>>;

export type Summary = ItemSummary & { readonly deleted: number };

export function summarize(results: readonly ItemResult[]): Summary {
	const summary = {
		total: results.length,
		created: 0,
		updated: 0,
		unchanged: 0,
		skipped: 0,
		failed: 0,
		deleted: 0,
	};
	for (const result of results) summary[result.outcome] += 1;
	return summary;
}
