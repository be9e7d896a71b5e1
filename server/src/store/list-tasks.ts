import type { Statement, Transaction } from "./database.ts";
import { type StoredTask, type TaskRow, taskColumns, taskColumnsAlone, taskOf } from "./find-task.ts";

/** Which tasks to list; an absent filter lets every task through. */
export interface TaskFilter {
	readonly status?: "unfinished" | "completed" | "failed";
	readonly operation?: string;
	readonly hasFailures?: boolean;
	readonly idempotencyKey?: string;
	/** Only tasks accepted before the one of this number. */
	readonly before?: number;
	readonly limit: number;
	/** Whether failures come along, which may be most of the answer; they do where it is left out. */
	readonly withFailures?: boolean;
}

const statement = listing("list-tasks", taskColumns);
const statementAlone = listing("list-tasks-alone", taskColumnsAlone);

function listing(name: string, columns: string): Statement {
	return {
		name,
		text: `
		select ${columns}
		from muster.task
		where site_id = $1
			and ($2::text is null or $2 = case when ended_at is null then 'unfinished' when failed then 'failed' else 'completed' end)
			and ($3::text is null or operation = $3)
			and ($4::boolean is null or (failed_count > 0) = $4)
			and ($5::text is null or idempotency_key = $5)
			and ($6::bigint is null or number < $6)
		order by number desc
		limit $7`,
	};
}

/** Tasks of a site, newest first. */
export async function listTasks(
	transaction: Transaction,
	siteId: string,
	filter: TaskFilter,
): Promise<StoredTask[]> {
	const rows = await transaction.query<TaskRow>(filter.withFailures === false ? statementAlone : statement, [
		siteId,
		filter.status ?? null,
		filter.operation ?? null,
		filter.hasFailures ?? null,
		filter.idempotencyKey ?? null,
		filter.before ?? null,
		filter.limit,
	]);
	return rows.map(taskOf);
}
