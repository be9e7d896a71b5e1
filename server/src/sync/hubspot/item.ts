import type { HubSpotRecord } from "./api.ts";
import { type FieldPlan, idField, statusField, valueFor } from "./fields.ts";

interface Edit {
	readonly name: string;
	readonly operation: "UPDATE" | "DELETE";
	readonly value?: string | readonly string[];
}

/** An item of a profile operation, in the guide's shape. */
export interface SyncItem {
	readonly clientRef: string;
	readonly operationType?: "CREATE";
	readonly customerId?: string;
	readonly id?: string;
	readonly email?: string;
	readonly name?: string;
	readonly displayName?: string;
	readonly organizations?: readonly { readonly id: string }[];
	readonly details: readonly Edit[];
	readonly sourceUpdatedAt: string;
}

export interface MadeDetails {
	readonly details: readonly Edit[];
	/** Properties whose values do not fit their fields: they are left out, so that the rest of the record is not. */
	readonly leftOut: readonly string[];
}

/** The details of a record: what is empty in HubSpot is cleared. */
export function detailsOf({ id, properties }: HubSpotRecord, fields: readonly FieldPlan[]): MadeDetails {
	const leftOut: string[] = [];
	const details: Edit[] = [
		{ name: idField, operation: "UPDATE", value: id },
		{ name: statusField, operation: "UPDATE", value: "active" },
	];
	for (const plan of fields) {
		const value = valueFor(plan, properties[plan.property] ?? null);
		if (value === undefined) leftOut.push(plan.property);
		else if (value === null) details.push({ name: plan.field, operation: "DELETE" });
		else details.push({ name: plan.field, operation: "UPDATE", value });
	}
	return { details, leftOut };
}

/** What a customer is called: the first and last name, where there is one. */
export function displayNameOf({ properties }: HubSpotRecord): string | undefined {
	const names = [properties.firstname, properties.lastname].map((name) => name?.trim()).filter(Boolean);
	return names.length === 0 ? undefined : names.join(" ");
}

/**
 * What an organization may be called, in the order in which it is tried: names of companies are not unique in HubSpot, and
 * those of organizations are here. Empty where the company has neither name nor domain.
 */
export function namesOf({ id, properties }: HubSpotRecord): readonly string[] {
	const [name, domain] = [properties.name?.trim(), properties.domain?.trim()];
	const first = name || domain;
	if (!first) return [];
	return [first, ...(domain && domain !== first ? [`${first} (${domain})`] : []), `${first} (HubSpot ${id})`];
}

/** Ids of the records that were merged into this one. Nearly always this one was made by that. */
export function mergedIdsOf({ id, properties }: HubSpotRecord): readonly string[] {
	const ids = (properties.hs_merged_object_ids ?? "").split(";").map((each) => each.trim());
	return ids.filter((each) => each !== "" && each !== id);
}

/** The field of an item that a fault points into; null where it is the item itself. */
export function fieldAt({ details }: SyncItem, pointer: string): string | null {
	const [, key = "", place = ""] = pointer.split("/");
	if (key === "") return null;
	return key === "details" ? (details[Number(place)]?.name ?? key) : key;
}
