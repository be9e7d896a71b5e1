import type { Entity } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

/** A record that items associate with theirs. */
export interface NamedRecord {
	readonly id: string;
	readonly key: string;
}

const nameStatements = {
	customer: {
		name: "name-customers",
		text: `
			select customer_id as id, email_key as key from muster.customer
			where site_id = $1 and email_key = any($2::text[])
			union all
			select customer_id as id, email_key as key from muster.customer
			where site_id = $1 and customer_id = any($3::uuid[])`,
	},
	organization: {
		name: "name-organizations",
		text: `
			select organization_id::text as id, name_key as key from muster.organization
			where site_id = $1 and name_key = any($2::text[])
			union all
			select organization_id::text as id, name_key as key from muster.organization
			where site_id = $1 and organization_id = any($3::bigint[])`,
	},
} as const;

/** Ids and keys of the records of `entity` that are named by either. */
export function nameRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	named: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<NamedRecord[]> {
	return transaction.query<NamedRecord>(nameStatements[entity], [siteId, named.keys, named.ids]);
}

const linkStatement = {
	name: "load-memberships",
	text: `
		select customer_id as customer, organization_id::text as organization
		from muster.membership
		where site_id = $1 and customer_id = any($2::uuid[]) and organization_id = any($3::bigint[])`,
};

export interface Membership {
	readonly customer: string;
	readonly organization: string;
}

/** Which of these customers belong to which of these organizations. */
export function loadMemberships(
	transaction: Transaction,
	siteId: string,
	customers: readonly string[],
	organizations: readonly string[],
): Promise<Membership[]> {
	return transaction.query<Membership>(linkStatement, [siteId, customers, organizations]);
}
