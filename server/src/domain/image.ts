import type { Change, Entity } from "@muster/client/contract";
import { readAddress } from "./address.ts";
import type { DetailValue } from "./detail-value.ts";
import type { AddedAssociations, RecordState } from "./draft.ts";
import type { OldValues } from "./fold-edits.ts";
import type { Instant } from "./instant.ts";

/**
 * What one item, or one single write, found in the record that it changed: the old values of what it changed, and nothing
 * else. Its record's images are a chain from the newest to the oldest.
 */
export interface Image {
	/** Number of the change before, of a task or a single write; null where none is known. */
	readonly previous: number | null;
	/** Whether the record was created: then it holds its associations. */
	readonly created?: true;
	readonly address?: string;
	readonly displayName?: string;
	/** By field id; null where the record had no value. */
	readonly details?: OldValues;
	readonly sourceUpdatedAt?: Instant | null;
	/** Ids of what the record was newly associated with. */
	readonly links?: readonly string[];
	readonly products?: readonly string[];
	/** Ids of what an undo took the record's association with away. */
	readonly unlinked?: readonly string[];
	readonly unentitled?: readonly string[];
}

/** What an item created a record with beside its state; null where that is nothing. */
export function imageOfNew(added: AddedAssociations): Image | null {
	const { links, products } = added;
	if (links.length === 0 && products.length === 0) return null;
	return { previous: null, created: true, ...associationsOf(added) };
}

/** The image of a change from one state to another. @param old of the details that differ */
export function imageOf(
	before: RecordState,
	after: RecordState,
	old: OldValues | null,
	added: AddedAssociations,
	previous: number | null,
): Image {
	return {
		previous,
		...(before.address.text === after.address.text ? {} : { address: before.address.text }),
		...(before.displayName === after.displayName ? {} : { displayName: before.displayName }),
		...(old === null ? {} : { details: old }),
		...(before.sourceUpdatedAt === after.sourceUpdatedAt ? {} : { sourceUpdatedAt: before.sourceUpdatedAt }),
		...associationsOf(added),
	};
}

/** The image of an undo, which takes associations away. */
export function undoImage(
	before: RecordState,
	after: RecordState,
	old: OldValues | null,
	{ links, products }: AddedAssociations,
	previous: number | null,
): Image {
	return {
		...imageOf(before, after, old, { links: [], products: [] }, previous),
		...(links.length === 0 ? {} : { unlinked: links }),
		...(products.length === 0 ? {} : { unentitled: products }),
	};
}

/** The associations that were taken away, as changes. */
export function removalsOf(entity: Entity, { links, products }: AddedAssociations): Change[] {
	const field = entity === "customer" ? "organizations" : "customers";
	return [
		...(links.length === 0 ? [] : [{ field, before: [...links], after: null }]),
		...(products.length === 0 ? [] : [{ field: "products", before: [...products], after: null }]),
	];
}

function associationsOf({ links, products }: AddedAssociations): Pick<Image, "links" | "products"> {
	return {
		...(links.length === 0 ? {} : { links }),
		...(products.length === 0 ? {} : { products }),
	};
}

/** The state that a change found, from the state that it left. */
export function stateBefore(after: RecordState, image: Image, entity: Entity): RecordState {
	const details: Record<string, DetailValue> = { ...after.details };
	for (const [id, value] of Object.entries(image.details ?? {})) {
		if (value === null) delete details[id];
		else details[id] = value;
	}
	return {
		address: image.address === undefined ? after.address : addressOf(entity, image.address),
		displayName: image.displayName ?? after.displayName,
		details: image.details === undefined ? after.details : details,
		sourceUpdatedAt: image.sourceUpdatedAt === undefined ? after.sourceUpdatedAt : image.sourceUpdatedAt,
	};
}

function addressOf(entity: Entity, text: string): RecordState["address"] {
	const address = readAddress(entity, text, "", "name");
	if ("code" in address) throw new Error("an image holds an address that no record can have");
	return address;
}
