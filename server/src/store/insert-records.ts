import type { Entity } from "@muster/client/contract";
import type { Draft } from "../domain/draft.ts";
import type { Transaction } from "./database.ts";

const statements = {
	customer: {
		name: "insert-customers",
		text: `
			insert into muster.customer (site_id, email, email_key, display_name, details)
			select $1, address, key, display_name, details
			from jsonb_to_recordset($2::text::jsonb) as row (address text, key text, display_name text, details jsonb)
			on conflict (site_id, email_key) do nothing
			returning customer_id as id, email_key as key`,
	},
	organization: {
		name: "insert-organizations",
		text: `
			insert into muster.organization (site_id, organization_id, name, name_key, details)
			select $1, id, address, key, details
			from jsonb_to_recordset($2::text::jsonb) as row (id bigint, address text, key text, details jsonb)
			on conflict (site_id, name_key) do nothing
			returning organization_id::text as id, name_key as key`,
	},
} as const;

const countStatement = {
	name: "take-organization-ids",
	text: `
		insert into muster.organization_counter (site_id, last_id) values ($1, $2)
		on conflict (site_id) do update set last_id = organization_counter.last_id + excluded.last_id
		returning last_id as "lastId"`,
};

/** Creates records. @returns those created; one is missing where somebody else has just taken its email or name */
export async function insertRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<{ id: string; key: string }[]> {
	const firstId =
		entity === "organization" ? await takeOrganizationIds(transaction, siteId, drafts.length) : 0;
	const rows = drafts.map(({ state }, place) => ({
		id: firstId + place,
		address: state.address.text,
		key: state.address.key,
		display_name: state.displayName,
		details: state.details,
	}));
	return transaction.query(statements[entity], [siteId, JSON.stringify(rows)]);
}

/** @returns the first of `count` numbers that no organization of the site has had */
async function takeOrganizationIds(transaction: Transaction, siteId: string, count: number): Promise<number> {
	const rows = await transaction.query<{ lastId: number }>(countStatement, [siteId, count]);
	const lastId = rows[0]?.lastId;
	if (lastId === undefined) throw new Error("the counter of organizations gave no number");
	return lastId - count + 1;
}
