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
}

export interface AcceptedTask {
	readonly taskId: string;
	readonly operation: string;
	readonly idempotencyKey: string;
	readonly fingerprint: Buffer;
}

/**
 * Saves the submissions of one site that have no task under their key yet.
 * @returns the new tasks; a submission that is not among them has a task already, or its key came twice in the list
 */
export async function acceptTasks(
	transaction: Transaction,
	siteId: string,
	tasks: readonly NewTask[],
): Promise<AcceptedTask[]> {
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
	]);
	return transaction.query<AcceptedTask>(statementFor(tasks.length), [siteId, ...values]);
}

function byKey(one: NewTask, other: NewTask): number {
	return compare(one.operation, other.operation) || compare(one.idempotencyKey, other.idempotencyKey);
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

const columnsPerTask = 7;

function statementFor(count: number): Statement {
	const rows = Array.from({ length: count }, (_, row) => {
		const parameters = Array.from(
			{ length: columnsPerTask },
			(_, column) => `$${2 + row * columnsPerTask + column}`,
		);
		return `($1, ${parameters.join(", ")})`;
	});
	return {
		name: `accept-tasks-${count}`,
		text: `
			insert into muster.task
				(site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, items)
			values ${rows.join(", ")}
			on conflict (site_id, operation, idempotency_key) do nothing
			returning task_id as "taskId", operation, idempotency_key as "idempotencyKey", fingerprint`,
	};
}
