import type { Summary } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";

/** A task that has ended, as far as it is told of to those who watch. */
export interface AppliedTask extends Summary {
	readonly taskId: string;
	readonly operation: string;
	readonly dryRun: boolean;
	/** Whether it failed as a whole. */
	readonly hasFailed: boolean;
	/** What it is followed by; null for most. */
	readonly traceparent: string | null;
}

const statement = {
	name: "find-applied-tasks",
	text: `
		select task_id as "taskId", operation, dry_run as "dryRun", failed as "hasFailed", traceparent, item_count as total,
			created_count as created, updated_count as updated, unchanged_count as unchanged, skipped_count as skipped,
			failed_count as failed, deleted_count as deleted
		from muster.task
		where site_id = $1 and task_id = any($2::uuid[])
		order by number`,
};

/** Tasks of one claim, in the order of acceptance. */
export function findAppliedTasks(
	transaction: Transaction,
	siteId: string,
	taskIds: readonly string[],
): Promise<AppliedTask[]> {
	return transaction.query<AppliedTask>(statement, [siteId, taskIds]);
}
