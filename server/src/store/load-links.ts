import type { Entity } from "@muster/client/contract";
import type { Transaction } from "./database.ts";
import { eachByKeyAndId } from "./load-records.ts";
import { textArray } from "./text-array.ts";

/** A record that items associate with theirs. */
export interface NamedRecord {
	readonly id: string;
	readonly key: string;
}

const customer = "select customer_id as id, email_key as key from muster.customer where site_id = $1";
const organization =
	"select organization_id::text as id, name_key as key from muster.organization where site_id = $1";

const nameStatements = {
	customer: {
		name: "name-customers",
		text: eachByKeyAndId(
			`${customer} and email_key = named.key`,
			`${customer} and customer_id = named.id`,
			"uuid",
		),
	},
	organization: {
		name: "name-organizations",
		text: eachByKeyAndId(
			`${organization} and name_key = named.key`,
			`${organization} and organization_id = named.id`,
			"bigint",
		),
	},
} as const;

/** Ids and keys of the records of `entity` that are named by either. */
export function nameRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	named: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<NamedRecord[]> {
	return transaction.query<NamedRecord>(nameStatements[entity], [siteId, textArray(named.keys), named.ids]);
}

const linkStatement = {
	name: "load-memberships",
	text: `
		select found.*
		from unnest($2::uuid[], $3::bigint[]) as pair (customer, organization)
			cross join lateral (
				select customer_id as customer, organization_id::text as organization
				from muster.membership
				where site_id = $1 and customer_id = pair.customer and organization_id = pair.organization
				limit 1) as found`,
};

export interface Membership {
	readonly customer: string;
	readonly organization: string;
}

/** The association of a record of `entity` with one of the other. */
export function membershipOf(
	entity: Entity,
	{ record, other }: { readonly record: string; readonly other: string },
): Membership {
	return entity === "customer"
		? { customer: record, organization: other }
		: { customer: other, organization: record };
}

/** Which of these pairs belong together already. */
export function loadMemberships(
	transaction: Transaction,
	siteId: string,
	pairs: readonly Membership[],
): Promise<Membership[]> {
	return transaction.query<Membership>(linkStatement, [
		siteId,
		pairs.map((pair) => pair.customer),
		pairs.map((pair) => pair.organization),
	]);
}
