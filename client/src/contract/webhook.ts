import type { Static } from "typebox";
import { outcomes, Summary } from "./task.ts";
import { Type } from "./type.ts";
import { webhookEvents } from "./webhook-events.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const uuid = Type.String({ format: "uuid" });

export const webhookUrlCharactersMax = 2_000;
/** Most webhooks of a site. */
export const webhooksMax = 20;

const url = Type.String({
	format: "uri",
	maxLength: webhookUrlCharactersMax,
	description: "Where messages are posted to: https, on the public internet",
	examples: ["https://example.com/muster"],
});
const events = Type.Array(Type.Enum([...webhookEvents]), {
	minItems: 1,
	uniqueItems: true,
	maxItems: webhookEvents.length,
});
const enabled = Type.Boolean({ description: "Whether messages are sent to it, and new ones made for it" });

const members = {
	webhookId: uuid,
	url,
	events,
	enabled,
	status: Type.Enum(["active", "failing", "disabled", "gone"], {
		description:
			"`failing`: nothing has arrived for a day; `disabled`: switched off; `gone`: switched off because the receiver answered 410",
	}),
	failingSince: Type.Optional(
		Type.String({
			format: "date-time",
			description: "Since when nothing has arrived; absent while messages do",
		}),
	),
	createdDate: timestamp,
	formerSecretUntil: Type.Optional(
		Type.String({
			format: "date-time",
			description: "Until then messages are signed with the former secret too",
		}),
	),
};

export const Webhook = Type.Object(members, { description: "An address that is told of what happened" });
export type Webhook = Static<typeof Webhook>;

export const WebhookWithSecret = Type.Object(
	{
		...members,
		secret: Type.String({ description: "Messages are signed with it. It is shown this once" }),
	},
	{ description: "A webhook with its new secret" },
);
export type WebhookWithSecret = Static<typeof WebhookWithSecret>;

export const NewWebhook = Type.Object(
	{ url, events: Type.Optional(events), enabled: Type.Optional(enabled) },
	{ description: "A webhook; all events where they are left out", additionalProperties: false },
);
export type NewWebhook = Static<typeof NewWebhook>;

export const WebhookChange = Type.Partial(NewWebhook, {
	description: "What is to be another one; what is left out stays",
	additionalProperties: false,
});
export type WebhookChange = Static<typeof WebhookChange>;

export const WebhookDelivery = Type.Object(
	{
		deliveryId: Type.String({
			format: "uuid",
			description: "The header webhook-id of the message, the same in every try",
		}),
		event: Type.Enum([...webhookEvents]),
		taskId: uuid,
		status: Type.Enum(["pending", "delivered", "given_up"]),
		attempts: Type.Integer({ minimum: 0 }),
		createdDate: timestamp,
		lastAttemptDate: Type.Optional(timestamp),
		nextAttemptDate: Type.Optional(timestamp),
		deliveredDate: Type.Optional(timestamp),
		answeredStatus: Type.Optional(
			Type.Integer({ description: "HTTP status that the last try was answered with" }),
		),
		trouble: Type.Optional(Type.String({ description: "Why the last try came to nothing" })),
	},
	{ description: "One message to a webhook, and what became of it" },
);
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** The body of a message, by its `type`. Ids, counts and outcomes alone: nothing that names a person. */
export const WebhookMessage = Type.Object({
	type: Type.Enum([...webhookEvents]),
	timestamp: Type.String({ format: "date-time", description: "When the task ended" }),
	data: Type.Object({
		siteId: uuid,
		taskId: uuid,
		operation: Type.String(),
		dryRun: Type.Optional(Type.Boolean()),
		taskUrl: Type.String({ format: "uri" }),
		resultsUrl: Type.String({ format: "uri", description: "Page by page, what became of each item" }),
		summary: Summary,
		records: Type.Optional(
			Type.Array(
				Type.Object({
					index: Type.Integer({ minimum: 0 }),
					id: Type.String(),
					outcome: Type.Enum([...outcomes]),
				}),
				{ description: "Of records.changed: the records that were created, updated or deleted" },
			),
		),
	}),
});
export type WebhookMessage = Static<typeof WebhookMessage>;
