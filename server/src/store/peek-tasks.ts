import type { Transaction } from "./database.ts";

const statement = {
	name: "peek-tasks",
	text: `
		select min(number) as first, max(number) as last
		from (
			select number from muster.task
			where site_id = $1 and ended_at is null
			order by number
			limit $2
		) as oldest`,
};

/** Numbers of the oldest unfinished tasks, up to `limit` of them; null where there is none. */
export async function peekTasks(
	transaction: Transaction,
	siteId: string,
	limit: number,
): Promise<{ first: number; last: number } | null> {
	const rows = await transaction.query<{ first: number | null; last: number | null }>(statement, [
		siteId,
		limit,
	]);
	const row = rows[0];
	return row?.first == null || row.last === null ? null : { first: row.first, last: row.last };
}
