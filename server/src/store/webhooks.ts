import type { WebhookEvent } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

export interface StoredWebhook {
	readonly webhookId: string;
	readonly url: string;
	readonly events: readonly WebhookEvent[];
	readonly isEnabled: boolean;
	readonly isGone: boolean;
	readonly failingSince: Date | null;
	/** Whether nothing has arrived for a day. */
	readonly isFailing: boolean;
	/** Until when the former secret signs too; null where it does not. */
	readonly formerSecretUntil: Date | null;
	readonly createdAt: Date;
}

const columns = `
	webhook_id as "webhookId", url, events, is_enabled as "isEnabled", is_gone as "isGone",
	failing_since as "failingSince",
	coalesce(failing_since < clock_timestamp() - interval '1 day', false) as "isFailing",
	case when former_secret_until > clock_timestamp() then former_secret_until end as "formerSecretUntil",
	created_at as "createdAt"`;

const listStatement = {
	name: "list-webhooks",
	text: `select ${columns} from muster.webhook where site_id = $1 order by webhook_id`,
};

/** All webhooks of a site, the oldest first. */
export function listWebhooks(transaction: Transaction, siteId: string): Promise<StoredWebhook[]> {
	return transaction.query<StoredWebhook>(listStatement, [siteId]);
}

const findStatement = {
	name: "find-webhook",
	text: `select ${columns} from muster.webhook where site_id = $1 and webhook_id = $2`,
};

export async function findWebhook(
	transaction: Transaction,
	siteId: string,
	webhookId: string,
): Promise<StoredWebhook | null> {
	const [found] = await transaction.query<StoredWebhook>(findStatement, [siteId, webhookId]);
	return found ?? null;
}

const lockStatement = {
	name: "lock-webhooks",
	text: "select from muster.site where site_id = $1 for no key update",
};

const insertStatement = {
	name: "insert-webhook",
	text: `
		insert into muster.webhook (site_id, url, events, is_enabled, secret)
		select $1, $2, $3, $4, $5
		where (select count(*) from muster.webhook where site_id = $1) < $6
		returning ${columns}`,
};

/** What can be said of a webhook. */
export interface WebhookMembers {
	readonly url: string;
	readonly events: readonly WebhookEvent[];
	readonly isEnabled: boolean;
}

/** @returns null where the site has `most` already; those who add some at once take turns */
export async function insertWebhook(
	transaction: Transaction,
	siteId: string,
	{ url, events, isEnabled }: WebhookMembers,
	{ secret, most }: { readonly secret: string; readonly most: number },
): Promise<StoredWebhook | null> {
	await transaction.query(lockStatement, [siteId]);
	const values = [siteId, url, events, isEnabled, secret, most];
	const [made] = await transaction.query<StoredWebhook>(insertStatement, values);
	return made ?? null;
}

const changeStatement = {
	name: "change-webhook",
	text: `
		update muster.webhook
		set url = coalesce($3, url), events = coalesce($4, events), is_enabled = coalesce($5, is_enabled),
			is_gone = is_gone and $5 is distinct from true,
			-- What another address did says nothing of this one, nor what was before it was switched on anew.
			failing_since = case when $3 is distinct from url and $3 is not null or $5 then null else failing_since end
		where site_id = $1 and webhook_id = $2
		returning ${columns}`,
};

/** Changes what is given. @returns null where there is none of that id */
export async function changeWebhook(
	transaction: Transaction,
	siteId: string,
	webhookId: string,
	{ url, events, isEnabled }: Partial<WebhookMembers>,
): Promise<StoredWebhook | null> {
	const values = [siteId, webhookId, url ?? null, events ?? null, isEnabled ?? null];
	const [changed] = await transaction.query<StoredWebhook>(changeStatement, values);
	return changed ?? null;
}

const rotateStatement = {
	name: "rotate-webhook-secret",
	text: `
		update muster.webhook
		set former_secret = secret, former_secret_until = clock_timestamp() + interval '1 day', secret = $3
		where site_id = $1 and webhook_id = $2
		returning ${columns}`,
};

/** Gives a webhook another secret; for a day messages are signed with the one before too. */
export async function rotateWebhookSecret(
	transaction: Transaction,
	siteId: string,
	webhookId: string,
	secret: string,
): Promise<StoredWebhook | null> {
	const [changed] = await transaction.query<StoredWebhook>(rotateStatement, [siteId, webhookId, secret]);
	return changed ?? null;
}

const deleteStatement = {
	name: "delete-webhook",
	text: "delete from muster.webhook where site_id = $1 and webhook_id = $2",
};

/** Deletes a webhook with its deliveries. @returns whether there was one */
export async function deleteWebhook(
	transaction: Transaction,
	siteId: string,
	webhookId: string,
): Promise<boolean> {
	return (await transaction.execute(deleteStatement, [siteId, webhookId])) > 0;
}
