import type { FieldOwner } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

/** How many records have a value in a field. It reads every record of the site. */
export async function countDetailValues(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	fieldId: string,
): Promise<number> {
	const statement = {
		name: `count-detail-values-${entity}`,
		text: `select count(*) as count from muster.${entity} where site_id = $1 and details ? $2`,
	};
	const [row] = await transaction.query<{ count: number }>(statement, [siteId, fieldId]);
	return row?.count ?? 0;
}

const deleteStatement = {
	name: "delete-detail-field",
	text: `
		update muster.detail_field set deleted_at = clock_timestamp(), name_key = null, renamed = null
		where site_id = $1 and entity = $2 and field_id = $3`,
};

/**
 * Takes a field out of use, whatever number of records have a value in it: from here on nobody sees or writes one.
 * settle-detail-fields.ts takes the values away. The caller holds the lane.
 */
export async function deleteDetailField(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	fieldId: string,
): Promise<void> {
	await transaction.execute(deleteStatement, [siteId, entity, fieldId]);
}
