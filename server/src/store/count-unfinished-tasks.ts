import type { Transaction } from "./database.ts";

const statement = {
	name: "count-unfinished-tasks",
	text: `
		select count(*) as count
		from (select from muster.task where site_id = $1 and ended_at is null limit $2) as unfinished`,
};

/** How many unfinished tasks a site has, counted up to `most`. */
export async function countUnfinishedTasks(
	transaction: Transaction,
	siteId: string,
	most: number,
): Promise<number> {
	const rows = await transaction.query<{ count: number }>(statement, [siteId, most]);
	return rows[0]?.count ?? 0;
}
