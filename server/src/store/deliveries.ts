import type { WebhookEvent } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

/** How long a process has for a try before another one may think it dead, in seconds: more than a try may take. */
const leaseSeconds = 60;

/** The first pause between two tries, in seconds, four times as long with each further one, up to the longest. */
const firstPauseSeconds = 5;
const longestPauseSeconds = 7_200;

/** A webhook that has a message to be tried now. */
export interface DueWebhook {
	readonly siteId: string;
	readonly webhookId: string;
}

const dueStatement = {
	name: "find-due-webhooks",
	text: `select due_site_id as "siteId", due_webhook_id as "webhookId" from muster.webhooks_with_work()`,
};

/** Of all sites; in a transaction that is bound to none. */
export function findDueWebhooks(transaction: Transaction): Promise<DueWebhook[]> {
	return transaction.query<DueWebhook>(dueStatement, []);
}

/** A message that this process is to try, and nobody else for a while. */
export interface ClaimedDelivery {
	readonly deliveryId: string;
	readonly taskId: string;
	readonly event: WebhookEvent;
	readonly attempts: number;
	readonly url: string;
	/** The secret, and the one before while it is valid. */
	readonly secrets: readonly string[];
	/** The database's clock, in seconds since 1970. */
	readonly nowSeconds: number;
}

const claimStatement = {
	name: "claim-deliveries",
	text: `
		with due as (
			select delivery_id
			from muster.webhook_delivery
			where site_id = $1 and webhook_id = $2 and next_attempt_at <= clock_timestamp()
			order by next_attempt_at
			limit $3
			for update skip locked
		)
		update muster.webhook_delivery
		set next_attempt_at = clock_timestamp() + ${leaseSeconds} * interval '1 second',
			attempts = attempts + 1, last_attempt_at = clock_timestamp()
		from due, muster.webhook
		where webhook_delivery.site_id = $1 and webhook_delivery.delivery_id = due.delivery_id
			and webhook.site_id = $1 and webhook.webhook_id = $2 and webhook.is_enabled
		returning webhook_delivery.delivery_id as "deliveryId", task_id as "taskId", event, attempts, url,
			case when former_secret_until > clock_timestamp() then array[secret, former_secret] else array[secret] end
				as secrets,
			extract(epoch from clock_timestamp())::bigint as "nowSeconds"`,
};

/** Takes messages of a webhook that are due; two processes never take the same one while it is being tried. */
export function claimDeliveries(
	transaction: Transaction,
	{ siteId, webhookId }: DueWebhook,
	limit: number,
): Promise<ClaimedDelivery[]> {
	return transaction.query<ClaimedDelivery>(claimStatement, [siteId, webhookId, limit]);
}

/** What became of a try. */
export type Tried =
	/** The receiver took it. */
	| { readonly kind: "delivered"; readonly status: number }
	/** It will be tried again, until its time is over. */
	| { readonly kind: "refused"; readonly status: number | null; readonly trouble: string }
	/** The receiver wants no more: 410. */
	| { readonly kind: "gone"; readonly status: number; readonly trouble: string }
	/** It was broken off by us, and is due at once. */
	| { readonly kind: "stopped" };

const noteStatement = {
	name: "note-delivery",
	// A process that was paused past its lease finds another number of tries here, and says nothing.
	text: `
		with noted as (
			update muster.webhook_delivery
			set delivered_at = case when $4 = 'delivered' then clock_timestamp() end,
				attempts = attempts - case when $4 = 'stopped' then 1 else 0 end,
				last_status = case when $4 = 'stopped' then last_status else $5 end,
				last_trouble = case when $4 = 'stopped' then last_trouble else $6 end,
				next_attempt_at = case
					when $4 = 'stopped' then clock_timestamp()
					when $4 = 'refused' and clock_timestamp() < give_up_at then clock_timestamp() + interval '1 second'
						* least(${firstPauseSeconds} * 4.0 ^ least(attempts - 1, 10), ${longestPauseSeconds}) * (0.75 + random() / 2)
				end
			where site_id = $1 and delivery_id = $2 and attempts = $3
			returning webhook_id
		)
		update muster.webhook
		set failing_since = case when $4 = 'delivered' then null else coalesce(failing_since, clock_timestamp()) end,
			is_enabled = is_enabled and $4 <> 'gone', is_gone = is_gone or $4 = 'gone'
		from noted
		where webhook.site_id = $1 and webhook.webhook_id = noted.webhook_id and $4 <> 'stopped'
			and ($4 = 'gone' or ($4 = 'delivered') = (failing_since is not null))`,
};

/**
 * Notes what became of a try: what was refused is tried again after a pause, four times as long each time, with a quarter
 * of it more or less by chance, until a day has gone by; a receiver that says 410 is told nothing more.
 */
export async function noteDelivery(
	transaction: Transaction,
	siteId: string,
	{ deliveryId, attempts }: ClaimedDelivery,
	tried: Tried,
): Promise<void> {
	const status = tried.kind === "stopped" ? null : tried.status;
	const trouble = tried.kind === "refused" || tried.kind === "gone" ? tried.trouble : null;
	await transaction.query(noteStatement, [siteId, deliveryId, attempts, tried.kind, status, trouble]);
}
