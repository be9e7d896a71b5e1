import type { ItemResult } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";

/** A task with failures that nobody has dealt with yet. */
export interface TaskWithFailures {
	readonly taskId: string;
	readonly number: number;
	readonly operation: string;
	readonly acceptedAt: Date;
	/** Texts as finish-tasks.ts wrote them, to be parsed one task at a time: results by place, failed items by index. */
	readonly results: string;
	readonly failedItems: string;
	/** Places of failed items that have been dealt with. */
	readonly settled: readonly number[];
}

/** Most text of results and items that is read at once, in bytes: parsing it takes a tenth of a second. */
const bytesMax = 8_000_000;

const statement = {
	name: "read-failures",
	// A task that was sent again as it was has its failures in that one now. The sizes are known without reading the texts.
	text: `
		with recent as (
			select task_id, number, operation, accepted_at, results, failed_items, settled
			from muster.task
			where site_id = $1 and failed_count > 0 and not dry_run and failed_items is not null
				-- What could not be undone is told by the undo, and nothing to be corrected.
				and operation not like '%.undo'
				and ($2::bigint is null or number < $2) and cardinality(settled) < failed_count
				and not exists (
					select from muster.task as later
					where later.site_id = $1 and later.operation = task.operation
						and later.idempotency_key = 'retry-of-' || task.task_id)
			order by number desc
			limit $3
		), sized as (
			select *, sum(octet_length(results) + octet_length(failed_items)) over (order by number desc) as bytes
			from recent
		)
		select task_id as "taskId", number, operation, accepted_at as "acceptedAt", results,
			failed_items as "failedItems", settled
		from sized
		where bytes <= ${bytesMax} or number = (select max(number) from recent)
		order by number desc`,
};

/** @param query.before only tasks accepted before the one of this number */
export function readFailures(
	transaction: Transaction,
	siteId: string,
	query: { readonly before: number | null; readonly limit: number },
): Promise<TaskWithFailures[]> {
	return transaction.query<TaskWithFailures>(statement, [siteId, query.before, query.limit]);
}

/** A failed item that nobody has dealt with, with what it was. */
export interface Failed {
	readonly index: number;
	readonly result: ItemResult;
	readonly item: unknown;
}

/** The failures of one task, in the order of its items. */
export function failuresOf({ results, failedItems, settled }: TaskWithFailures): readonly Failed[] {
	// Both written by finish-tasks.ts.
	const all = JSON.parse(results) as ItemResult[];
	const items = JSON.parse(failedItems) as Readonly<Record<string, unknown>>;
	const done = new Set(settled);
	return all.flatMap((result, index) =>
		result.outcome === "failed" && !done.has(index) ? [{ index, result, item: items[index] }] : [],
	);
}

const settleStatement = {
	name: "settle-failures",
	text: `
		update muster.task
		set settled = (select array_agg(distinct place order by place) from unnest(settled || $3::int[]) as place)
		where site_id = $1 and task_id = $2`,
};

/** Notes that failed items were dealt with. @returns whether the site has such a task */
export async function settleFailures(
	transaction: Transaction,
	siteId: string,
	taskId: string,
	indexes: readonly number[],
): Promise<boolean> {
	return (await transaction.execute(settleStatement, [siteId, taskId, indexes])) > 0;
}
