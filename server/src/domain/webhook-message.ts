import type { WebhookEvent, WebhookMessage } from "@muster/client/contract";
import { guideBase } from "@muster/client/contract";
import type { ItemResult, Summary } from "./item-result.ts";
import { customerIdText } from "./record.ts";

/** A task that has ended, as messages tell of it. */
export interface EndedTask {
	readonly siteId: string;
	readonly taskId: string;
	readonly operation: string;
	readonly dryRun: boolean;
	readonly endedAt: Date;
	readonly summary: Summary;
	readonly results: readonly ItemResult[];
}

const changing: readonly string[] = ["created", "updated", "deleted"];

/**
 * What a webhook is told, the same each time it is tried: ids, counts and outcomes, nothing that names a person. A task has
 * a hundred items at most, so all that it changed stands in one message.
 */
export function webhookMessage(event: WebhookEvent, task: EndedTask, publicUrl: string): WebhookMessage {
	const { siteId, taskId, operation, dryRun, endedAt, summary } = task;
	const taskUrl = `${publicUrl}${guideBase}/tasks/${taskId}`;
	const { deleted, ...counts } = summary;
	return {
		type: event,
		timestamp: endedAt.toISOString(),
		data: {
			siteId,
			taskId,
			operation,
			...(dryRun ? { dryRun } : {}),
			taskUrl,
			resultsUrl: `${taskUrl}/results`,
			summary: deleted === 0 ? counts : { ...counts, deleted },
			...(event === "records.changed" ? { records: changedBy(task) } : {}),
		},
	};
}

function changedBy({
	siteId,
	operation,
	results,
}: EndedTask): NonNullable<WebhookMessage["data"]["records"]> {
	return results.flatMap(({ outcome, id }, index) => {
		if (id === undefined || !changing.includes(outcome)) return [];
		return [{ index, id: operation.startsWith("customer") ? customerIdText(siteId, id) : id, outcome }];
	});
}
