import { taskOperationNames } from "@muster/client/contract";
import type { Statement, Transaction } from "./database.ts";

/** A task to be applied. */
export interface ClaimedTask {
	readonly taskId: string;
	readonly number: number;
	readonly operation: string;
	readonly dryRun: boolean;
	readonly itemCount: number;
	/** The items as read, a JSON list. */
	readonly items: string;
	/** Whether numbers in it are to be kept digit by digit. */
	readonly oddNumbers: boolean;
	/** Another one after every change of the task. */
	readonly version: string;
}

/**
 * How much a claim takes at most: what is best for a site that is alone, or so little that whoever waits for the same
 * process and database waits a few milliseconds.
 */
export type ClaimSize = "full" | "small";

/** A plain claim is larger: nothing here waits for its items, and each commit is shared by more. */
export type Portion = ClaimSize | "plain";

/** What a plain claim of a size takes. */
export function plainPortion(size: ClaimSize): Portion {
	return size === "full" ? "plain" : size;
}

/** Most tasks of a claim: what each adds to it costs little, but all of them end together. */
export const claimTasksMax: Record<Portion, number> = { full: 50, small: 10, plain: 50 };

/** Most items of a claim (a larger task comes alone): more gain nothing, and folding them holds up the API. */
export const claimItemsMax: Record<Portion, number> = { full: 500, small: 100, plain: 1_000 };

/** Most items of a claim in bytes, so that a claim of the largest tasks still fits in memory. */
const claimBytesMax = 4_000_000;

const statements: Record<Portion, Statement> = {
	full: statementFor("full"),
	small: statementFor("small"),
	plain: statementFor("plain"),
};

function statementFor(size: Portion): Statement {
	return {
		name: `claim-tasks-${size}`,
		text: `
		with head as (
			select task_id, number, version, operation, dry_run, item_count, items, odd_numbers,
				first_value(operation) over oldest_first as first_operation,
				first_value(dry_run) over oldest_first as first_dry_run,
				-- Neither reads the items: the length of a long text stands beside the pointer to it.
				sum(octet_length(items)) over oldest_first as bytes,
				sum(item_count) over oldest_first as items_so_far,
				row_number() over oldest_first as place
			from (
				select task_id, number, xmin::text as version, operation, dry_run, item_count, items, odd_numbers
				from muster.task
				where site_id = $1 and ended_at is null and number > $2
				order by number
				limit ${claimTasksMax[size]}
			) as oldest
			window oldest_first as (order by number)
		),
		-- The first place that does not belong to the claim: another operation, a dry run, behind an undo, or too much.
		stop as (
			select min(place) as place
			from head
			where place > 1
				and (operation <> first_operation or dry_run or first_dry_run or first_operation like '%.undo'
					or items_so_far > ${claimItemsMax[size]} or bytes > ${claimBytesMax})
		)
		select task_id as "taskId", number, operation, dry_run as "dryRun", item_count as "itemCount", items,
			odd_numbers as "oddNumbers", version
		from head, stop
		where head.place < coalesce(stop.place, head.place + 1)
		order by number`,
	};
}

/**
 * The oldest unfinished tasks of a site, in the order of acceptance, as many as can be applied as one: neighbours of one
 * operation; a dry run and an undo come alone. Nothing is locked here; only the holder of the lane ends tasks.
 *
 * There are none where the oldest is of an operation that this program does not know: while a newer one is rolled out beside
 * it, such a task is left for a worker that does, and so is what was accepted after it.
 * @param behind only tasks of a higher number
 */
export async function claimTasks(
	transaction: Transaction,
	siteId: string,
	behind: number,
	size: Portion,
): Promise<ClaimedTask[]> {
	const tasks = await transaction.query<ClaimedTask>(statements[size], [siteId, behind]);
	return taskOperationNames.some((name) => name === tasks[0]?.operation) ? tasks : [];
}
