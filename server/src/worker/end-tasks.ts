import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Transaction } from "../store/database.ts";
import type { Site } from "../store/find-site.ts";
import { type Ended, type FinishedTask, finishTasks } from "../store/finish-tasks.ts";
import { queueDeliveries } from "../store/queue-deliveries.ts";

/**
 * Ends the tasks of a claim, and queues what the site's webhooks are told of it. Where the site has none, which its row has
 * said, nothing is sent for them.
 * @returns what they come to
 * @throws 40001 where one of them has ended already
 */
export async function endTasks(
	transaction: Transaction,
	{ siteId, hasWebhooks }: Site,
	claimed: readonly [ClaimedTask, ...ClaimedTask[]],
	finished: readonly FinishedTask[],
): Promise<Ended> {
	const [ended] = await Promise.all([
		finishTasks(transaction, siteId, finished),
		hasWebhooks
			? queueDeliveries(transaction, siteId, { tasks: finished, dryRun: claimed[0].dryRun, areRecords: true })
			: null,
	]);
	return ended;
}
