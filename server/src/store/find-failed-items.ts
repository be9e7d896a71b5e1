import type { Transaction } from "./database.ts";

/** What is left of a task's items when it has ended. */
export interface FailedItems {
	readonly operation: string;
	readonly dryRun: boolean;
	readonly isEnded: boolean;
	/** The failed items as they were sent: a JSON object by their index, in its order; null where none failed. */
	readonly items: string | null;
}

const statement = {
	name: "find-failed-items",
	text: `
		select operation, dry_run as "dryRun", ended_at is not null as "isEnded", failed_items as items
		from muster.task
		where site_id = $1 and task_id = $2`,
};

/** @returns null for a task that this site does not have */
export async function findFailedItems(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<FailedItems | null> {
	const rows = await transaction.query<FailedItems>(statement, [siteId, taskId]);
	return rows[0] ?? null;
}
