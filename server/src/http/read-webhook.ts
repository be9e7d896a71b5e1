import { type WebhookEvent, webhookEvents } from "@muster/client/contract";
import { type Fault, show } from "../domain/fault.ts";
import { ItemReader } from "../domain/item-reader.ts";
import { readWebhookUrl } from "../domain/webhook-url.ts";
import type { WebhookMembers } from "../store/webhooks.ts";
import { refuse } from "./detail-fields.ts";
import { readJsonObject, refuseUnknownKeys } from "./read-json.ts";
import type { Call } from "./route.ts";

/** Reads what a body says of a webhook. @throws ProblemError invalid_request with every fault of it */
export function readWebhook(call: Call): Partial<WebhookMembers> {
	const body = readJsonObject(call.body);
	refuseUnknownKeys(body, ["url", "events", "enabled"]);
	const reader = ItemReader.of(body);
	if (reader === null) throw new Error("an object is no object");
	const { faults } = reader;
	const text = reader.text("url");
	const url = text === undefined ? undefined : readUrl(text, call.services.webhooksPrivate, faults);
	const events = "events" in body ? readEvents(body.events, faults) : undefined;
	const { enabled } = body;
	if (enabled !== undefined && typeof enabled !== "boolean") {
		faults.push(wrongType("/enabled", `enabled is ${show(enabled)}; true or false is expected.`));
	}
	refuse("invalid_request", faults);
	return {
		...(url === undefined ? {} : { url }),
		...(events === undefined ? {} : { events }),
		...(typeof enabled === "boolean" ? { isEnabled: enabled } : {}),
	};
}

function readUrl(text: string, allowPrivate: boolean, faults: Fault[]): string | undefined {
	const read = readWebhookUrl(text, allowPrivate);
	if ("url" in read) return read.url;
	faults.push({ code: "invalid_text", pointer: "/url", message: read.message });
	return undefined;
}

function readEvents(value: unknown, faults: Fault[]): WebhookEvent[] | undefined {
	const allowed = `one or more of ${webhookEvents.join(", ")}, each once,`;
	if (!Array.isArray(value) || value.length === 0) {
		faults.push(wrongType("/events", `events is ${show(value)}; a list with ${allowed} is expected.`));
		return undefined;
	}
	const events: WebhookEvent[] = [];
	for (const [place, each] of value.slice(0, webhookEvents.length + 1).entries()) {
		const event = webhookEvents.find((known) => known === each);
		if (event !== undefined && !events.includes(event)) events.push(event);
		else faults.push(wrongType(`/events/${place}`, `events holds ${show(each)}; ${allowed} are expected.`));
	}
	return events;
}

function wrongType(pointer: string, message: string): Fault {
	return { code: "invalid_type", pointer, message };
}
