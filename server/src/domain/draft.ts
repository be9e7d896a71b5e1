import type { Change, Entity } from "@muster/client/contract";
import { Associations } from "./associations.ts";
import { type DetailValue, isSameValue } from "./detail-value.ts";
import type { Instant } from "./instant.ts";
import type { Name } from "./name.ts";
import { type Details, type StoredRecord, valueOfField } from "./record.ts";

/** What an item can change of a record. */
export interface RecordState {
	readonly address: Name;
	readonly displayName: string;
	readonly details: Details;
	readonly sourceUpdatedAt: Instant | null;
}

/** A record between its snapshot and what will be written. */
export class Draft {
	/** null for a record that is to be created. */
	readonly stored: StoredRecord | null;
	state: RecordState;
	/** The id: known from the snapshot, or given when the record is created. */
	id: string | null;
	/** Number of the task or single write that changed it last; null where that is not to be known. */
	lastChange: number | null;
	/** There is a draft for every item, and few have any. */
	#links: Associations | null = null;
	#products: Associations | null = null;

	static of(stored: StoredRecord): Draft {
		return new Draft(stored, stateOf(stored));
	}

	static create(state: RecordState): Draft {
		return new Draft(null, state);
	}

	private constructor(stored: StoredRecord | null, state: RecordState) {
		this.stored = stored;
		this.state = state;
		this.id = stored?.id ?? null;
		this.lastChange = stored?.lastChange ?? null;
	}

	/** With records of the other entity. Made when it is asked for. */
	get links(): Associations {
		this.#links ??= new Associations();
		return this.#links;
	}

	/** With products. Made when it is asked for. */
	get products(): Associations {
		this.#products ??= new Associations();
		return this.#products;
	}

	get addedLinks(): readonly string[] {
		return this.#links?.added ?? none;
	}

	get addedProducts(): readonly string[] {
		return this.#products?.added ?? none;
	}

	/** Whether anything of the record that is shown as its own differs from what is stored, or nothing is stored. */
	isChanged(): boolean {
		return this.stored === null || !sameState(stateOf(this.stored), this.state);
	}

	/** Whether a later sourceUpdatedAt, or another last change, is to be written. */
	isStampedAnew(): boolean {
		return (
			this.stored?.sourceUpdatedAt !== this.state.sourceUpdatedAt ||
			this.stored.lastChange !== this.lastChange
		);
	}
}

const none: readonly string[] = [];

/** A record as it is stored, as far as an item can change it. */
export function stateOf(stored: StoredRecord): RecordState {
	return {
		address: { text: stored.address, key: stored.key },
		displayName: stored.displayName,
		details: stored.details,
		sourceUpdatedAt: stored.sourceUpdatedAt,
	};
}

/**
 * Whether two states are the same, spelling and all: an address that was given up and taken again may be spelled anew. A
 * later sourceUpdatedAt alone changes nothing of a record.
 */
export function sameState(one: RecordState, other: RecordState): boolean {
	return (
		one.address.text === other.address.text &&
		one.displayName === other.displayName &&
		sameDetails(one.details, other.details)
	);
}

function sameDetails(one: Details, other: Details): boolean {
	if (one === other) return true;
	const ids = Object.keys(one);
	if (ids.length !== Object.keys(other).length) return false;
	return ids.every((id) => isSameValue(valueOfField(one, id), valueOfField(other, id)));
}

/** Ids of what an item associates its record with, and was not associated before. */
export interface AddedAssociations {
	readonly links: readonly string[];
	readonly products: readonly string[];
}

/** What an item changed, field by field; empty where it left the record as it was. */
export function changesBetween(
	before: RecordState | null,
	after: RecordState,
	added: AddedAssociations,
	entity: Entity,
): Change[] {
	const changes: Change[] = [];
	const addressField = entity === "customer" ? "email" : "name";
	if (before?.address.key !== after.address.key) {
		changes.push({ field: addressField, before: before?.address.text ?? null, after: after.address.text });
	}
	if (entity === "customer" && before?.displayName !== after.displayName) {
		changes.push({ field: "displayName", before: before?.displayName ?? null, after: after.displayName });
	}
	if (before?.details !== after.details) {
		for (const id of new Set([...Object.keys(before?.details ?? {}), ...Object.keys(after.details)])) {
			const was = valueOfField(before?.details ?? {}, id);
			const is = valueOfField(after.details, id);
			if (!isSameValue(was, is))
				changes.push({ field: `details.${id}`, before: mutable(was), after: mutable(is) });
		}
	}
	if (added.links.length > 0) {
		changes.push({
			field: entity === "customer" ? "organizations" : "customers",
			before: null,
			after: [...added.links],
		});
	}
	if (added.products.length > 0) {
		changes.push({ field: "products", before: null, after: [...added.products] });
	}
	return changes;
}

function mutable(value: DetailValue | null): string | string[] | null {
	return value === null || typeof value === "string" ? value : [...value];
}
