import type { ItemResult, Summary } from "../domain/item-result.ts";
import type { Statement, Transaction } from "./database.ts";

/** A task as the edge shows it. */
export interface StoredTask {
	readonly taskId: string;
	readonly number: number;
	readonly operation: string;
	readonly dryRun: boolean;
	readonly status: "unfinished" | "completed" | "failed";
	readonly acceptedAt: Date;
	readonly endedAt: Date | null;
	readonly idempotencyKey: string;
	readonly token: { readonly tokenId: string; readonly prefix: string | null };
	readonly summary: Summary;
	/** One entry an item; null while the task is unfinished, and where only failures were asked for and there are none. */
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
	idempotencyKey: string;
	tokenId: string;
	prefix: string | null;
	total: number;
	created: number;
	updated: number;
	unchanged: number;
	skipped: number;
	failedCount: number;
	deleted: number;
	results: string | null;
}

const columns = `
	task_id as "taskId", number, operation, dry_run as "dryRun", failed, accepted_at as "acceptedAt",
	ended_at as "endedAt", item_count as total, created_count as created, updated_count as updated,
	unchanged_count as unchanged, skipped_count as skipped, failed_count as "failedCount",
	deleted_count as deleted, idempotency_key as "idempotencyKey", token_id as "tokenId",
	(select prefix from muster.access_token where access_token.token_id = task.token_id and access_token.site_id = $1) as prefix`;

/** The columns of a task. Results are long, so they come along only where an item failed, for that is told of. */
export const taskColumns: string = `${columns}, case when failed_count > 0 then results end as results`;

/** The columns of a task whose failures are not told of. */
export const taskColumnsAlone: string = `${columns}, null as results`;

const statement = {
	name: "find-task",
	text: `select ${taskColumns} from muster.task where site_id = $1 and task_id = $2`,
};

/** A task with the results of its items where one of them failed. */
export function findTask(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<StoredTask | null> {
	return find(transaction, statement, siteId, taskId);
}

const withResultsStatement = {
	name: "find-task-with-results",
	text: `select ${columns}, results from muster.task where site_id = $1 and task_id = $2`,
};

/** A task with what became of each of its items. */
export function findTaskWithResults(
	transaction: Transaction,
	siteId: string,
	taskId: string,
): Promise<StoredTask | null> {
	return find(transaction, withResultsStatement, siteId, taskId);
}

async function find(
	transaction: Transaction,
	statement: Statement,
	siteId: string,
	taskId: string,
): Promise<StoredTask | null> {
	const rows = await transaction.query<Row>(statement, [siteId, taskId]);
	return rows[0] === undefined ? null : taskOf(rows[0]);
}

export function taskOf(row: Row): StoredTask {
	const { failed, total, created, updated, unchanged, skipped, failedCount, deleted, results, ...others } =
		row;
	const { tokenId, prefix, ...rest } = others;
	return {
		...rest,
		token: { tokenId, prefix },
		status: row.endedAt === null ? "unfinished" : failed ? "failed" : "completed",
		summary: { total, created, updated, unchanged, skipped, failed: failedCount, deleted },
		// Written by finish-tasks.ts from the same type.
		results: results === null ? null : (JSON.parse(results) as ItemResult[]),
	};
}

export type TaskRow = Row;
