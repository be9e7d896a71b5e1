import { randomBytes } from "node:crypto";
import {
	NewWebhook,
	Type,
	Webhook,
	WebhookChange,
	WebhookDelivery,
	WebhookWithSecret,
	webhookEvents,
	webhooksMax,
} from "@muster/client/contract";

import { uuidForm } from "../../domain/record.ts";
import { makeWebhookSecret } from "../../domain/webhook-secret.ts";
import { actAs } from "../../store/act-as.ts";
import type { Transaction } from "../../store/database.ts";
import { listDeliveries, resendDelivery, type StoredDelivery } from "../../store/list-deliveries.ts";
import {
	changeWebhook,
	deleteWebhook,
	findWebhook,
	insertWebhook,
	listWebhooks,
	rotateWebhookSecret,
	type StoredWebhook,
} from "../../store/webhooks.ts";
import { cutPage, pageLimitOf, pageOf, pageParameters } from "../page.ts";
import { notFound, ProblemError } from "../problem-error.ts";
import { readWebhook } from "../read-webhook.ts";
import { refuseBody } from "../refuse-body.ts";
import type { Call, Reply, Route } from "../route.ts";

const tag = "Webhooks";
const scope = "admin";
const one = "webhooks/{webhookId}";
const answer = { status: 200, description: "The webhook", guide: Webhook, reference: Webhook } as const;
const withSecret = {
	status: 200,
	description: "The webhook with its secret, which is shown this once",
	guide: WebhookWithSecret,
	reference: WebhookWithSecret,
} as const;
const listed = Type.Object({ results: Type.Array(Webhook) });
const example = { url: "https://example.com/muster", events: [...webhookEvents] };

/** Who is told of what happened. */
export const webhookRoutes: readonly Route[] = [
	{
		method: "GET",
		path: "webhooks",
		id: "webhook.list",
		tag,
		summary: "List the site's webhooks, oldest first",
		scope,
		answers: [
			{ status: 200, description: `All of them, ${webhooksMax} at most`, guide: listed, reference: listed },
		],
		handle: async (call) => {
			const found = await inSite(call, listWebhooks);
			return { status: 200, body: { results: found.map(shown) } };
		},
	},
	{
		method: "POST",
		path: "webhooks",
		id: "webhook.create",
		tag,
		summary: "Make a webhook",
		description: `It is told of tasks that are sent from now on. A site has ${webhooksMax} at most.`,
		scope,
		bodies: [{ name: "webhook", schema: NewWebhook, example }],
		answers: [withSecret],
		handle: create,
	},
	{
		method: "GET",
		path: one,
		id: "webhook.get",
		tag,
		summary: "Look at a webhook",
		scope,
		answers: [answer],
		handle: async (call) => {
			const webhookId = idOf(call, "webhookId");
			return reply(await inSite(call, (transaction, siteId) => findWebhook(transaction, siteId, webhookId)));
		},
	},
	{
		method: "PUT",
		path: one,
		id: "webhook.change",
		tag,
		summary: "Change a webhook, or switch it off and on",
		description:
			"What is left out stays. While it is switched off no messages are made for it; those that wait go out when it is switched on.",
		scope,
		bodies: [{ name: "change", schema: WebhookChange, example: { events: ["task.failed"] } }],
		answers: [answer],
		handle: async (call) => {
			const webhookId = idOf(call, "webhookId");
			const change = readWebhook(call);
			return reply(
				await acting(call, (transaction, siteId) => changeWebhook(transaction, siteId, webhookId, change)),
			);
		},
	},
	{
		method: "DELETE",
		path: one,
		id: "webhook.delete",
		tag,
		summary: "Delete a webhook with its deliveries",
		scope,
		answers: [{ status: 204, description: "The webhook is gone" }],
		handle: async (call) => {
			const webhookId = idOf(call, "webhookId");
			const isGone = await acting(call, (transaction, siteId) =>
				deleteWebhook(transaction, siteId, webhookId),
			);
			if (!isGone) throw notFound();
			return { status: 204 };
		},
	},
	{
		method: "POST",
		path: `${one}/secret`,
		id: "webhook.rotateSecret",
		tag,
		summary: "Give a webhook another secret",
		description:
			"For a day messages are signed with the former secret too, so that no receiver refuses one meanwhile.",
		scope,
		answers: [withSecret],
		handle: rotate,
	},
	{
		method: "GET",
		path: `${one}/deliveries`,
		id: "webhook.deliveries",
		tag,
		summary: "List the messages to a webhook, the latest first",
		description: "They are kept as long as their tasks.",
		scope,
		query: Type.Object({ ...pageParameters }),
		answers: [
			{
				status: 200,
				description: "A page of deliveries",
				guide: pageOf(WebhookDelivery),
				reference: pageOf(WebhookDelivery),
			},
		],
		handle: deliveries,
	},
	{
		method: "POST",
		path: "deliveries/{deliveryId}/resend",
		id: "webhook.resend",
		tag,
		summary: "Send a message to a webhook again",
		description: "Under the id that it had, whatever became of it; for a day, as if it were new.",
		scope,
		answers: [
			{ status: 200, description: "The delivery", guide: WebhookDelivery, reference: WebhookDelivery },
		],
		handle: async (call) => {
			refuseBody(call.body, "sending a message again takes none.");
			const id = idOf(call, "deliveryId");
			const found = await inSite(call, (transaction, siteId) => resendDelivery(transaction, siteId, id));
			if (found === null) throw notFound();
			return { status: 200, body: shownDelivery(found) };
		},
	},
];

async function create(call: Call): Promise<Reply> {
	const { url, events = webhookEvents, isEnabled = true } = readWebhook(call);
	if (url === undefined) throw new ProblemError("invalid_request", "The body has no url. Nothing was saved.");
	const secret = makeWebhookSecret(randomBytes(32));
	const made = await acting(call, (transaction, siteId) =>
		insertWebhook(transaction, siteId, { url, events, isEnabled }, { secret, most: webhooksMax }),
	);
	if (made === null) {
		throw new ProblemError(
			"invalid_request",
			`This site has ${webhooksMax} webhooks, the most there can be. Delete one that is not needed; nothing was saved.`,
		);
	}
	return { status: 200, body: { ...shown(made), secret } };
}

async function rotate(call: Call): Promise<Reply> {
	refuseBody(call.body, "a change of the secret takes none.");
	const webhookId = idOf(call, "webhookId");
	const secret = makeWebhookSecret(randomBytes(32));
	const changed = await acting(call, (transaction, siteId) =>
		rotateWebhookSecret(transaction, siteId, webhookId, secret),
	);
	if (changed === null) throw notFound();
	return { status: 200, body: { ...shown(changed), secret } };
}

async function deliveries(call: Call): Promise<Reply> {
	const webhookId = idOf(call, "webhookId");
	const limit = pageLimitOf(call.query);
	const before = call.query.cursor(uuidForm);
	const found = await inSite(call, async (transaction, siteId) => {
		if ((await findWebhook(transaction, siteId, webhookId)) === null) throw notFound();
		return listDeliveries(transaction, siteId, webhookId, { before, limit: limit + 1 });
	});
	const { page, more } = cutPage(found, limit, (last) => last.deliveryId);
	return { status: 200, body: { results: page.map(shownDelivery), ...more } };
}

type Work<T> = (transaction: Transaction, siteId: string) => Promise<T>;

function inSite<T>({ principal: { siteId }, services }: Call, work: Work<T>): Promise<T> {
	return services.database.inSite(siteId, (transaction) => work(transaction, siteId));
}

/** The audit log names the token behind it. */
function acting<T>(call: Call, work: Work<T>): Promise<T> {
	return inSite(call, async (transaction, siteId) => {
		await actAs(transaction, { actor: `token ${call.principal.tokenId}`, origin: call.address });
		return work(transaction, siteId);
	});
}

/** What cannot be an id is as unknown as an unknown id. */
function idOf(call: Call, name: "webhookId" | "deliveryId"): string {
	const id = call.params[name] ?? "";
	if (!uuidForm.test(id)) throw notFound();
	return id;
}

function reply(webhook: StoredWebhook | null): Reply {
	if (webhook === null) throw notFound();
	return { status: 200, body: shown(webhook) };
}

function shown(webhook: StoredWebhook): Webhook {
	const { webhookId, url, events, isEnabled, failingSince, createdAt, formerSecretUntil } = webhook;
	return {
		webhookId,
		url,
		events: [...events],
		enabled: isEnabled,
		status: statusOf(webhook),
		...(failingSince === null ? {} : { failingSince: failingSince.toISOString() }),
		createdDate: createdAt.toISOString(),
		...(formerSecretUntil === null ? {} : { formerSecretUntil: formerSecretUntil.toISOString() }),
	};
}

function statusOf({ isEnabled, isGone, isFailing }: StoredWebhook): Webhook["status"] {
	if (isGone) return "gone";
	if (!isEnabled) return "disabled";
	return isFailing ? "failing" : "active";
}

function shownDelivery(delivery: StoredDelivery): WebhookDelivery {
	const { deliveryId, event, taskId, attempts, createdAt, lastStatus, lastTrouble } = delivery;
	const { lastAttemptAt, nextAttemptAt, deliveredAt } = delivery;
	return {
		deliveryId,
		event,
		taskId,
		status: nextAttemptAt !== null ? "pending" : deliveredAt === null ? "given_up" : "delivered",
		attempts,
		createdDate: createdAt.toISOString(),
		...(lastAttemptAt === null ? {} : { lastAttemptDate: lastAttemptAt.toISOString() }),
		...(nextAttemptAt === null ? {} : { nextAttemptDate: nextAttemptAt.toISOString() }),
		...(deliveredAt === null ? {} : { deliveredDate: deliveredAt.toISOString() }),
		...(lastStatus === null ? {} : { answeredStatus: lastStatus }),
		...(lastTrouble === null ? {} : { trouble: lastTrouble }),
	};
}
