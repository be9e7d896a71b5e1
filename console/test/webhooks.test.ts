import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { TestSite } from "../../server/test/muster.ts";
import { aReceiver, type Receiver } from "../../server/test/worker/receiver.ts";
import { findingsOf } from "./axe.ts";
import { aWorld, browserTest, settled } from "./browser.ts";

const world = aWorld();
let receiver: Receiver;
beforeAll(async () => {
	receiver = await aReceiver();
});
beforeEach(() => {
	receiver.received.length = 0;
	receiver.answer = (response) => response.writeHead(204).end();
});
afterAll(() => receiver.close());

async function sendACustomer(site: TestSite): Promise<string> {
	const sent = { customers: [{ email: "jane@acme.example.com" }] };
	return (await site.post("customer/bulk", sent, { headers: { prefer: "wait=10" } })).body.taskId;
}

browserTest(
	"a webhook is made with a secret that is shown once and signs what comes; what is wrong with an address stands at it",
	async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/settings?tab=webhooks");
		await page.getByRole("button", { name: "New webhook" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Address").fill("ftp://example.com/");
		await dialog.getByRole("button", { name: "Make the webhook" }).click();
		await dialog.locator('input[aria-invalid="true"]').waitFor();
		expect((await site.get("webhooks")).body.results).toEqual([]);
		await dialog.getByLabel("Address").fill(receiver.url);
		await dialog.getByLabel("task.failed").uncheck();
		await settled(page);
		expect(await findingsOf(page)).toEqual([]);
		await page.keyboard.press("Enter");
		const secret = await dialog.locator("pre").innerText();
		await dialog.getByRole("button", { name: "Done" }).click();
		const { results } = (await site.get("webhooks")).body;
		expect(results).toMatchObject([{ url: receiver.url, events: ["task.completed", "records.changed"] }]);
		await expect.poll(() => page.locator('[role="dialog"]').count()).toBe(0);
		expect(await page.content()).not.toContain(secret);
		const taskId = await sendACustomer(site);
		await world.muster.deliverer.tick();
		const messages = receiver.received.map(({ body, headers }) =>
			new Webhook(secret).verify(body, headers as never),
		);
		expect(messages).toMatchObject([{ data: { taskId } }, { data: { taskId } }]);
		expect(breaches).toEqual([]);
	},
);

browserTest("deliveries show tries and answers, and one is sent again", async () => {
	const site = await world.muster.aSite();
	const { webhookId } = (await site.post("webhooks", { url: receiver.url, events: ["task.completed"] })).body;
	receiver.answer = (response) => response.writeHead(503).end();
	await sendACustomer(site);
	await world.muster.deliverer.tick();
	const { page, breaches } = await world.openSignedIn(site, "/settings?tab=webhooks");
	await page.getByRole("link", { name: /127.0.0.1/ }).click();
	await page.getByText("Messages do not arrive").waitFor();
	const row = page.getByRole("row", { name: /task.completed/ });
	await row.getByText("To be tried again").waitFor();
	expect(await row.innerText()).toContain("HTTP 503");
	receiver.answer = (response) => response.writeHead(204).end();
	await row.getByRole("button", { name: /again/ }).click();
	await row.getByText("Waiting").or(row.getByText("To be tried again")).waitFor();
	await expect
		.poll(async () => {
			await world.muster.deliverer.tick();
			return receiver.received.length;
		})
		.toBe(2);
	await row.getByText("Delivered").waitFor();
	const [first, second] = receiver.received.map(({ headers }) => headers["webhook-id"]);
	expect(second).toBe(first);
	expect(new URL(page.url()).pathname).toBe(`/settings/webhooks/${webhookId}`);
	expect(breaches).toEqual([]);
});

browserTest(
	"a webhook is edited, paused, given a new secret beside the former one, and deleted",
	async () => {
		const site = await world.muster.aSite();
		const made = (await site.post("webhooks", { url: receiver.url, events: ["task.completed"] })).body;
		const path = `webhooks/${made.webhookId}`;
		const { page, breaches } = await world.openSignedIn(site, `/settings/${path}`);
		await page.getByRole("button", { name: "Edit" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("records.changed").check();
		await dialog.getByRole("button", { name: "Save" }).click();
		await page.getByRole("definition").filter({ hasText: "task.completed, records.changed" }).waitFor();
		await page.getByRole("button", { name: "Pause" }).click();
		await page.getByText("It is paused").waitFor();
		expect((await site.get(path)).body).toMatchObject({ enabled: false, status: "disabled" });
		await page.getByRole("button", { name: "Resume" }).click();
		await page.getByRole("button", { name: "Pause" }).waitFor();
		await page.getByRole("button", { name: "New secret" }).click();
		await dialog.getByRole("button", { name: "Make a new secret" }).click();
		const secret = await dialog.locator("pre").innerText();
		await dialog.getByRole("button", { name: "Done" }).click();
		await page.getByText("Messages are signed with it too until").waitFor();
		await sendACustomer(site);
		await world.muster.deliverer.tick();
		for (const each of [secret, made.secret]) {
			for (const { body, headers } of receiver.received) new Webhook(each).verify(body, headers as never);
		}
		expect(receiver.received).toHaveLength(2);
		await page.getByRole("button", { name: "Delete" }).click();
		await dialog.getByRole("button", { name: "Delete" }).click();
		await page.getByText("Nobody is told yet").waitFor();
		expect((await site.get("webhooks")).body.results).toEqual([]);
		expect(breaches).toEqual([]);
	},
);
