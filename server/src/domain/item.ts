import { type Fault, pointerTo } from "./fault.ts";
import type { Instant } from "./instant.ts";
import type { Name } from "./name.ts";

export type OperationType = "CREATE" | "UPDATE" | "UPSERT";
export type EditOperation = "UPDATE" | "PATCH" | "DELETE";

/** One edit of one detail. Its value is judged against its field when the item is applied. */
export interface DetailEdit {
	/** The field's name or id, as sent. */
	readonly field: string;
	readonly operation: EditOperation;
	readonly value: unknown;
	/** Where the value stands: the pointer to what is around it, and its key there. See `pointerToEdit`. */
	readonly parent: string;
	readonly key: string;
}

/** Made only where something is wrong: there is an edit for every detail of every item. */
export function pointerToEdit({ parent, key }: DetailEdit): string {
	return pointerTo(parent, key);
}

/** Another record, or a product, that the item associates with its own, by id or by key. */
export interface Link {
	readonly id: string | null;
	readonly key: string | null;
	/** As sent, for messages. */
	readonly shown: unknown;
	readonly pointer: string;
}

/** An item as read, whichever shape it had; what is wrong with it by itself stands in `faults`. */
export interface Item {
	/** Place in its request, from 0. */
	readonly index: number;
	readonly sent: unknown;
	readonly clientRef: string | undefined;
	/** When the record was last changed where the item comes from; an older one than is stored is skipped. */
	readonly sourceUpdatedAt: Instant | undefined;
	readonly sourcePointer: string;
	readonly operationType: OperationType;
	/** undefined: none was sent; null: one was sent that no record here can have. */
	readonly id: string | null | undefined;
	readonly idSent: string | number | undefined;
	readonly address: Name | undefined;
	/** The email or name as sent, also where it is at fault. */
	readonly addressSent: string | undefined;
	/** Where the id and the address stand in the item, for faults that only the records can tell. */
	readonly idPointer: string;
	readonly addressPointer: string;
	readonly displayName: string | undefined;
	readonly edits: readonly DetailEdit[];
	/** Records of the other entity. */
	readonly links: readonly Link[];
	readonly products: readonly Link[];
	/** A details operation never creates. */
	readonly creates: boolean;
	readonly faults: readonly Fault[];
}
