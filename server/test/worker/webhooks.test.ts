import pg from "pg";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { refusePoison } from "./poison.ts";
import { aReceiver, type Receiver } from "./receiver.ts";

let muster: TestMuster;
let receiver: Receiver;
let admin: pg.Client;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	receiver = await aReceiver();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await refusePoison(admin);
});
beforeEach(async () => {
	site = await muster.aSite();
	receiver.received.length = 0;
	receiver.answer = (response) => response.writeHead(204).end();
});
afterAll(async () => {
	await admin.end();
	await receiver.close();
	await muster.close();
});

const ann = { email: "ann@acme.com", displayName: "Ann" };
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

async function aWebhook(members: object = {}): Promise<{ webhookId: string; secret: string }> {
	return (await site.post("webhooks", { url: receiver.url, ...members })).body;
}

async function deliveriesOf(webhookId: string) {
	return (await site.get(`webhooks/${webhookId}/deliveries`)).body.results;
}

/** Lets so much time go by, as far as messages are concerned. */
async function letPass(seconds: number): Promise<void> {
	await admin.query(
		`update muster.webhook_delivery set
			created_at = created_at - $2 * interval '1 second', give_up_at = give_up_at - $2 * interval '1 second',
			next_attempt_at = next_attempt_at - $2 * interval '1 second'
		where site_id = $1`,
		[site.siteId, seconds],
	);
	await admin.query(
		`update muster.webhook set failing_since = failing_since - $2 * interval '1 second',
			former_secret_until = former_secret_until - $2 * interval '1 second'
		where site_id = $1`,
		[site.siteId, seconds],
	);
}

test("a task is told of once it has ended, and what it changed, by ids and outcomes, signed as Standard Webhooks says", async () => {
	const { webhookId, secret } = await aWebhook();
	const task = await site.run("customer/bulk", {
		customers: [ann, { email: "none" }, { email: "bob@acme.com" }],
	});
	const [first, , third] = await site.results(task.taskId);
	expect(await muster.deliverer.tick()).toBe(2);
	const data = {
		siteId: site.siteId,
		taskId: task.taskId,
		operation: "customer",
		taskUrl: `https://muster.test/api/v1/tasks/${task.taskId}`,
		resultsUrl: `https://muster.test/api/v1/tasks/${task.taskId}/results`,
		summary: { total: 3, created: 2, updated: 0, unchanged: 0, skipped: 0, failed: 1 },
	};
	const records = [
		{ index: 0, id: first.id, outcome: "created" },
		{ index: 2, id: third.id, outcome: "created" },
	];
	// The public library reads what came, or throws.
	const read = receiver.received.map(({ body, headers }) =>
		new Webhook(secret).verify(body, headers as Record<string, string>),
	);
	expect(read).toHaveLength(2);
	expect(read).toEqual(
		expect.arrayContaining([
			{ type: "task.completed", timestamp: task.completedDate, data },
			{ type: "records.changed", timestamp: task.completedDate, data: { ...data, records } },
		]),
	);
	const all = JSON.stringify(receiver.received);
	expect(all).not.toContain("ann");
	expect(await deliveriesOf(webhookId)).toEqual(
		["task.completed", "records.changed"].map(() =>
			expect.objectContaining({ status: "delivered", attempts: 1, answeredStatus: 204, deliveredDate: time }),
		),
	);
});

test("a dry run has changed no records, a task without a change neither, and one that never could be applied has failed", async () => {
	const { secret } = await aWebhook();
	const types = async (): Promise<string[]> => {
		receiver.received.length = 0;
		await muster.deliverer.tick();
		return receiver.received
			.map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>))
			.map((message) => (message as { type: string }).type)
			.toSorted();
	};
	await site.run("customer/bulk?dryRun=true", { customers: [ann] });
	expect(await types()).toEqual(["task.completed"]);
	await site.run("customer/bulk", { customers: [ann] });
	expect(await types()).toEqual(["records.changed", "task.completed"]);
	await site.run("customer/bulk", { customers: [ann] });
	expect(await types()).toEqual(["task.completed"]);
	await site.post("customer/details/definitions/bulk", { detailFields: [{ name: "Plan" }] });
	expect(await types()).toEqual(["task.completed"]);
	const { body } = await site.post("customer/bulk", { customers: [{ email: "poison@acme.com" }] });
	// Tries of a task alone have a rest between them.
	for (let tries = 0; tries < 10; tries += 1) {
		await muster.worker.tick();
		await admin.query("update muster.lane_note set retry_at = null where site_id = $1", [site.siteId]);
	}
	expect((await site.get(`tasks/${body.taskId}`)).body.status).toBe("FAILED");
	expect(await types()).toEqual(["task.failed"]);
});

test("tasks that are merged into one claim, and those behind it, are each told of once", async () => {
	await aWebhook({ events: ["task.completed"] });
	const posts = Array.from({ length: 120 }, (_, place) =>
		site.post("customer/bulk", { customers: [{ email: `c${place}@acme.com` }] }),
	);
	const taskIds = (await Promise.all(posts)).map(({ body }) => body.taskId);
	await muster.worker.tick();
	expect(await muster.deliverer.tick()).toBe(120);
	expect(receiver.received.map(({ body }) => JSON.parse(body).data.taskId).toSorted()).toEqual(
		taskIds.toSorted(),
	);
});

test("a site without webhooks, or with one that asks for other events, has nothing to tell", async () => {
	await site.run("customer/bulk", { customers: [ann] });
	await aWebhook({ events: ["task.failed"] });
	await aWebhook({ enabled: false });
	await site.run("customer/bulk", { customers: [{ ...ann, displayName: "Anna" }] });
	expect(await muster.deliverer.tick()).toBe(0);
});

test("a dead receiver is tried for a day with growing pauses, under one id; then the message is given up and the webhook marked", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	receiver.answer = (response) => response.writeHead(500).end("no");
	await site.run("customer/bulk", { customers: [ann] });
	const pauses: number[] = [];
	for (let seconds = 0; ; ) {
		await muster.deliverer.tick();
		const [delivery] = await deliveriesOf(webhookId);
		expect(delivery).toMatchObject({ answeredStatus: 500, trouble: "the receiver did not take it" });
		if (delivery.status === "given_up") {
			expect(seconds).toBeGreaterThan(86_000);
			break;
		}
		const pause = (Date.parse(delivery.nextAttemptDate) - Date.now()) / 1_000;
		pauses.push(pause);
		seconds += pause;
		await letPass(pause + 1);
	}
	for (const [place, pause] of pauses.entries()) {
		const middle = Math.min(5 * 4 ** place, 7_200);
		expect(pause).toBeGreaterThan(middle * 0.7);
		expect(pause).toBeLessThan(middle * 1.3);
	}
	expect(pauses.length).toBeGreaterThan(15);
	expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
	expect(receiver.received).toHaveLength(pauses.length + 1);
	expect((await site.get(`webhooks/${webhookId}`)).body).toMatchObject({
		status: "failing",
		failingSince: time,
	});
	await letPass(90_000);
	expect(await muster.deliverer.tick()).toBe(0);
});

test("a receiver that was dead gets what it missed, and the webhook is well again", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	receiver.answer = (response) => response.destroy();
	await site.run("customer/bulk", { customers: [ann] });
	await muster.deliverer.tick();
	expect(await deliveriesOf(webhookId)).toEqual([
		expect.objectContaining({ status: "pending", attempts: 1, trouble: "the connection broke (ECONNRESET)" }),
	]);
	await letPass(90_000);
	receiver.answer = (response) => response.writeHead(200).end();
	await muster.deliverer.tick();
	expect(await deliveriesOf(webhookId)).toEqual([
		expect.objectContaining({ status: "delivered", attempts: 2, answeredStatus: 200 }),
	]);
	const { status, failingSince } = (await site.get(`webhooks/${webhookId}`)).body;
	expect({ status, failingSince }).toEqual({ status: "active", failingSince: undefined });
});

test("what was given up is sent again when it is asked for, under the same id", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	receiver.answer = (response) => response.writeHead(500).end();
	await site.run("customer/bulk", { customers: [ann] });
	await letPass(90_000);
	await muster.deliverer.tick();
	const [{ deliveryId, status }] = await deliveriesOf(webhookId);
	expect(status).toBe("given_up");
	receiver.answer = (response) => response.writeHead(204).end();
	await site.ask("POST", `deliveries/${deliveryId}/resend`);
	await muster.deliverer.tick();
	expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([deliveryId, deliveryId]);
	expect(await deliveriesOf(webhookId)).toEqual([expect.objectContaining({ status: "delivered" })]);
});

test("a receiver that says 410 is told nothing more", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	receiver.answer = (response) => response.writeHead(410).end();
	await site.run("customer/bulk", { customers: [ann] });
	await muster.deliverer.tick();
	await site.run("customer/bulk", { customers: [ann] });
	await letPass(90_000);
	expect(await muster.deliverer.tick()).toBe(0);
	expect((await site.get(`webhooks/${webhookId}`)).body).toMatchObject({ status: "gone", enabled: false });
	const { body } = await site.ask("PUT", `webhooks/${webhookId}`, { body: { enabled: true } });
	expect(body).toMatchObject({ status: "active", enabled: true });
});

test("for a day after a secret was changed both are good, then the new one alone", async () => {
	const { webhookId, secret: former } = await aWebhook({ events: ["task.completed"] });
	const { secret } = (await site.ask("POST", `webhooks/${webhookId}/secret`)).body;
	const verify = async (): Promise<boolean[]> => {
		receiver.received.length = 0;
		await site.run("customer/bulk", { customers: [ann] });
		await muster.deliverer.tick();
		const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]];
		return [former, secret].map((each) => {
			try {
				new Webhook(each).verify(body, headers as Record<string, string>);
				return true;
			} catch {
				return false;
			}
		});
	};
	expect(await verify()).toEqual([true, true]);
	await letPass(90_000);
	expect(await verify()).toEqual([false, true]);
	expect((await site.get("webhooks")).text).not.toContain("whsec_");
});

test("two processes send each message once, and what one took and never sent the other sends when its time is over", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	for (let place = 0; place < 30; place += 1) {
		await site.post("customer/bulk", { customers: [{ email: `c${place}@acme.com` }] });
	}
	await muster.worker.tick();
	const tried = await Promise.all([muster.deliverer.tick(), muster.aDeliverer().tick()]);
	expect(tried[0] + tried[1]).toBe(30);
	expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(30);
	expect(receiver.received).toHaveLength(30);
	// One that was taken by a process that then ended.
	await site.run("customer/bulk", { customers: [ann] });
	await admin.query(
		`update muster.webhook_delivery set next_attempt_at = clock_timestamp() + interval '60 seconds', attempts = 1
		where site_id = $1 and webhook_id = $2 and next_attempt_at is not null`,
		[site.siteId, webhookId],
	);
	expect(await muster.deliverer.tick()).toBe(0);
	await letPass(61);
	expect(await muster.deliverer.tick()).toBe(1);
});

test("what is being sent when the process stops is due again at once", async () => {
	const { webhookId } = await aWebhook({ events: ["task.completed"] });
	const deliverer = muster.aDeliverer();
	const { promise: begun, resolve } = Promise.withResolvers<void>();
	receiver.answer = () => resolve(); // and no answer
	await site.run("customer/bulk", { customers: [ann] });
	const ticked = deliverer.tick();
	await begun;
	await deliverer.stop();
	await ticked;
	receiver.answer = (response) => response.writeHead(204).end();
	await muster.deliverer.tick();
	expect(await deliveriesOf(webhookId)).toEqual([
		expect.objectContaining({ status: "delivered", attempts: 1 }),
	]);
});

test("a delivery is kept as long as its task, and a webhook is deleted with its deliveries", async () => {
	const { webhookId } = await aWebhook();
	await site.run("customer/bulk", { customers: [ann] });
	await admin.query("update muster.task set ended_at = ended_at - interval '31 days' where site_id = $1", [
		site.siteId,
	]);
	await deleteOldTasks(muster.database);
	expect(await deliveriesOf(webhookId)).toEqual([]);
	await site.run("customer/bulk", { customers: [{ ...ann, displayName: "Anna" }] });
	await site.ask("DELETE", `webhooks/${webhookId}`);
	expect(await muster.deliverer.tick()).toBe(0);
	const { rows } = await admin.query("select has_webhooks from muster.site where site_id = $1", [
		site.siteId,
	]);
	expect(rows).toEqual([{ has_webhooks: false }]);
});

test("a site has 20 webhooks at most, however they are made", async () => {
	const made = await Promise.all(
		Array.from({ length: 25 }, () => site.post("webhooks", { url: "https://example.com/" })),
	);
	expect(made.filter(({ status }) => status === 200)).toHaveLength(20);
	expect(made.find(({ status }) => status !== 200)?.body).toMatchObject({
		code: "invalid_request",
		detail:
			"This site has 20 webhooks, the most there can be. Delete one that is not needed; nothing was saved.",
	});
});

test("what was done to a webhook stands in the audit log, without what is behind the origin of its URL", async () => {
	const { webhookId } = (await site.post("webhooks", { url: "https://example.com/secret?key=1" })).body;
	await site.ask("PUT", `webhooks/${webhookId}`, { body: { events: ["task.failed"] } });
	await site.ask("POST", `webhooks/${webhookId}/secret`);
	await site.ask("DELETE", `webhooks/${webhookId}`);
	const { rows } = await admin.query(
		`select action, actor, details from muster.audit_entry where site_id = $1 and action like 'webhook.%' order by number`,
		[site.siteId],
	);
	const all = { webhookId, origin: "https://example.com", enabled: true, secretChanged: false };
	const actor = expect.stringMatching(/^token [0-9a-f-]{36}$/);
	const events = ["task.failed"];
	expect(rows).toEqual([
		{
			action: "webhook.created",
			actor,
			details: { ...all, events: ["task.completed", "task.failed", "records.changed"] },
		},
		{ action: "webhook.changed", actor, details: { ...all, events } },
		{ action: "webhook.changed", actor, details: { ...all, events, secretChanged: true } },
		{ action: "webhook.deleted", actor, details: { ...all, events } },
	]);
	expect(uuid.asymmetricMatch(webhookId)).toBe(true);
});
