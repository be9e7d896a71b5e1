import type { FieldOwner } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { FieldChange } from "../domain/judge-field-change.ts";
import { nameKey } from "../domain/name.ts";
import type { Transaction } from "./database.ts";

const changeStatement = {
	name: "change-detail-field",
	text: `
		update muster.detail_field set name = $4, name_key = $5, options = $6, renamed = coalesce($7::text::jsonb, renamed)
		where site_id = $1 and entity = $2 and field_id = $3`,
};

/** Writes a changed field. Where options were renamed, settle-detail-fields.ts takes the records along. The caller holds the lane. */
export async function changeDetailField(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	field: DetailField,
	{ name, options, renamed }: FieldChange,
): Promise<void> {
	const renames = renamed.size === 0 ? null : JSON.stringify(Object.fromEntries(renamed));
	await transaction.execute(changeStatement, [
		siteId,
		entity,
		field.id,
		name,
		nameKey(name),
		options,
		renames,
	]);
}

const orderStatement = {
	name: "order-detail-fields",
	text: `
		update muster.detail_field set position = place - 1
		from unnest($3::text[]) with ordinality as ordered (id, place)
		where site_id = $1 and entity = $2 and field_id = ordered.id and position <> place - 1`,
};

/** Puts the fields in this order. The caller holds the lane. @param ids of all of them */
export async function orderDetailFields(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	ids: readonly string[],
): Promise<void> {
	await transaction.execute(orderStatement, [siteId, entity, ids]);
}

const renamingStatement = {
	name: "find-renaming",
	text: `
		select from muster.detail_field
		where site_id = $1 and entity = $2 and field_id = $3 and renamed is not null`,
};

/** Whether records may still have options of a field under old names. */
export async function isBeingRenamed(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	fieldId: string,
): Promise<boolean> {
	return (await transaction.query(renamingStatement, [siteId, entity, fieldId])).length > 0;
}

export interface OptionUse {
	readonly option: string;
	/** How many records have it. */
	readonly count: number;
}

/** Which of these options of a field records have; it reads every record of the site. */
export async function countOptionUse(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	fieldId: string,
	options: readonly string[],
): Promise<OptionUse[]> {
	// A text `?` a text is equality, of a list it is membership. Nearly every record goes by the first condition.
	const statement = {
		name: `count-option-use-${entity}`,
		text: `
			select option, count(*) as count
			from muster.${entity}, unnest($3::text[]) as option
			where site_id = $1 and (details -> $2) ?| $3::text[] and (details -> $2) ? option
			group by option
			order by option`,
	};
	return transaction.query<OptionUse>(statement, [siteId, fieldId, options]);
}
