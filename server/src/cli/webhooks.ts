import { type Webhook, type WebhookDelivery, type WebhookEvent, webhookEvents } from "@muster/client";
import { type Command, Option } from "commander";
import { addListOptions, type ListOptions, printList } from "./print-list.ts";
import { type Column, printPairs } from "./table.ts";
import { type ServiceOptions, serviceCommand, withService } from "./with-service.ts";

/** Addresses that are told when tasks have ended, and what became of each message. */
export function addWebhooks(program: Command): void {
	const webhooks = program
		.command("webhooks")
		.description("Show and make webhooks, look at their deliveries, and send one again")
		.addHelpText("after", "\nExample:\n  muster webhooks list");
	addListOptions(serviceCommand(webhooks, "list"), 20)
		.description("List the site's webhooks, oldest first")
		.addHelpText("after", "\nExample:\n  muster webhooks list")
		.action(list);
	serviceCommand(webhooks, "create")
		.argument("<url>", "where messages are posted to: https, on the public internet")
		.description("Make a webhook, and show its secret this once")
		.addOption(
			new Option("--event <event...>", "what it is told of; everything if left out").choices(webhookEvents),
		)
		.option("--json", "print JSON")
		.addHelpText(
			"after",
			"\nExample:\n  muster webhooks create https://example.com/muster --event task.failed",
		)
		.action(create);
	addListOptions(serviceCommand(webhooks, "deliveries"), 20)
		.argument("<webhookId>", "from `muster webhooks list`")
		.description("List the messages to a webhook, the latest first, with what became of them")
		.addHelpText("after", `\nExample:\n  muster webhooks deliveries ${exampleId}`)
		.action(deliveries);
	serviceCommand(webhooks, "resend")
		.argument("<deliveryId>", "from `muster webhooks deliveries`")
		.description("Send a message again, under the id that it had")
		.option("--json", "print JSON")
		.addHelpText("after", `\nExample:\n  muster webhooks resend ${exampleId}`)
		.action(resend);
}

const exampleId = "01a20a45-3501-77c6-a728-52df69a99462";

type ListAll = ServiceOptions & Omit<ListOptions, "json">;

const columns: readonly Column<Webhook>[] = [
	{ title: "webhook", cell: ({ webhookId }) => webhookId },
	{ title: "status", cell: ({ status }) => status },
	{ title: "events", cell: ({ events }) => events.join(" ") },
	{ title: "address", cell: ({ url }) => url },
];

function list(options: ListAll): Promise<void> {
	return withService(options, (client) => {
		async function* all(): AsyncGenerator<Webhook, void> {
			yield* await client.webhooks.list();
		}
		return printList(all(), columns, "webhooks", options);
	});
}

function create(url: string, options: ServiceOptions & { readonly event?: WebhookEvent[] }): Promise<void> {
	const { event: events, json } = options;
	return withService(options, async (client) => {
		const made = await client.webhooks.create({ url, ...(events && { events }) });
		if (json) {
			console.log(JSON.stringify(made));
			return;
		}
		printPairs([
			["webhook", made.webhookId],
			["address", made.url],
			["events", made.events.join(" ")],
			["secret", made.secret],
		]);
		console.error("The secret is shown this once: messages are checked with it.");
	});
}

const deliveryColumns: readonly Column<WebhookDelivery>[] = [
	{ title: "delivery", cell: ({ deliveryId }) => deliveryId },
	{
		title: "made (UTC)",
		cell: ({ createdDate }) => createdDate.slice(0, "2026-11-24T12:20".length).replace("T", " "),
	},
	{ title: "event", cell: ({ event }) => event },
	{ title: "status", cell: ({ status }) => status },
	{ title: "tries", isNumber: true, cell: ({ attempts }) => attempts },
	{ title: "answer", cell: ({ answeredStatus, trouble }) => answeredStatus ?? trouble ?? "" },
];

function deliveries(webhookId: string, options: ListAll): Promise<void> {
	return withService(
		options,
		(client) => printList(client.webhooks.deliveries(webhookId), deliveryColumns, "deliveries", options),
		`there is no webhook ${webhookId} in the site of this token. \`muster webhooks list\` shows those that there are.`,
	);
}

function resend(deliveryId: string, options: ServiceOptions): Promise<void> {
	return withService(
		options,
		async (client) => {
			const { event, taskId, ...rest } = await client.webhooks.resend(deliveryId);
			if (options.json) console.log(JSON.stringify({ event, taskId, ...rest }));
			else console.error(`${event} of task ${taskId} is sent again.`);
		},
		`there is no delivery ${deliveryId} in the site of this token. \`muster webhooks deliveries\` shows those of a webhook.`,
	);
}
