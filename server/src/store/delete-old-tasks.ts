import type { Database, Statement } from "./database.ts";
import { listSites } from "./find-site.ts";

/** Deleted in one statement: small enough that its locks are held for milliseconds. */
const batchMax = 200;

/**
 * What ended, or was written, so many days ago. It ends in the order of its numbers, so what is past its time is first: no
 * further row is looked at.
 */
function oldest(name: string, table: string, endedAt: string): Statement {
	return {
		name,
		text: `
			delete from muster.${table}
			using (
				select number, ${endedAt} as ended_at from muster.${table} where site_id = $1 order by number limit $3
			) as oldest
			where site_id = $1 and ${table}.number = oldest.number
				and oldest.ended_at < clock_timestamp() - $2 * interval '1 day'`,
	};
}

const statements = [
	oldest("delete-old-tasks", "task", "ended_at"),
	oldest("delete-old-single-writes", "single_write", "written_at"),
] as const;

/** Forgets the tasks and the single writes of every site that are past its time of keeping. @returns how many */
export async function deleteOldTasks(database: Database): Promise<number> {
	let deleted = 0;
	for (const { siteId, settings } of await database.inNoSite(listSites)) {
		for (const statement of statements) {
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
	}
	return deleted;
}
