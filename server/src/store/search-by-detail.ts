import type { Entity } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

/** A detail field, and the values of which a record must have one. */
export interface DetailCriterion {
	readonly fieldId: string;
	readonly values: readonly string[];
}

/** A text `?|` is equality with one of them, of a list it is membership of one. */
function statementOf(entity: Entity): { name: string; text: string } {
	return {
		name: `search-${entity}s-by-detail`,
		text: `
			select ${entity}_id::text as id
			from muster.${entity}
			where site_id = $1 and not exists (
				select from jsonb_to_recordset($2::text::jsonb) as criterion (field_id text, "values" text[])
				where (details -> criterion.field_id) ?| criterion.values is not true)
			order by ${entity}_id
			limit $3 offset $4`,
	};
}

/** Ids of the records that meet every criterion, in the order in which they were created. */
export async function searchRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	criteria: readonly DetailCriterion[],
	window: { readonly limit: number; readonly offset: number },
): Promise<string[]> {
	const rows = criteria.map(({ fieldId, values }) => ({ field_id: fieldId, values }));
	const found = await transaction.query<{ id: string }>(statementOf(entity), [
		siteId,
		JSON.stringify(rows),
		window.limit,
		window.offset,
	]);
	return found.map(({ id }) => id);
}
