import type { Entity } from "@muster/client/contract";
import type { Fault } from "./fault.ts";
import type { Image } from "./image.ts";
import type { ItemResult } from "./item-result.ts";
import type { StoredRecord } from "./record.ts";

/** A task that is to be undone. */
export interface UndoneTask {
	/** Its results, one an item. */
	readonly results: readonly ItemResult[];
	readonly images: ReadonlyMap<number, Image>;
}

/** What was done to a record since the task: the fields that were changed, by the names of `fieldsOf`; or it is not known. */
export type Since = ReadonlySet<string> | "unknown";

/** A record's association with a product. */
export interface Entitled {
	readonly entitlementId: string;
	readonly productId: string;
	/** Whether it has details, or was changed: it is more than what an item makes. */
	readonly isTouched: boolean;
}

/** What a record of the task is associated with now. */
export interface Associated {
	/** Ids of records of the other entity. */
	readonly links: readonly string[];
	readonly products: readonly Entitled[];
}

/** What the database holds around a task that is undone. */
export interface UndoSnapshot {
	/** The records that the task wrote, as far as they are there. */
	readonly records: readonly StoredRecord[];
	/** By record id. */
	readonly since: ReadonlyMap<string, Since>;
	readonly associated: ReadonlyMap<string, Associated>;
	/** Who has the emails or names that are to be given back. */
	readonly holders: readonly StoredRecord[];
	/** Detail fields that there are. */
	readonly fieldIds: ReadonlySet<string>;
}

export interface UndoContext {
	readonly entity: Entity;
	readonly dryRun: boolean;
	/** Of the undo, as a change of its own; null where the site keeps no history. */
	readonly number: number | null;
}

/** The names by which `Since` knows the fields that an image has. */
export function fieldsOf(image: Image): string[] {
	return [
		...(image.address === undefined ? [] : ["address"]),
		...(image.displayName === undefined ? [] : ["displayName"]),
		...(image.sourceUpdatedAt === undefined ? [] : ["sourceUpdatedAt"]),
		...Object.keys(image.details ?? {}).map((id) => `details.${id}`),
		...(image.links ?? image.unlinked ?? []).map((id) => `links.${id}`),
		...(image.products ?? image.unentitled ?? []).map((id) => `products.${id}`),
	];
}

/** Why something of an undone item stays as it is; of no place in the item, because nobody has sent it. */
export function faultOf(code: Fault["code"], message: string): Fault {
	return { code, pointer: "", message };
}
