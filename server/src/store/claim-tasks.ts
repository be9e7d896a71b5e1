import type { Transaction } from "./database.ts";

/** A task to be applied. */
export interface ClaimedTask {
	readonly taskId: string;
	readonly number: number;
	readonly operation: string;
	readonly dryRun: boolean;
	readonly itemCount: number;
	/** The items as read, a JSON list. */
	readonly items: string;
}

/** Most tasks of one claim: merging 20 doubles the speed of applying them one by one, more gains little. */
export const claimTasksMax = 20;

/** Most items of a claim in characters, so that a claim of the largest tasks still fits in memory. */
const claimCharactersMax = 4_000_000;

const statement = {
	name: "claim-tasks",
	text: `
		with head as (
			select task_id, number, operation, dry_run, item_count, items,
				first_value(operation) over oldest_first as first_operation,
				first_value(dry_run) over oldest_first as first_dry_run,
				sum(length(items)) over oldest_first as characters,
				row_number() over oldest_first as place
			from (
				select task_id, number, operation, dry_run, item_count, items
				from muster.task
				where site_id = $1 and ended_at is null and number between $2 and $3
				order by number
				limit $4
			) as oldest
			window oldest_first as (order by number)
		),
		-- The first place that does not belong to the claim: another operation, a dry run, or too much text.
		stop as (
			select min(place) as place
			from head
			where place > 1
				and (operation <> first_operation or dry_run or first_dry_run or characters > ${claimCharactersMax})
		)
		select task_id as "taskId", number, operation, dry_run as "dryRun", item_count as "itemCount", items
		from head, stop
		where head.place < coalesce(stop.place, $4 + 1)
		order by number`,
};

/**
 * The oldest unfinished tasks of a site, in the order of acceptance, as many as can be applied as one: neighbours of one
 * operation; a dry run comes alone. The caller holds the lane, so nothing is locked here.
 * @param range only tasks with a number in it, both ends included
 */
export function claimTasks(
	transaction: Transaction,
	siteId: string,
	range: { readonly first: number; readonly last: number },
	limit: number,
): Promise<ClaimedTask[]> {
	return transaction.query<ClaimedTask>(statement, [siteId, range.first, range.last, limit]);
}
