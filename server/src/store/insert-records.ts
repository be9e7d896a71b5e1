import type { Entity } from "@muster/client/contract";
import type { Draft } from "../domain/draft.ts";
import type { Transaction } from "./database.ts";
import { textArray } from "./text-array.ts";

const statements = {
	customer: {
		name: "insert-customers",
		text: `
			insert into muster.customer
				(site_id, customer_id, email, email_key, display_name, details, source_updated_at, last_change)
			select $1, id, address, key, display_name, details::jsonb, stamp, change
			from unnest($2::text[]::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]::bigint[], $8::text[])
				as row (id, address, key, details, stamp, change, display_name)`,
	},
	organization: {
		name: "insert-organizations",
		text: `
			insert into muster.organization
				(site_id, organization_id, name, name_key, details, source_updated_at, last_change)
			select $1, id, address, key, details::jsonb, stamp, change
			from unnest($2::text[]::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]::bigint[])
				as row (id, address, key, details, stamp, change)`,
	},
} as const;

/** Creates records, whose drafts have their ids. @throws 23505 where somebody else has just taken an email or a name */
export async function insertRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	drafts: readonly Draft[],
): Promise<void> {
	await transaction.query(statements[entity], [siteId, ...columnsOf(entity, drafts)]);
}

/**
 * Drafts as columns of texts: id, address, key, details, sourceUpdatedAt, last change, and a customer's display name. As rows of one
 * JSON text they would cost PostgreSQL half as much again.
 */
export function columnsOf(entity: Entity, drafts: readonly Draft[]): (Buffer | null)[] {
	const columns = [
		textArray(drafts.map(({ id }) => id)),
		textArray(drafts.map(({ state }) => state.address.text)),
		textArray(drafts.map(({ state }) => state.address.key)),
		textArray(drafts.map(({ state }) => JSON.stringify(state.details))),
		sparseColumn(drafts, ({ state }) => state.sourceUpdatedAt),
		changesOf(drafts),
	];
	if (entity === "customer") columns.push(textArray(drafts.map(({ state }) => state.displayName)));
	return columns;
}

/** Numbers of the last changes. */
export function changesOf(drafts: readonly Draft[]): Buffer | null {
	return sparseColumn(drafts, ({ lastChange }) => (lastChange === null ? null : String(lastChange)));
}

/** A column that often is one of nulls, which null stands for: `unnest` fills up what is shorter. */
function sparseColumn(drafts: readonly Draft[], textOf: (draft: Draft) => string | null): Buffer | null {
	const texts = drafts.map(textOf);
	return texts.some((text) => text !== null) ? textArray(texts) : null;
}

const countStatement = {
	name: "take-organization-ids",
	text: `
		insert into muster.organization_counter (site_id, last_id) values ($1, $2)
		on conflict (site_id) do update set last_id = organization_counter.last_id + excluded.last_id
		returning last_id as "lastId"`,
};

/** @returns the first of `count` numbers that no organization of the site has had */
export async function takeOrganizationIds(
	transaction: Transaction,
	siteId: string,
	count: number,
): Promise<number> {
	const rows = await transaction.query<{ lastId: number }>(countStatement, [siteId, count]);
	const lastId = rows[0]?.lastId;
	if (lastId === undefined) throw new Error("the counter of organizations gave no number");
	return lastId - count + 1;
}
