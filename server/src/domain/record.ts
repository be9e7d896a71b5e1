import type { Entity } from "@muster/client/contract";
import type { DetailValue } from "./detail-value.ts";
import type { Instant } from "./instant.ts";

/** Detail field id to value. Ids are slugs, so no key of it can be mistaken for a member of Object. */
export type Details = Readonly<Record<string, DetailValue>>;

/** A record's value for a field, or null. Own members only: a field may be called "constructor". */
export function valueOfField(details: Details, fieldId: string): DetailValue | null {
	return Object.hasOwn(details, fieldId) ? (details[fieldId] ?? null) : null;
}

/** A customer or an organization as the database has it. */
export interface StoredRecord {
	/** A customer's UUID, an organization's decimal number. */
	readonly id: string;
	/** Changes with every write of the row; a write names the version it was decided on. */
	readonly version: string;
	/** Email or name, as it is shown. */
	readonly address: string;
	/** What the address is unique by in its site. */
	readonly key: string;
	/** Customers only; an organization's is its name. */
	readonly displayName: string;
	readonly details: Details;
	/** The latest that an item or a write told; null where none did. */
	readonly sourceUpdatedAt: Instant | null;
	/** Number of the task or single write that changed it last; null where that is not known. */
	readonly lastChange: number | null;
}

interface Words {
	readonly one: Entity;
	/** Keys that an id may stand under; the first is the one that messages name. */
	readonly idKeys: readonly [string, ...string[]];
	readonly addressKey: "email" | "name";
	readonly other: Entity;
}

/** How sentences and keys speak of the two entities. */
export const words: Readonly<Record<Entity, Words>> = {
	customer: { one: "customer", idKeys: ["customerId"], addressKey: "email", other: "organization" },
	// The reference's details items say organizationId, every other item says id.
	organization: {
		one: "organization",
		idKeys: ["id", "organizationId"],
		addressKey: "name",
		other: "customer",
	},
};

/** A UUID as all of ours are written: in lower case. */
export const uuidForm: RegExp = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A customer's id on the wire (contract, section 7): `qm:<site>:<uuid>`. */
export function customerIdText(siteId: string, uuid: string): string {
	return `qm:${siteId}:${uuid}`;
}

const customerIdForm = /^qm:([0-9a-f-]{36}):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** @returns the UUID of a customer id of this site, or null: an id of another site or of another system is unknown. */
export function readCustomerId(siteId: string, text: string): string | null {
	const match = customerIdForm.exec(text);
	return match !== null && match[1] === siteId ? (match[2] ?? null) : null;
}

/** @returns the decimal digits of an organization id, or null. Numbers above 2^53 are none of ours. */
export function readOrganizationId(value: string | number): string | null {
	const text = String(value);
	return /^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? text : null;
}
