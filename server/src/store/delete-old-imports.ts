import type { Database } from "./database.ts";
import { listSites } from "./find-site.ts";

/** Parts deleted in one statement: they are long, and its locks are held for milliseconds. */
const batchMax = 200;

/** Past their time of keeping: as long as that of their last tasks, or since an upload broke off for good. */
const isOld = `
	site_id = $1 and received_at < clock_timestamp() - $2 * interval '1 day' and (ended_at is not null or not is_whole)`;

const partsStatement = {
	name: "delete-old-import-parts",
	text: `
		delete from muster.import_part
		using (
			select import_part.import_id, part
			from (select import_id from muster.import where ${isOld} order by import_id limit 1) as oldest
			join muster.import_part on import_part.site_id = $1 and import_part.import_id = oldest.import_id
			order by part
			limit ${batchMax}
		) as old
		where site_id = $1 and import_part.import_id = old.import_id and import_part.part = old.part`,
};

const importStatement = {
	name: "delete-old-import",
	text: `
		delete from muster.import
		where site_id = $1 and import_id = (
			select import_id from muster.import where ${isOld} order by import_id limit 1)
			and not exists (
				select from muster.import_part
				where import_part.site_id = $1 and import_part.import_id = import.import_id)`,
};

/** Forgets the imports of every site that are past its time of keeping, with what was sent. */
export async function deleteOldImports(database: Database): Promise<void> {
	for (const { siteId, settings } of await database.inNoSite(listSites)) {
		for (let deleted = 1; deleted > 0; ) {
			deleted = 0;
			for (const statement of [partsStatement, importStatement]) {
				deleted += await database.inSite(siteId, (transaction) =>
					transaction.execute(statement, [siteId, settings.retentionDays]),
				);
			}
		}
	}
}
