import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { FieldChange } from "../domain/judge-field-change.ts";
import { nameKey } from "../domain/name.ts";
import type { Transaction } from "./database.ts";

const changeStatement = {
	name: "change-detail-field",
	text: `
		update muster.detail_field set name = $4, name_key = $5, options = $6
		where site_id = $1 and entity = $2 and field_id = $3`,
};

/** How the values of one field are rewritten, in the table of each entity. */
function renameStatement(entity: Entity): { name: string; text: string } {
	return {
		name: `rename-options-${entity}`,
		text: `
			update muster.${entity}
			set details = jsonb_set(details, array[$2], case jsonb_typeof(details -> $2)
				when 'array' then (
					select jsonb_agg(coalesce($3::jsonb -> option, to_jsonb(option)) order by place)
					from jsonb_array_elements_text(details -> $2) with ordinality as element (option, place))
				else coalesce($3::jsonb -> (details ->> $2), details -> $2) end),
				updated_at = now()
			where site_id = $1 and (details -> $2) ?| $4::text[]`,
	};
}

/** Writes a changed field and takes its records' values along. The caller holds the lane. */
export async function changeDetailField(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	field: DetailField,
	change: FieldChange,
): Promise<void> {
	await transaction.execute(changeStatement, [
		siteId,
		entity,
		field.id,
		change.name,
		nameKey(change.name),
		change.options,
	]);
	if (change.renamed.size === 0) return;
	await transaction.execute(renameStatement(entity), [
		siteId,
		field.id,
		JSON.stringify(Object.fromEntries(change.renamed)),
		[...change.renamed.keys()],
	]);
}

/** How many records have this option of a field. A text `?` a text is equality, of a list it is membership. */
export async function countOptionUse(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	field: DetailField,
	option: string,
): Promise<number> {
	const statement = {
		name: `count-option-use-${entity}`,
		text: `select count(*) as count from muster.${entity} where site_id = $1 and (details -> $2) ? $3`,
	};
	const rows = await transaction.query<{ count: number }>(statement, [siteId, field.id, option]);
	return rows[0]?.count ?? 0;
}

const deleteStatement = {
	name: "delete-detail-field",
	text: "delete from muster.detail_field where site_id = $1 and entity = $2 and field_id = $3",
};

/** Deletes a field with its values. The caller holds the lane. */
export async function deleteDetailField(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	fieldId: string,
): Promise<void> {
	await transaction.execute(deleteStatement, [siteId, entity, fieldId]);
	await transaction.execute(
		{
			name: `delete-detail-values-${entity}`,
			text: `update muster.${entity} set details = details - $2 where site_id = $1 and details ? $2`,
		},
		[siteId, fieldId],
	);
}
