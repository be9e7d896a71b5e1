import type { Entity } from "@muster/client/contract";
import type { Draft } from "../domain/draft.ts";
import type { Transaction } from "./database.ts";

const statements = {
	customer: {
		name: "update-customers",
		text: `
			update muster.customer
			set email = row.address, email_key = row.key, display_name = row.display_name, details = row.details,
				updated_at = now()
			from jsonb_to_recordset($2::text::jsonb)
				as row (id uuid, version text, address text, key text, display_name text, details jsonb)
			where site_id = $1 and customer_id = row.id and customer.xmin::text = row.version`,
	},
	organization: {
		name: "update-organizations",
		text: `
			update muster.organization
			set name = row.address, name_key = row.key, details = row.details, updated_at = now()
			from jsonb_to_recordset($2::text::jsonb)
				as row (id bigint, version text, address text, key text, details jsonb)
			where site_id = $1 and organization_id = row.id and organization.xmin::text = row.version`,
	},
} as const;

const parkStatements = {
	customer: {
		name: "park-customer-keys",
		text: `
			update muster.customer set email_key = ' ' || customer_id
			from unnest($2::uuid[], $3::text[]) as row (id, version)
			where site_id = $1 and customer_id = row.id and customer.xmin::text = row.version
			returning customer_id as id, customer.xmin::text as version`,
	},
	organization: {
		name: "park-organization-keys",
		text: `
			update muster.organization set name_key = ' ' || organization_id
			from unnest($2::bigint[], $3::text[]) as row (id, version)
			where site_id = $1 and organization_id = row.id and organization.xmin::text = row.version
			returning organization_id::text as id, organization.xmin::text as version`,
	},
} as const;

/** @returns how many were updated: fewer than given where somebody else has changed one since it was read */
export async function updateRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<number> {
	const parked = await parkKeys(transaction, siteId, entity, drafts);
	const rows = drafts.map(({ id, stored, state }) => ({
		id,
		version: parked.get(id ?? "") ?? stored?.version,
		address: state.address.text,
		key: state.address.key,
		display_name: state.displayName,
		details: state.details,
	}));
	return transaction.execute(statements[entity], [siteId, JSON.stringify(rows)]);
}

/**
 * Where one record takes the key that another one of these gives up, both keys are first taken off: unique keys are
 * checked row by row, in no order that we choose. No key begins with a blank.
 * @returns the new versions; one that somebody else has changed is left as it is, with the version that it was read in
 */
async function parkKeys(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<Map<string, string>> {
	const moving = drafts.filter(({ stored, state }) => stored !== null && stored.key !== state.address.key);
	const givenUp = new Set(moving.map(({ stored }) => stored?.key));
	if (!moving.some(({ state }) => givenUp.has(state.address.key))) return new Map();
	const rows = await transaction.query<{ id: string; version: string }>(parkStatements[entity], [
		siteId,
		moving.map(({ id }) => id),
		moving.map(({ stored }) => stored?.version),
	]);
	return new Map(rows.map((row) => [row.id, row.version]));
}
