import type { Change, Entity, Outcome } from "@muster/client/contract";
import type { DetailField } from "./detail-value.ts";
import { type AddedAssociations, changesBetween, Draft, type RecordState, sameState } from "./draft.ts";
import { type Fault, show } from "./fault.ts";
import type { FieldSet } from "./field-set.ts";
import { foldEdits, type OldValues } from "./fold-edits.ts";
import { type Image, imageOf, imageOfNew } from "./image.ts";
import { isBefore } from "./instant.ts";
import type { Item } from "./item.ts";
import { type LinkTarget, LinkTargets } from "./link-targets.ts";
import { type StoredRecord, words } from "./record.ts";
import type { SiteSettings } from "./settings.ts";

/** What the database holds of the records that the items name. */
export interface Snapshot {
	readonly records: readonly StoredRecord[];
	/** The other entity's records that are named as associations. */
	readonly others: readonly LinkTarget[];
	/** Associations between the two, by ids of this entity and the other. */
	readonly links: readonly Pair[];
	/** The products that are named. */
	readonly products: readonly LinkTarget[];
	/** Associations of this entity's records, by their ids, with products. */
	readonly entitled: readonly Pair[];
}

/** Two ids of what belongs together. */
export interface Pair {
	readonly record: string;
	readonly other: string;
}

export interface FoldedItem {
	readonly item: Item;
	readonly outcome: Outcome;
	/** What is wrong with it, or why it was skipped. */
	readonly faults: readonly Fault[];
	/** What the item is about, null for a failed one that names no record; a created record gets its id when it is written. */
	readonly draft: Draft | null;
	/** The record's email or name after this item; a later one may change it again. Null for a failed item. */
	readonly address: string | null;
	/** Field by field; only for a dry run, whose result they are. */
	readonly changes: readonly Change[];
	/** What it found in the record that it changed; null where it changed none, or nobody keeps it. */
	readonly image: Image | null;
}

/** What the records come to when every item has taken effect, in order; each draft knows what of it is to be written. */
export interface Fold {
	readonly items: readonly FoldedItem[];
	readonly drafts: readonly Draft[];
	readonly newFields: readonly DetailField[];
}

export interface FoldContext {
	readonly entity: Entity;
	readonly settings: SiteSettings;
	readonly dryRun: boolean;
	/** Fields that the items make are added to it. */
	readonly fields: FieldSet;
}

/** Items that are one change of the records that they write: those of a task, or a single write. */
export interface Lot {
	/** Number of the change; null where the site keeps no history. */
	readonly number: number | null;
	readonly items: readonly Item[];
}

/**
 * Applies items to a snapshot in memory, in order, each on top of the one before (contract, section 2), and decides each
 * one's outcome. Pure but for `fields`, which grows by what succeeding items make.
 */
export function foldItems(lots: readonly Lot[], snapshot: Snapshot, context: FoldContext): Fold {
	const records = new DraftSet(snapshot);
	const targets = {
		others: new LinkTargets(words[context.entity].other, snapshot.others),
		products: new LinkTargets("product", snapshot.products),
	};
	const newFields: DetailField[] = [];
	const folded = lots.flatMap(({ number, items }) =>
		items.map((item) => foldItem(item, number, records, targets, newFields, context)),
	);
	return { items: folded, drafts: records.all, newFields };
}

function foldItem(
	item: Item,
	number: number | null,
	records: DraftSet,
	targets: { readonly others: LinkTargets; readonly products: LinkTargets },
	newFields: DetailField[],
	context: FoldContext,
): FoldedItem {
	const faults = [...item.faults];
	const found = records.find(item);
	const draft = judgeIdentity(item, found, faults, context.entity);
	const before = draft?.state ?? null;
	const stale = before === null || faults.length > 0 ? null : judgeAge(item, before, context.entity);
	if (stale !== null) {
		const address = before?.address.text ?? null;
		return { item, outcome: "skipped", faults: [stale], draft, address, changes: none, image: null };
	}
	const edited = foldEdits(
		item.edits,
		before?.details ?? {},
		number !== null && before !== null,
		context,
		faults,
	);
	const links = item.links.length === 0 ? none : targets.others.resolveAll(item.links, faults);
	const products = item.products.length === 0 ? none : targets.products.resolveAll(item.products, faults);
	if (faults.length > 0) {
		return {
			item,
			outcome: "failed",
			faults,
			draft: found.byId ?? found.byKey,
			address: null,
			changes: none,
			image: null,
		};
	}
	for (const field of edited.newFields) {
		context.fields.add(field);
		newFields.push(field);
	}
	const state: RecordState = {
		address: addressAfter(item, before),
		displayName: item.displayName ?? before?.displayName ?? defaultDisplayName(item),
		details: edited.details,
		sourceUpdatedAt: item.sourceUpdatedAt ?? before?.sourceUpdatedAt ?? null,
	};
	const target = draft ?? records.create(state);
	const added = addAll(target, links, products);
	const changes = context.dryRun ? changesBetween(before, state, added, context.entity) : none;
	const outcome = outcomeOf(before, state, added);
	const image = number === null ? null : keptOf(before, state, edited.old, added, target.lastChange, outcome);
	if (outcome !== "unchanged") target.lastChange = number;
	records.write(target, state);
	return { item, outcome, faults, draft: target, address: state.address.text, changes, image };
}

/** Nearly every item has no association, no change to tell and no fault. */
const none: readonly never[] = [];

const nothingAdded: AddedAssociations = { links: none, products: none };

/** @returns those that are new */
function addAll(target: Draft, links: readonly string[], products: readonly string[]): AddedAssociations {
	if (links.length === 0 && products.length === 0) return nothingAdded;
	return {
		links: links.length === 0 ? none : target.links.add(links),
		products: products.length === 0 ? none : target.products.add(products),
	};
}

function keptOf(
	before: RecordState | null,
	after: RecordState,
	old: OldValues | null,
	added: AddedAssociations,
	previous: number | null,
	outcome: Outcome,
): Image | null {
	if (outcome === "unchanged") return null;
	return before === null ? imageOfNew(added) : imageOf(before, after, old, added, previous);
}

function outcomeOf(before: RecordState | null, after: RecordState, added: AddedAssociations): Outcome {
	if (before === null) return "created";
	return added.links.length > 0 || added.products.length > 0 || !sameState(before, after)
		? "updated"
		: "unchanged";
}

/** The draft that the item writes to, or null for a record to be created (or a fault that keeps it from both). */
function judgeIdentity(item: Item, found: Found, faults: Fault[], entity: Entity): Draft | null {
	const { one, addressKey, idKeys } = words[entity];
	const notFound = `${one}_not_found` as const;
	const mayCreate = item.creates && item.operationType !== "UPDATE";
	if (item.id !== undefined && found.byId === null) {
		faults.push({
			code: notFound,
			pointer: item.idPointer,
			message: `No ${one} of this site has the ${idKeys[0]} ${show(item.idSent)}.`,
			hint: `Leave ${idKeys[0]} out to find ${mayCreate ? "or create " : ""}the ${one} by ${addressKey}.`,
		});
		return null;
	}
	if (found.byId !== null && found.byKey !== null && found.byId !== found.byKey) {
		faults.push({
			code: "identity_conflict",
			pointer: item.addressPointer,
			message: `The ${addressKey} ${show(item.address?.text)} belongs to another ${one} than the ${idKeys[0]} sent with it.`,
		});
		return null;
	}
	const draft = found.byId ?? found.byKey;
	if (draft !== null && item.operationType === "CREATE") {
		faults.push({
			code: "already_exists",
			pointer: found.byKey === null ? item.idPointer : item.addressPointer,
			message: `The ${one} ${show(draft.state.address.text)} exists already, and operationType is CREATE.`,
			hint: "Use UPSERT to create or update.",
		});
		return null;
	}
	if (draft === null && item.address !== undefined && !mayCreate) {
		faults.push({
			code: notFound,
			pointer: item.addressPointer,
			message: `No ${one} of this site has the ${addressKey} ${show(item.address.text)}.`,
			hint: item.creates
				? "Use UPSERT to create it."
				: `Send the ${one} first, with ${one}/bulk or ${one}/profile/bulk.`,
		});
	}
	return draft;
}

/**
 * What is older than what is stored is stale: nothing more of it is looked at. Without a stamp, here or there, nothing is
 * compared.
 */
function judgeAge(item: Item, before: RecordState, entity: Entity): Fault | null {
	const { sourceUpdatedAt } = item;
	if (sourceUpdatedAt === undefined || before.sourceUpdatedAt === null) return null;
	if (!isBefore(sourceUpdatedAt, before.sourceUpdatedAt)) return null;
	return {
		code: "stale",
		pointer: item.sourcePointer,
		message: `The ${entity} ${show(before.address.text)} is stored as of ${before.sourceUpdatedAt}; sourceUpdatedAt ${sourceUpdatedAt} is older.`,
	};
}

/** Another spelling of the same key changes nothing; another key is the record's new address. */
function addressAfter(item: Item, before: RecordState | null): RecordState["address"] {
	if (before === null) {
		if (item.address === undefined) throw new Error("an item without an address passed as one that creates");
		return item.address;
	}
	return item.address === undefined || item.address.key === before.address.key
		? before.address
		: item.address;
}

/** The part of the email before the @ (contract, section 2). Organizations have no display name. */
function defaultDisplayName(item: Item): string {
	const text = item.address?.text ?? "";
	return text.slice(0, Math.max(0, text.lastIndexOf("@")));
}

interface Found {
	readonly byId: Draft | null;
	readonly byKey: Draft | null;
}

/** The records as the items so far have left them, found by id and by key. */
class DraftSet {
	readonly #byId: Map<string, Draft> = new Map();
	readonly #byKey: Map<string, Draft> = new Map();
	readonly all: Draft[] = [];

	constructor(snapshot: Snapshot) {
		for (const record of snapshot.records) {
			if (this.#byId.has(record.id)) continue;
			const draft = Draft.of(record);
			this.#byId.set(record.id, draft);
			this.#byKey.set(record.key, draft);
			this.all.push(draft);
		}
		for (const link of snapshot.links) this.#byId.get(link.record)?.links.addStored(link.other);
		for (const { record, other } of snapshot.entitled) this.#byId.get(record)?.products.addStored(other);
	}

	find(item: Item): Found {
		return {
			byId: typeof item.id === "string" ? (this.#byId.get(item.id) ?? null) : null,
			byKey: item.address === undefined ? null : (this.#byKey.get(item.address.key) ?? null),
		};
	}

	create(state: RecordState): Draft {
		const draft = Draft.create(state);
		this.all.push(draft);
		return draft;
	}

	write(draft: Draft, state: RecordState): void {
		if (draft.state.address.key !== state.address.key) this.#byKey.delete(draft.state.address.key);
		this.#byKey.set(state.address.key, draft);
		draft.state = state;
	}
}
