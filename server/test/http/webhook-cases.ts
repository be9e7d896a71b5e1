import { expect } from "vitest";
import type { TestMuster, TestSite } from "../muster.ts";
import type { RouteCase } from "./route-cases.ts";

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const url = "https://example.com/muster";
const shown = {
	webhookId: uuid,
	url,
	events: ["task.completed", "task.failed", "records.changed"],
	enabled: true,
	status: "active",
	createdDate: time,
};
const secret = expect.stringMatching(/^whsec_[\w+/]{43}=$/);

const bad: NonNullable<RouteCase["bad"]> = [
	["invalid_request", { url: "muster" }],
	["invalid_request", { url: "https://jane@example.com/" }],
	["invalid_request", { url: "https://example.com/#here" }],
	["invalid_request", { url: `https://example.com/${"a".repeat(2_000)}` }],
	["invalid_request", { url, events: [] }],
	["invalid_request", { url, events: ["task.failed", "task.failed"] }],
	["invalid_request", { url, events: ["record.changed"] }],
	["invalid_request", { url, enabled: "yes" }],
];
async function aWebhook(site: TestSite): Promise<Record<string, string>> {
	const { secret: _, ...webhook } = (await site.post("webhooks", { url })).body;
	return webhook;
}

async function aDelivery({ muster, site }: { muster: TestMuster; site: TestSite }) {
	const { webhookId = "" } = await aWebhook(site);
	const { body } = await site.post("customer/bulk", { customers: [{ email: "jane" }] });
	await muster.worker.tick();
	const delivery = {
		deliveryId: uuid,
		event: "task.completed",
		taskId: body.taskId,
		status: "pending",
		attempts: 0,
		createdDate: time,
		nextAttemptDate: time,
	};
	return { webhookId, delivery };
}

/** Cases of the routes of webhooks, see routeCases. */
export const webhookCases: Readonly<Record<string, RouteCase>> = {
	"webhook.list": {
		good: async ({ site }) => ({ status: 200, answer: { results: [await aWebhook(site)] } }),
	},
	"webhook.create": {
		good: async () => ({ body: { url }, status: 200, answer: { ...shown, secret } }),
		bad: [["invalid_request", {}], ...bad],
	},
	"webhook.get": {
		good: async ({ site }) => {
			const webhook = await aWebhook(site);
			return { params: { webhookId: webhook.webhookId ?? "" }, status: 200, answer: webhook };
		},
	},
	"webhook.change": {
		good: async ({ site }) => {
			const webhook = await aWebhook(site);
			return {
				params: { webhookId: webhook.webhookId ?? "" },
				body: { enabled: false, events: ["task.failed"] },
				status: 200,
				answer: { ...webhook, enabled: false, events: ["task.failed"], status: "disabled" },
			};
		},
		bad,
	},
	"webhook.delete": {
		good: async ({ site }) => ({
			params: { webhookId: (await aWebhook(site)).webhookId ?? "" },
			status: 204,
			answer: null,
		}),
	},
	"webhook.rotateSecret": {
		good: async ({ site }) => {
			const webhook = await aWebhook(site);
			return {
				params: { webhookId: webhook.webhookId ?? "" },
				status: 200,
				answer: { ...webhook, secret, formerSecretUntil: time },
			};
		},
	},
	"webhook.deliveries": {
		good: async (world) => {
			const { webhookId, delivery } = await aDelivery(world);
			return { params: { webhookId }, query: "?limit=1", status: 200, answer: { results: [delivery] } };
		},
	},
	"webhook.resend": {
		good: async (world) => {
			const { webhookId, delivery } = await aDelivery(world);
			const [{ deliveryId }] = (await world.site.get(`webhooks/${webhookId}/deliveries`)).body.results;
			return { params: { deliveryId }, status: 200, answer: delivery };
		},
	},
};
