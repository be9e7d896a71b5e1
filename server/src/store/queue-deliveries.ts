import { summarize } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";
import type { FinishedTask } from "./finish-tasks.ts";

const statement = {
	name: "queue-deliveries",
	text: `
		insert into muster.webhook_delivery (site_id, webhook_id, task_id, event)
		select $1, webhook_id, ended.task_id, ended.event
		from unnest($2::uuid[], $3::text[]) as ended (task_id, event)
		join muster.webhook on webhook.site_id = $1 and webhook.is_enabled and ended.event = any(webhook.events)
		-- One that is being deleted is waited for, and left out.
		for key share of webhook`,
};

/** Ended tasks, and what is beside the items of each. */
export interface EndedTasks {
	readonly tasks: readonly FinishedTask[];
	readonly dryRun: boolean;
	/** Whether the items are records; definitions are not. */
	readonly areRecords: boolean;
}

/**
 * Queues what a site's webhooks are told of tasks, in the transaction that ends them: so nothing is told that did not
 * happen, and nothing that happened goes untold.
 */
export async function queueDeliveries(
	transaction: Transaction,
	siteId: string,
	{ tasks, dryRun, areRecords }: EndedTasks,
): Promise<void> {
	const ended = tasks.flatMap((task) => {
		const { created, updated, deleted } = summarize(task.results);
		const hasChanged = areRecords && !dryRun && created + updated + deleted > 0;
		return [
			{ taskId: task.taskId, event: task.failed ? "task.failed" : "task.completed" },
			...(hasChanged ? [{ taskId: task.taskId, event: "records.changed" }] : []),
		];
	});
	await transaction.query(statement, [
		siteId,
		ended.map(({ taskId }) => taskId),
		ended.map(({ event }) => event),
	]);
}
