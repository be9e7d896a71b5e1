import type { WebhookEvent } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

export interface StoredDelivery {
	readonly deliveryId: string;
	readonly taskId: string;
	readonly event: WebhookEvent;
	readonly attempts: number;
	readonly createdAt: Date;
	readonly lastAttemptAt: Date | null;
	readonly nextAttemptAt: Date | null;
	readonly deliveredAt: Date | null;
	readonly lastStatus: number | null;
	readonly lastTrouble: string | null;
}

const columns = `
	delivery_id as "deliveryId", task_id as "taskId", event, attempts, webhook_delivery.created_at as "createdAt",
	last_attempt_at as "lastAttemptAt", next_attempt_at as "nextAttemptAt", delivered_at as "deliveredAt",
	last_status as "lastStatus", last_trouble as "lastTrouble"`;

const listStatement = {
	name: "list-deliveries",
	text: `
		select ${columns}
		from muster.webhook_delivery
		where site_id = $1 and webhook_id = $2
			and delivery_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
		order by delivery_id desc
		limit $4`,
};

/** Messages of a webhook, the newest first, behind the one of the id `before`. */
export function listDeliveries(
	transaction: Transaction,
	siteId: string,
	webhookId: string,
	page: { readonly before: string | undefined; readonly limit: number },
): Promise<StoredDelivery[]> {
	return transaction.query<StoredDelivery>(listStatement, [
		siteId,
		webhookId,
		page.before ?? null,
		page.limit,
	]);
}

const resendStatement = {
	name: "resend-delivery",
	text: `
		update muster.webhook_delivery
		set next_attempt_at = clock_timestamp(), give_up_at = clock_timestamp() + interval '1 day', attempts = 0,
			delivered_at = null
		where site_id = $1 and delivery_id = $2
		returning ${columns}`,
};

/** Makes a message due at once, for a day as if it were new. @returns null where there is none of that id */
export async function resendDelivery(
	transaction: Transaction,
	siteId: string,
	deliveryId: string,
): Promise<StoredDelivery | null> {
	const [found] = await transaction.query<StoredDelivery>(resendStatement, [siteId, deliveryId]);
	return found ?? null;
}
