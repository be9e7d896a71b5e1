import type { Database } from "./database.ts";
import { listSites } from "./find-site.ts";

/** Deleted in one statement: small enough that its locks are held for milliseconds. */
const batchMax = 200;

// Tasks end in the order of their numbers, so those that are past their time are the first ones: no further one is looked at.
const statement = {
	name: "delete-old-tasks",
	text: `
		delete from muster.task
		using (
			select task_id, ended_at from muster.task where site_id = $1 order by number limit $3
		) as oldest
		where site_id = $1 and task.task_id = oldest.task_id
			and oldest.ended_at < clock_timestamp() - $2 * interval '1 day'`,
};

/** Forgets the tasks of every site that are past its time of keeping. @returns how many */
export async function deleteOldTasks(database: Database): Promise<number> {
	let deleted = 0;
	for (const { siteId, settings } of await database.inNoSite(listSites)) {
		for (;;) {
			const count = await database.inSite(
				siteId,
				(transaction) => transaction.execute(statement, [siteId, settings.retentionDays, batchMax]),
				{ byKey: true },
			);
			deleted += count;
			if (count < batchMax) break;
		}
	}
	return deleted;
}
