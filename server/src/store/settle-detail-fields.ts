import type { FieldOwner } from "@muster/client/contract";
import type { Database, Statement } from "./database.ts";
import { listSites } from "./find-site.ts";

/** What a field's records have not followed yet: it was deleted, or options of it were renamed. */
export type Change = "deleted" | "renamed";

/** A field that was changed, while some record may still have what was there before. */
export interface UnsettledField {
	readonly entity: FieldOwner;
	readonly fieldId: string;
	readonly change: Change;
}

const listStatement = {
	name: "list-unsettled-fields",
	text: `
		select entity, field_id as "fieldId", case when deleted_at is null then 'renamed' else 'deleted' end as change
		from muster.detail_field
		where site_id = $1 and (deleted_at is not null or renamed is not null)
		order by entity, field_id`,
};

/**
 * Lets the records of every site follow the changes of fields that they have not followed yet.
 * @param goesOn asked before each batch of records
 */
export async function settleDetailFields(database: Database, goesOn: () => boolean): Promise<void> {
	for (const { siteId } of await database.inNoSite(listSites)) {
		const fields = await database.inSite(siteId, (transaction) =>
			transaction.query<UnsettledField>(listStatement, [siteId]),
		);
		for (const field of fields) await settleDetailField(database, siteId, field, goesOn);
	}
}

/**
 * Lets a site's records follow one change, a batch a transaction and without the lane, and then notes that they have.
 * Ended in the middle it can be begun again, and several may do it at once.
 * @returns whether all of them have
 */
export async function settleDetailField(
	database: Database,
	siteId: string,
	{ entity, fieldId, change }: UnsettledField,
	goesOn: () => boolean,
): Promise<boolean> {
	const statement = batchStatement(entity, change);
	let isSettled = true;
	for (let last: string | null = belowAllIds[entity]; last !== null; ) {
		if (!goesOn()) return false;
		const values: readonly unknown[] = [siteId, fieldId, last];
		const [batch] = await database.inSite(
			siteId,
			async (transaction) => {
				const [, batches] = await Promise.all([
					transaction.query(inOrder, []),
					transaction.query<Batch>(statement, values),
				]);
				return batches;
			},
			{ byKey: true },
		);
		isSettled &&= batch?.before === batch?.settled;
		last = batch?.last ?? null;
	}
	if (isSettled) {
		await database.inSite(siteId, (transaction) =>
			transaction.execute(endStatements[change], [siteId, entity, fieldId]),
		);
	}
	return isSettled;
}

/**
 * Of a site that it believes to be small, PostgreSQL would read all that is left, for every batch, and sort it. What is left
 * to it is to go along the index until the batch is full.
 */
const inOrder = {
	name: "read-in-order",
	text: "select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
};

/** Records looked at by one statement: so few that their locks are held for tens of milliseconds. */
const batchMax = 2_000;

interface Batch {
	/** Id of the last record that was looked at; null behind the last one of all. */
	readonly last: string | null;
	/** How many had what was before, and how many of them have it no more. */
	readonly before: number;
	readonly settled: number;
}

const belowAllUuids = "00000000-0000-0000-0000-000000000000";
const belowAllIds = { customer: belowAllUuids, organization: "0", entitlement: belowAllUuids } as const;
const idTypes = { customer: "uuid", organization: "bigint", entitlement: "uuid" } as const;

/** Of a field's row, and of a record's, in SQL. */
const words = {
	deleted: {
		isPending: "deleted_at is not null",
		hasBefore: "details ? $2",
		set: "details = details - $2",
	},
	renamed: {
		isPending: "deleted_at is null and renamed is not null",
		hasBefore: "(details -> $2) ?| old_names",
		// Of a list that has the old and the new name, one is left.
		set: `
			details = jsonb_set(details, array[$2], case jsonb_typeof(details -> $2)
				when 'array' then (
					select jsonb_agg(now order by place)
					from (
						select coalesce(field.renamed ->> option, option) as now, min(place) as place
						from jsonb_array_elements_text(details -> $2) with ordinality as element (option, place)
						group by now
					) as renamed)
				else coalesce(field.renamed -> (details ->> $2), details -> $2) end),
			updated_at = now()`,
	},
} as const;

/**
 * The next records behind an id. Those that somebody is writing are left alone, for a later pass: nobody waits for this,
 * and this waits for nobody. The field's row is held meanwhile, so that no change of it comes in between.
 */
function batchStatement(entity: FieldOwner, change: Change): Statement {
	const id = `${entity}_id`;
	const { isPending, hasBefore, set } = words[change];
	return {
		name: `settle-${entity}-field-${change}`,
		text: `
			with field as materialized (
				select renamed, array(select jsonb_object_keys(renamed)) as old_names
				from muster.detail_field
				where site_id = $1 and entity = '${entity}' and field_id = $2 and ${isPending}
				for share
			),
			looked_at as materialized (
				select ${id}, ${hasBefore} is true as has_before
				from field, muster.${entity}
				where site_id = $1 and ${id} > $3::text::${idTypes[entity]}
				order by ${id}
				limit ${batchMax}
			),
			taken as materialized (
				select ${id}
				from muster.${entity}
				where site_id = $1 and ${id} = any(array(select ${id} from looked_at where has_before))
				for update skip locked
			),
			settled as (
				update muster.${entity} set ${set}
				from field
				where site_id = $1 and ${id} = any(array(select ${id} from taken))
				returning 1
			)
			select (select ${id}::text from looked_at order by ${id} desc limit 1) as last,
				(select count(*) from looked_at where has_before) as before,
				(select count(*) from settled) as settled`,
	};
}

const endStatements: Readonly<Record<Change, Statement>> = {
	deleted: {
		name: "forget-detail-field",
		text: `
			delete from muster.detail_field
			where site_id = $1 and entity = $2 and field_id = $3 and ${words.deleted.isPending}`,
	},
	renamed: {
		name: "end-renaming-options",
		text: `
			update muster.detail_field set renamed = null
			where site_id = $1 and entity = $2 and field_id = $3 and ${words.renamed.isPending}`,
	},
};
