import type { Entity } from "@muster/client/contract";
import type { StoredRecord } from "../domain/record.ts";
import type { Transaction } from "./database.ts";
import { textArray } from "./text-array.ts";

/** How the two entities' tables differ. An organization's display name is its name, so it has none of its own. */
const customer = `select customer_id as id, xmin::text as version, email as address, email_key as key,
	display_name as "displayName", details, source_updated_at as "sourceUpdatedAt",
	last_change as "lastChange" from muster.customer where site_id = $1`;
const organization = `select organization_id::text as id, xmin::text as version, name as address, name_key as key,
	'' as "displayName", details, source_updated_at as "sourceUpdatedAt",
	last_change as "lastChange" from muster.organization where site_id = $1`;

const statements = {
	customer: {
		name: "load-customers",
		text: eachByKeyAndId(
			`${customer} and email_key = named.key`,
			`${customer} and customer_id = named.id`,
			"uuid",
		),
	},
	organization: {
		name: "load-organizations",
		text: eachByKeyAndId(
			`${organization} and name_key = named.key`,
			`${organization} and organization_id = named.id`,
			"bigint",
		),
	},
} as const;

/**
 * Looks each key of $2 up by itself, and each id of $3. Were it written as a join, or as `= any(...)`, PostgreSQL would
 * read the whole site where it believes that to be small, and it believes what it saw minutes ago.
 */
export function eachByKeyAndId(byKey: string, byId: string, idType: "uuid" | "bigint"): string {
	return `
		select found.* from unnest($2::text[]) as named (key) cross join lateral (${byKey} limit 1) as found
		union all
		select found.* from unnest($3::${idType}[]) as named (id) cross join lateral (${byId} limit 1) as found`;
}

/** The records of these ids or keys; one that is named by both comes twice. */
export function loadRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	named: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<StoredRecord[]> {
	return transaction.query<StoredRecord>(statements[entity], [siteId, textArray(named.keys), named.ids]);
}
