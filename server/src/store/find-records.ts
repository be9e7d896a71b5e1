import type { Entity } from "@muster/client/contract";
import type { Instant } from "../domain/instant.ts";
import type { Details } from "../domain/record.ts";
import type { Transaction } from "./database.ts";
import { productsOf } from "./products-of.ts";

/** A record as it is read back. */
export interface ReadRecord {
	/** A customer's UUID, an organization's number. */
	readonly id: string;
	/** Email or name. */
	readonly address: string;
	readonly displayName: string;
	readonly details: Details;
	readonly createdAt: Date;
	readonly updatedAt: Date;
	/** RFC 3339 in UTC; null where nobody has told it. */
	readonly sourceUpdatedAt: Instant | null;
	/** A customer's organizations; empty for an organization. */
	readonly organizations: readonly { readonly id: string; readonly name: string }[];
	/** What it is entitled to by itself. */
	readonly products: readonly { readonly id: string; readonly name: string }[];
}

const customers = `
	select customer_id as id, email as address, display_name as "displayName", details,
		created_at as "createdAt", updated_at as "updatedAt", source_updated_at as "sourceUpdatedAt",
		coalesce((
			select json_agg(json_build_object('id', organization.organization_id::text, 'name', organization.name)
				order by organization.organization_id)
			from muster.membership
			join muster.organization
				on organization.site_id = membership.site_id
				and organization.organization_id = membership.organization_id
			where membership.site_id = $1 and membership.customer_id = customer.customer_id
		), '[]') as organizations,
		${productsOf("customer")}
	from muster.customer
	where site_id = $1`;

const organizations = `
	select organization_id::text as id, name as address, '' as "displayName", details,
		created_at as "createdAt", updated_at as "updatedAt", source_updated_at as "sourceUpdatedAt",
		'[]'::json as organizations,
		${productsOf("organization")}
	from muster.organization
	where site_id = $1`;

const byIdStatements = {
	customer: { name: "find-customers", text: `${customers} and customer_id = any($2::uuid[])` },
	organization: {
		name: "find-organizations",
		text: `${organizations} and organization_id = any($2::bigint[])`,
	},
} as const;

/** The records of these ids, in no order; unknown ids are left out. */
export function findRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	ids: readonly string[],
): Promise<ReadRecord[]> {
	return transaction.query<ReadRecord>(byIdStatements[entity], [siteId, ids]);
}
