import type { Transaction } from "./database.ts";

const statement = {
	name: "count-all-unfinished-tasks",
	text: "select muster.unfinished_tasks($1) as count",
};

/** How many unfinished tasks all sites have together, counted up to `most`. */
export async function countAllUnfinishedTasks(transaction: Transaction, most: number): Promise<number> {
	const rows = await transaction.query<{ count: number }>(statement, [most]);
	return rows[0]?.count ?? 0;
}
