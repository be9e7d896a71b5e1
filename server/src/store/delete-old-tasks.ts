import type { Database } from "./database.ts";
import { listSites } from "./find-site.ts";

/** Deleted in one statement: small enough that its locks are held for milliseconds. */
const batchMax = 200;

const statement = {
	name: "delete-old-tasks",
	text: `
		delete from muster.task
		where site_id = $1 and task_id in (
			select task_id from muster.task
			where site_id = $1 and ended_at < clock_timestamp() - $2 * interval '1 day'
			order by number
			limit $3)`,
};

/** Forgets the tasks of every site that are past its time of keeping. @returns how many */
export async function deleteOldTasks(database: Database): Promise<number> {
	let deleted = 0;
	for (const { siteId, settings } of await database.inNoSite(listSites)) {
		for (;;) {
			const count = await database.inSite(siteId, (transaction) =>
				transaction.execute(statement, [siteId, settings.retentionDays, batchMax]),
			);
			deleted += count;
			if (count < batchMax) break;
		}
	}
	return deleted;
}
