import type { ItemResult, Summary } from "../domain/item-result.ts";
import { summarize } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";
import { textArray } from "./text-array.ts";

export interface FinishedTask {
	readonly taskId: string;
	readonly failed: boolean;
	readonly results: readonly ItemResult[];
	/** What its items found in what they changed, by their index, as JSON; null for nothing. */
	readonly images: string | null;
}

/** What tasks that ended together came to. */
export interface Ended {
	/** How many of them failed as a whole. */
	readonly failed: number;
	readonly summaries: readonly Summary[];
}

const statement = {
	name: "finish-tasks",
	text: `
		with ended as (
		update muster.task
		set ended_at = clock_timestamp(), items = null, failed = finished.failed, results = finished.results,
			failed_items = finished.failed_items, images = finished.images, deleted_count = finished.deleted,
			created_count = finished.created, updated_count = finished.updated,
			unchanged_count = finished.unchanged, skipped_count = finished.skipped,
			failed_count = finished.failed_count
		from unnest($2::uuid[], $3::boolean[], $4::text[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
			$10::text[], $12::text[], $13::int[])
			as finished (task_id, failed, results, created, updated, unchanged, skipped, failed_count, failed_items, images,
				deleted)
		where task.site_id = $1 and task.task_id = finished.task_id and task.ended_at is null
		returning 1)
		select muster.expect(count(*) = $11) from ended`,
};

/**
 * Ends tasks with what became of their items; in the same transaction as the records they wrote.
 * @returns what they come to, when that is committed
 * @throws 40001 where one of them has ended already
 */
export async function finishTasks(
	transaction: Transaction,
	siteId: string,
	tasks: readonly FinishedTask[],
): Promise<Ended> {
	const summaries = tasks.map((task) => summarize(task.results));
	await transaction.query(statement, [
		siteId,
		tasks.map((task) => task.taskId),
		tasks.map((task) => task.failed),
		textArray(tasks.map((task) => JSON.stringify(task.results.map(withoutSent)))),
		summaries.map((summary) => summary.created),
		summaries.map((summary) => summary.updated),
		summaries.map((summary) => summary.unchanged),
		summaries.map((summary) => summary.skipped),
		summaries.map((summary) => summary.failed),
		textArray(tasks.map(failedItemsOf)),
		tasks.length,
		textArray(tasks.map(({ images }) => images)),
		summaries.map((summary) => summary.deleted),
	]);
	return { failed: tasks.filter(({ failed }) => failed).length, summaries };
}

function withoutSent(result: ItemResult): ItemResult {
	if (result.sent === undefined) return result;
	const { sent: _, ...kept } = result;
	return kept;
}

/** The failed items as they were sent, by their index; null where none failed. */
function failedItemsOf({ results }: FinishedTask): string | null {
	const failed = results.flatMap(({ outcome, sent }, index) => (outcome === "failed" ? [[index, sent]] : []));
	return failed.length === 0 ? null : JSON.stringify(Object.fromEntries(failed));
}
