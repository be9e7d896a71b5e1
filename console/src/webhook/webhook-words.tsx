import type { Webhook, WebhookDelivery, WebhookEvent } from "@muster/client";
import { Mark, type Tone } from "../pieces/outcome.tsx";

/** What a webhook can be told of, and when that is. */
export const eventWords: Readonly<Record<WebhookEvent, { readonly label: string; readonly about: string }>> =
	{
		"task.completed": { label: "task.completed", about: "A task has ended, with or without failures" },
		"task.failed": { label: "task.failed", about: "A task could not be carried out at all" },
		"records.changed": { label: "records.changed", about: "A task has changed records: which ones, and how" },
	};

const webhookStates: Readonly<Record<Webhook["status"], { readonly word: string; readonly tone: Tone }>> = {
	active: { word: "Active", tone: "good" },
	failing: { word: "Failing", tone: "bad" },
	disabled: { word: "Paused", tone: "calm" },
	gone: { word: "Gone", tone: "warn" },
};

export function WebhookMark({ status }: { readonly status: Webhook["status"] }) {
	const { word, tone } = webhookStates[status];
	return <Mark tone={tone}>{word}</Mark>;
}

export function DeliveryMark({ delivery: { status, attempts } }: { readonly delivery: WebhookDelivery }) {
	if (status === "delivered") return <Mark tone="good">Delivered</Mark>;
	if (status === "given_up") return <Mark tone="bad">Given up</Mark>;
	return attempts === 0 ? <Mark tone="busy">Waiting</Mark> : <Mark tone="warn">To be tried again</Mark>;
}
