import type { Entity } from "@muster/client/contract";
import type { Instant } from "../domain/instant.ts";
import type { Details } from "../domain/record.ts";
import type { Transaction } from "./database.ts";

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
		), '[]') as organizations
	from muster.customer
	where site_id = $1`;

const organizations = `
	select organization_id::text as id, name as address, '' as "displayName", details,
		created_at as "createdAt", updated_at as "updatedAt", source_updated_at as "sourceUpdatedAt",
		'[]'::json as organizations
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

/** Which records to list, in the order in which they were created. */
export interface RecordFilter {
	/** Beginning of the email (customers) or of the name (organizations), as a key. */
	readonly keyPrefix?: string;
	/** Beginning of a customer's display name, in any case. */
	readonly displayNamePrefix?: string;
	/** Only customers of this organization. */
	readonly organizationId?: string;
	/** Only records behind the one of this id. */
	readonly after?: string;
	readonly limit: number;
}

/** A key is compared as bytes, so everything that begins with a prefix lies between it and it with the last character. */
const listStatements = {
	customer: {
		name: "list-customers",
		text: `${customers}
			and ($2::uuid is null or customer_id > $2)
			and ($3::text is null or (email_key >= $3 and email_key < $3 || chr(1114111)))
			and ($4::text is null or starts_with(lower(display_name), lower($4)))
			and ($5::bigint is null or customer_id in (
				select member.customer_id from muster.membership as member
				where member.site_id = $1 and member.organization_id = $5))
			order by customer_id
			limit $6`,
	},
	organization: {
		name: "list-organizations",
		text: `${organizations}
			and ($2::bigint is null or organization_id > $2)
			and ($3::text is null or (name_key >= $3 and name_key < $3 || chr(1114111)))
			and $4::text is null and $5::bigint is null
			order by organization_id
			limit $6`,
	},
} as const;

export function listRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	filter: RecordFilter,
): Promise<ReadRecord[]> {
	return transaction.query<ReadRecord>(listStatements[entity], [
		siteId,
		filter.after ?? null,
		filter.keyPrefix ?? null,
		filter.displayNamePrefix ?? null,
		filter.organizationId ?? null,
		filter.limit,
	]);
}
