import type { Statement, Transaction } from "./database.ts";

/** A submission in the columns it is kept in. */
export interface NewTask {
	readonly operation: string;
	readonly idempotencyKey: string;
	/** SHA-256, 32 bytes. */
	readonly fingerprint: Buffer;
	readonly dryRun: boolean;
	readonly tokenId: string;
	readonly itemCount: number;
	/** The items as read, a JSON list. */
	readonly items: string;
	/** Whether numbers in it are to be kept digit by digit; see domain/json.ts. */
	readonly oddNumbers: boolean;
	/** A traceparent that it is followed by, in the few that are; see domain/trace-parent.ts. */
	readonly traceparent?: string | null;
}

export interface AcceptedTask {
	readonly taskId: string;
	readonly operation: string;
	readonly idempotencyKey: string;
	readonly fingerprint: Buffer;
}

export interface NewlyAccepted extends AcceptedTask {
	/** Its place in the order of acceptance. */
	readonly number: number;
	/** Another one after every change of the task. */
	readonly version: string;
}

/**
 * Saves the submissions of one site that have no task under their key yet; none of them where the site would come to have
 * more than `unfinishedMax` unfinished tasks.
 * @returns the new tasks; a submission that is not among them has a task already, or its key came twice in the list
 */
export async function acceptTasks(
	transaction: Transaction,
	siteId: string,
	tasks: readonly NewTask[],
	unfinishedMax: number = Number.MAX_SAFE_INTEGER,
): Promise<NewlyAccepted[]> {
	// Always in the same order, so that two processes that accept the same keys wait for each other and never both.
	const ordered = [...tasks].sort(byKey);
	const values = ordered.flatMap((task) => [
		task.operation,
		task.idempotencyKey,
		task.fingerprint,
		task.dryRun,
		task.tokenId,
		task.itemCount,
		task.items,
		task.oddNumbers,
	]);
	const traces = ordered.map(({ traceparent = null }) => traceparent);
	const areTraced = traces.some((traceparent) => traceparent !== null);
	return transaction.query<NewlyAccepted>(statementFor(tasks.length, areTraced), [
		siteId,
		unfinishedMax,
		unfinishedMax - tasks.length,
		...values,
		...(areTraced ? traces : []),
	]);
}

function byKey(one: NewTask, other: NewTask): number {
	return compare(one.operation, other.operation) || compare(one.idempotencyKey, other.idempotencyKey);
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

const columnTypes = ["text", "text", "bytea", "boolean", "uuid", "integer", "text", "boolean"];

/** @param areTraced whether a traceparent of each comes behind all else */
function statementFor(count: number, areTraced: boolean): Statement {
	const rows = Array.from({ length: count }, (_, row) => {
		const first = 4 + row * columnTypes.length;
		const columns = columnTypes.map((type, column) => `$${first + column}::${type}`);
		if (areTraced) columns.push(`$${4 + count * columnTypes.length + row}::text`);
		return `(${columns.join(", ")})`;
	});
	return {
		name: `accept-tasks-${count}${areTraced ? "-traced" : ""}`,
		text: `
			insert into muster.task
				(site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, items,
				odd_numbers${areTraced ? ", traceparent" : ""})
			select $1, * from (values ${rows.join(", ")}) as submitted
			where $3 >= (
				select count(*)
				from (select from muster.task where site_id = $1 and ended_at is null limit $2) as unfinished)
			on conflict (site_id, operation, idempotency_key) do nothing
			returning task_id as "taskId", operation, idempotency_key as "idempotencyKey", fingerprint, number,
				xmin::text as version`,
	};
}
