import type { ItemResult, Summary } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";

/** A task as the edge shows it. */
export interface StoredTask {
	readonly taskId: string;
	readonly number: number;
	readonly operation: string;
	readonly dryRun: boolean;
	readonly status: "unfinished" | "completed" | "failed";
	readonly acceptedAt: Date;
	readonly endedAt: Date | null;
	readonly summary: Summary;
	/** One entry an item; null while the task is unfinished. */
	readonly results: readonly ItemResult[] | null;
}

interface Row {
	taskId: string;
	number: number;
	operation: string;
	dryRun: boolean;
	failed: boolean;
	acceptedAt: Date;
	endedAt: Date | null;
	total: number;
	created: number;
	updated: number;
	unchanged: number;
	skipped: number;
	failedCount: number;
	results: string | null;
}

/** The columns of a task, for the statements that read one or many. */
export const taskColumns = `
	task_id as "taskId", number, operation, dry_run as "dryRun", failed, accepted_at as "acceptedAt",
	ended_at as "endedAt", item_count as total, created_count as created, updated_count as updated,
	unchanged_count as unchanged, skipped_count as skipped, failed_count as "failedCount", results`;

const statement = {
	name: "find-task",
	text: `select ${taskColumns} from muster.task where site_id = $1 and task_id = $2`,
};

export async function findTask(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<StoredTask | null> {
	const rows = await transaction.query<Row>(statement, [siteId, taskId]);
	return rows[0] === undefined ? null : taskOf(rows[0]);
}

export function taskOf(row: Row): StoredTask {
	const { failed, total, created, updated, unchanged, skipped, failedCount, results, ...rest } = row;
	return {
		...rest,
		status: row.endedAt === null ? "unfinished" : failed ? "failed" : "completed",
		summary: { total, created, updated, unchanged, skipped, failed: failedCount },
		// Written by finish-tasks.ts from the same type.
		results: results === null ? null : (JSON.parse(results) as ItemResult[]),
	};
}

export type TaskRow = Row;
