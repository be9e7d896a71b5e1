import { type DetailValue, isSameValue } from "./detail-value.ts";
import { changesBetween, Draft, type RecordState, sameState } from "./draft.ts";
import { type Fault, show } from "./fault.ts";
import type { OldValues } from "./fold-edits.ts";
import { takenAddresses } from "./former-addresses.ts";
import { type Image, removalsOf, stateBefore, undoImage } from "./image.ts";
import type { ItemResult } from "./item-result.ts";
import { valueOfField, words } from "./record.ts";
import { type Associated, faultOf, type UndoContext, type UndoneTask, type UndoSnapshot } from "./undone.ts";

/** What an undo comes to. */
export interface Undo {
	/** One an item of the task that is undone, at its index. */
	readonly results: readonly ItemResult[];
	readonly images: ReadonlyMap<number, Image>;
	/** The records that stay. */
	readonly drafts: readonly Draft[];
	/** The records that go. */
	readonly deleted: readonly Draft[];
	readonly unlinked: readonly { readonly record: string; readonly other: string }[];
	/** Ids of entitlements that go. */
	readonly unentitled: readonly string[];
}

/**
 * Gives the records of a task back what they had before it, in memory: its images are laid over the records from the last
 * item to the first. What was changed since stays, and is told of the item.
 */
export function foldUndo(task: UndoneTask, snapshot: UndoSnapshot, context: UndoContext): Undo {
	const drafts = new Map(snapshot.records.map((record) => [record.id, Draft.of(record)]));
	const kept = keptCreations(task, snapshot);
	const isGoing = (id: string) => !kept.has(id) && creates(task, id);
	const work: Work = {
		snapshot,
		context,
		drafts,
		kept,
		taken: takenAddresses(task, snapshot, context, isGoing),
		images: new Map(),
		unlinked: [],
		unentitled: new Set(),
	};
	const results = [...task.results];
	for (const [index, result] of [...task.results.entries()].reverse()) {
		results[index] = undoItem(work, index, result, task.images.get(index) ?? null);
	}
	const all = [...drafts.values()];
	return {
		results,
		images: work.images,
		drafts: all.filter(({ id }) => id !== null && !isGoing(id)),
		deleted: all.filter(({ id }) => id !== null && isGoing(id)),
		unlinked: work.unlinked,
		unentitled: [...work.unentitled],
	};
}

interface Work {
	readonly snapshot: UndoSnapshot;
	readonly context: UndoContext;
	readonly drafts: ReadonlyMap<string, Draft>;
	/** Records that the task created and that stay, with the reason. */
	readonly kept: ReadonlyMap<string, Fault>;
	/** Records that cannot have their address back, with the reason. */
	readonly taken: ReadonlyMap<string, Fault>;
	readonly images: Map<number, Image>;
	readonly unlinked: { readonly record: string; readonly other: string }[];
	readonly unentitled: Set<string>;
}

function creates({ results }: UndoneTask, id: string): boolean {
	return results.some((result) => result.id === id && result.outcome === "created");
}

/** A record that the task created goes as a whole, or stays as a whole. */
function keptCreations(task: UndoneTask, snapshot: UndoSnapshot): Map<string, Fault> {
	const kept = new Map<string, Fault>();
	for (const { id, address } of snapshot.records) {
		if (!creates(task, id)) continue;
		const since = snapshot.since.get(id) ?? "unknown";
		if (since === "unknown") kept.set(id, historyMissing(address));
		else if (since.size > 0 || isAssociatedSince(task, id, snapshot.associated.get(id))) {
			kept.set(id, faultOf("changed_since", `${show(address)} was changed since, so it stays.`));
		}
	}
	return kept;
}

function historyMissing(address: string): Fault {
	return faultOf(
		"history_missing",
		`It is not known what was done to ${show(address)} since: no history of it was kept.`,
	);
}

/** Whether it is associated with more than the task's items have associated it with. */
function isAssociatedSince(task: UndoneTask, id: string, associated: Associated | undefined): boolean {
	if (associated === undefined) return false;
	const own = task.results.flatMap((result, index) =>
		result.id === id ? (task.images.get(index) ?? []) : [],
	);
	const links = new Set(own.flatMap((image) => image.links ?? []));
	const products = new Set(own.flatMap((image) => image.products ?? []));
	return (
		associated.links.some((other) => !links.has(other)) ||
		associated.products.some(({ productId, isTouched }) => isTouched || !products.has(productId))
	);
}

function undoItem(work: Work, index: number, result: ItemResult, image: Image | null): ItemResult {
	const { id, outcome, key, clientRef } = result;
	const named = {
		...(clientRef === undefined ? {} : { clientRef }),
		...(id === undefined ? {} : { id }),
		...(key === undefined ? {} : { key }),
	};
	// What changed nothing has nothing to be undone.
	if (id === undefined || (outcome !== "created" && outcome !== "updated")) {
		return { ...named, outcome: "unchanged" };
	}
	const draft = work.drafts.get(id);
	const { entity, dryRun } = work.context;
	if (draft === undefined) {
		const gone = faultOf("changed_since", `The ${entity} ${show(key)} was deleted since.`);
		return { ...named, outcome: "skipped", faults: [gone] };
	}
	const kept = work.kept.get(id);
	if (outcome === "created") {
		if (kept !== undefined) return { ...named, outcome: "skipped", faults: [kept] };
		const { address, displayName } = draft.state;
		const changes = [
			{ field: words[entity].addressKey, before: address.text, after: null },
			...(entity === "customer" ? [{ field: "displayName", before: displayName, after: null }] : []),
		];
		return { ...named, outcome: "deleted", ...(dryRun ? { changes } : {}) };
	}
	const since = work.snapshot.since.get(id) ?? "unknown";
	if (image === null || since === "unknown") {
		return { ...named, outcome: "skipped", faults: [historyMissing(draft.state.address.text)] };
	}
	return { ...named, ...giveBack(work, index, draft, image, since) };
}

/** Lays an image over a record, but for what was changed since. */
function giveBack(
	{ context, snapshot, taken, images, unlinked, unentitled }: Work,
	index: number,
	draft: Draft,
	image: Image,
	since: ReadonlySet<string>,
): Omit<ItemResult, "id" | "key" | "clientRef"> {
	const { entity, dryRun, number } = context;
	const id = draft.id ?? "";
	const faults: Fault[] = [];
	const mayGive = (field: string): boolean => {
		if (!since.has(field)) return true;
		const shown = field === "address" ? words[entity].addressKey : field;
		faults.push(faultOf("changed_since", `${shown} was changed since, so it stays.`));
		return false;
	};
	const before = draft.state;
	const former = stateBefore(before, image, entity);
	const takenFault = image.address === undefined ? undefined : taken.get(id);
	if (takenFault !== undefined) faults.push(takenFault);
	const state: RecordState = {
		address:
			image.address !== undefined && takenFault === undefined && mayGive("address")
				? former.address
				: before.address,
		displayName:
			image.displayName !== undefined && mayGive("displayName") ? former.displayName : before.displayName,
		details: detailsBack(before, image, (fieldId) => {
			return snapshot.fieldIds.has(fieldId) && mayGive(`details.${fieldId}`);
		}),
		sourceUpdatedAt: since.has("sourceUpdatedAt") ? before.sourceUpdatedAt : former.sourceUpdatedAt,
	};
	const associated = snapshot.associated.get(id);
	const links = (image.links ?? []).filter((other) => associated?.links.includes(other) === true);
	const entitled = (image.products ?? []).flatMap(
		(productId) => associated?.products.find((each) => each.productId === productId) ?? [],
	);
	const products = entitled.filter(({ isTouched }) => !isTouched);
	if (products.length < entitled.length) {
		faults.push(faultOf("changed_since", "An entitlement was changed since, so it stays."));
	}
	for (const other of links) unlinked.push({ record: id, other });
	for (const { entitlementId } of products) unentitled.add(entitlementId);
	const isChanged = !sameState(before, state) || links.length > 0 || products.length > 0;
	draft.state = state;
	const removed = { links, products: products.map(({ productId }) => productId) };
	if (isChanged) {
		if (number !== null)
			images.set(index, undoImage(before, state, oldValues(before, state, image), removed, draft.lastChange));
		draft.lastChange = number;
	}
	const told = faults.length === 0 ? {} : { faults };
	const outcome = isChanged ? "updated" : faults.length > 0 ? "skipped" : "unchanged";
	const changes = changesBetween(before, state, noneAdded, entity).concat(removalsOf(entity, removed));
	return { outcome, ...told, ...(dryRun ? { changes } : {}) };
}

const noneAdded = { links: [], products: [] };

function detailsBack(
	{ details: now }: RecordState,
	image: Image,
	mayGive: (fieldId: string) => boolean,
): RecordState["details"] {
	const details: Record<string, DetailValue> = { ...now };
	for (const [id, value] of Object.entries(image.details ?? {})) {
		if (isSameValue(value, valueOfField(details, id)) || !mayGive(id)) continue;
		if (value === null) delete details[id];
		else details[id] = value;
	}
	return details;
}

/** Of the fields that an image holds, the values that are given up for its own. */
function oldValues(before: RecordState, after: RecordState, image: Image): OldValues | null {
	const old = Object.keys(image.details ?? {}).flatMap((id) => {
		const was = valueOfField(before.details, id);
		return isSameValue(was, valueOfField(after.details, id)) ? [] : [[id, was] as const];
	});
	return old.length === 0 ? null : Object.fromEntries(old);
}
