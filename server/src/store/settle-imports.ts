import type { Database } from "./database.ts";
import { listSites } from "./find-site.ts";
import { findImportProgress } from "./import-progress.ts";
import { findImport } from "./imports.ts";

/** Imports of a site that are looked at in one round. */
const importsMax = 100;

const endlessStatement = {
	name: "list-endless-imports",
	text: `
		select import_id as "importId" from muster.import
		where site_id = $1 and is_whole and ended_at is null
		order by import_id
		limit ${importsMax}`,
};

const endStatement = {
	name: "end-import",
	text: `
		update muster.import
		set ended_at = coalesce($3, received_at), created_count = $4, updated_count = $5, unchanged_count = $6,
			skipped_count = $7, failed_count = $8
		where site_id = $1 and import_id = $2 and ended_at is null`,
};

/** Keeps what became of imports whose tasks have all ended, of every site: the tasks will be forgotten one by one. */
export async function settleImports(database: Database): Promise<void> {
	for (const { siteId } of await database.inNoSite(listSites)) {
		await database.inSite(
			siteId,
			async (transaction) => {
				const rows = await transaction.query<{ importId: string }>(endlessStatement, [siteId]);
				for (const { importId } of rows) {
					const found = await findImport(transaction, siteId, importId);
					if (found === null) continue;
					const { tasks, endedTasks, lastEndedAt, summary } = await findImportProgress(
						transaction,
						siteId,
						found,
					);
					if (endedTasks < tasks) continue;
					const { created, updated, unchanged, skipped, failed } = summary;
					const counts = [created, updated, unchanged, skipped, failed];
					await transaction.execute(endStatement, [siteId, importId, lastEndedAt, ...counts]);
				}
			},
			{ byKey: true },
		);
	}
}
