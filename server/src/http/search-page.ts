import type { Entity } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import type { RecordSearch } from "../domain/record-search.ts";
import type { Database } from "../store/database.ts";
import { listDetailFields } from "../store/detail-fields.ts";
import { findRecords, type ReadRecord } from "../store/find-records.ts";
import { readAtOneMoment } from "../store/read-at-one-moment.ts";
import { searchRecords } from "../store/search-records.ts";

export interface SearchPage {
	readonly records: readonly ReadRecord[];
	/** Where to go on, where there is more to look at; null at the end. */
	readonly place: string | null;
	/** The fields that the records are shown by. */
	readonly fields: readonly DetailField[];
}

/**
 * One page of a search, all of it read at one moment.
 * @param searchBy makes the search of the entity's fields; what it throws is thrown
 */
export async function findPage(
	database: Database,
	siteId: string,
	entity: Entity,
	searchBy: (fields: readonly DetailField[]) => RecordSearch,
	page: { readonly after: string | null; readonly limit: number },
): Promise<SearchPage> {
	return database.inSite(
		siteId,
		async (transaction) => {
			await readAtOneMoment(transaction);
			const fields = await listDetailFields(transaction, siteId, entity);
			const { ids, place } = await searchRecords(transaction, siteId, entity, searchBy(fields), page);
			const found = await findRecords(transaction, siteId, entity, ids);
			const byId = new Map(found.map((record) => [record.id, record]));
			return { records: ids.flatMap((id) => byId.get(id) ?? []), place, fields };
		},
		{ readOnly: true, byKey: true },
	);
}
