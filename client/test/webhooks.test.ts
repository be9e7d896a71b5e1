import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { aReceiver, type Receiver } from "../../server/test/worker/receiver.ts";
import { MusterClient, webhookEvents } from "../src/index.ts";

let muster: TestMuster;
let receiver: Receiver;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
	receiver = await aReceiver();
});
afterAll(async () => {
	await receiver.close();
	await muster.close();
});

async function aClient(): Promise<MusterClient> {
	const { token } = await muster.aSite();
	return new MusterClient({ url: muster.url, token });
}

test("a webhook is made with a secret that is told once, changed, paused, and deleted", async () => {
	const { webhooks } = await aClient();
	const { secret, ...made } = await webhooks.create({ url: receiver.url, events: ["task.failed"] });
	expect(secret).toMatch(/^whsec_/);
	expect(made).toMatchObject({ url: receiver.url, events: ["task.failed"], enabled: true, status: "active" });
	expect(await webhooks.get(made.webhookId)).toEqual(made);
	expect(await webhooks.list()).toEqual([made]);
	const paused = await webhooks.change(made.webhookId, { events: [...webhookEvents], enabled: false });
	expect(paused).toEqual({ ...made, events: [...webhookEvents], enabled: false, status: "disabled" });
	await webhooks.delete(made.webhookId);
	expect(await webhooks.list()).toEqual([]);
	await expect(webhooks.delete(made.webhookId)).rejects.toMatchObject({ code: "not_found" });
});

test("a new secret is told once, and when the former one ends", async () => {
	const { webhooks } = await aClient();
	const { secret, webhookId } = await webhooks.create({ url: receiver.url });
	const rotated = await webhooks.rotateSecret(webhookId);
	expect(rotated.secret).toMatch(/^whsec_/);
	expect(rotated.secret).not.toBe(secret);
	expect(await webhooks.get(webhookId)).toMatchObject({ formerSecretUntil: rotated.formerSecretUntil });
});

test("what became of each message is listed, by the page too, and one is sent again under its id", async () => {
	const client = await aClient();
	const { webhookId } = await client.webhooks.create({ url: receiver.url });
	receiver.answer = (response) => response.writeHead(500).end();
	const { taskId } = await client.submit("customer", [{ email: "ann@acme.com" }], { waitSeconds: 10 });
	await muster.deliverer.tick();
	const tried = [];
	for await (const delivery of client.webhooks.deliveries(webhookId)) tried.push(delivery);
	expect(tried.map(({ event }) => event).toSorted()).toEqual(["records.changed", "task.completed"]);
	for (const delivery of tried) {
		expect(delivery).toMatchObject({ taskId, status: "pending", attempts: 1, answeredStatus: 500 });
	}
	const first = await client.webhooks.deliveryPage(webhookId, { limit: 1 });
	expect(first.results).toEqual(tried.slice(0, 1));
	const second = await client.webhooks.deliveryPage(webhookId, { limit: 1, cursor: first.nextCursor ?? "" });
	expect(second).toEqual({ results: tried.slice(1), nextCursor: null });
	receiver.answer = (response) => response.writeHead(204).end();
	const { deliveryId = "" } = tried[0] ?? {};
	expect(await client.webhooks.resend(deliveryId)).toMatchObject({ deliveryId, status: "pending" });
	await muster.deliverer.tick();
	const again = (await client.webhooks.deliveryPage(webhookId)).results.find(
		(each) => each.deliveryId === deliveryId,
	);
	expect(again).toMatchObject({ status: "delivered", answeredStatus: 204 });
	expect(receiver.received.at(-1)?.headers["webhook-id"]).toBe(deliveryId);
});
