import type { FieldOwner } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import { nameKey } from "../domain/name.ts";
import type { Transaction } from "./database.ts";

const listStatement = {
	name: "list-detail-fields",
	text: `
		select field_id as id, name, type, options
		from muster.detail_field
		where site_id = $1 and entity = $2 and deleted_at is null
		order by position, field_id`,
};

/** The detail fields of customers, organizations or entitlements of a site, in their order. */
export function listDetailFields(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
): Promise<DetailField[]> {
	return transaction.query<DetailField>(listStatement, [siteId, entity]);
}

const deletedStatement = {
	name: "list-deleted-field-ids",
	text: `
		select field_id as id
		from muster.detail_field
		where site_id = $1 and entity = $2 and deleted_at is not null
		order by field_id`,
};

/** The ids of deleted fields that some record may still have a value under: no new field may take one. */
export async function listDeletedFieldIds(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
): Promise<string[]> {
	const rows = await transaction.query<{ id: string }>(deletedStatement, [siteId, entity]);
	return rows.map((row) => row.id);
}

const insertStatement = {
	name: "insert-detail-fields",
	text: `
		insert into muster.detail_field (site_id, entity, field_id, name, name_key, type, options, position)
		select $1, $2, id, name, name_key, type, options,
			place - 1 + coalesce((select max(position) + 1 from muster.detail_field where site_id = $1 and entity = $2), 0)
		from jsonb_to_recordset($3::text::jsonb)
			as row (id text, name text, name_key text, type text, options text[], place int)`,
};

/** Adds fields behind those that are there. The caller holds the lane, so nobody else adds any. */
export async function insertDetailFields(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	fields: readonly DetailField[],
): Promise<void> {
	const rows = fields.map(({ id, name, type, options }, place) => ({
		id,
		name,
		name_key: nameKey(name),
		type,
		options,
		place: place + 1,
	}));
	await transaction.query(insertStatement, [siteId, entity, JSON.stringify(rows)]);
}
