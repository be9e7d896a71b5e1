import type { Entity } from "@muster/client/contract";
import type { StoredRecord } from "../domain/record.ts";
import type { Transaction } from "./database.ts";

/** How the two entities' tables differ. An organization's display name is its name, so it has none of its own. */
const customer = `select customer_id as id, xmin::text as version, email as address, email_key as key,
	display_name as "displayName", details from muster.customer where site_id = $1`;
const organization = `select organization_id::text as id, xmin::text as version, name as address, name_key as key,
	'' as "displayName", details from muster.organization where site_id = $1`;

const statements = {
	customer: {
		name: "load-customers",
		text: `${customer} and email_key = any($2::text[]) union all ${customer} and customer_id = any($3::uuid[])`,
	},
	organization: {
		name: "load-organizations",
		text: `${organization} and name_key = any($2::text[])
			union all ${organization} and organization_id = any($3::bigint[])`,
	},
} as const;

/** The records of these ids or keys; one that is named by both comes twice. */
export function loadRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	named: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<StoredRecord[]> {
	return transaction.query<StoredRecord>(statements[entity], [siteId, named.keys, named.ids]);
}
