import { describe, expect } from "vitest";
import { findingsOf } from "./axe.ts";
import { aWorld, browserTest, settled } from "./browser.ts";

const world = aWorld();

describe("tokens", () => {
	browserTest("are made with chosen rights, shown once, and revoked", async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/settings");
		await page.getByRole("button", { name: "New token" }).click();
		await page.getByRole("dialog").getByText("Rights").waitFor();
		await settled(page);
		expect(await findingsOf(page)).toEqual([]);
		await page.getByLabel("read:task", { exact: true }).check();
		await page.getByRole("button", { name: "Make the token" }).click();
		const token = await page.getByRole("dialog").locator("pre").innerText();
		expect((await site.get("tasks", { token })).status).toBe(200);
		await page.getByRole("button", { name: "Done" }).click();
		await page.getByRole("button", { name: `Revoke ${token.slice(0, 9)}` }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
		await page
			.getByRole("row", { name: new RegExp(token.slice(0, 9)) })
			.getByText("Revoked")
			.waitFor();
		// A dialog that closes stands in the page until it has faded.
		await expect.poll(() => page.locator('[role="dialog"]').count(), { timeout: 10_000 }).toBe(0);
		expect(await page.content()).not.toContain(token);
		await page.getByRole("tab", { name: "Audit log" }).click();
		await page.getByRole("cell", { name: "token.revoked" }).waitFor();
		expect(breaches).toEqual([]);
	});
});

browserTest("settings are changed, and what is refused is told", async () => {
	const site = await world.muster.aSite();
	const { page, breaches } = await world.openSignedIn(site, "/settings?tab=site");
	await page.getByLabel("Days that tasks are kept").fill("7");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("button", { name: "Save" }).and(page.locator(":disabled")).waitFor();
	expect((await site.get("settings")).body.retentionDays).toBe(7);
	await page.getByLabel("Days that tasks are kept").fill("0");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("alert").waitFor();
	expect((await site.get("settings")).body.retentionDays).toBe(7);
	expect(breaches).toEqual([]);
});

browserTest(
	"detail fields are made, renamed with an option that records have, moved and deleted",
	async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/fields");
		await page.getByRole("button", { name: "New field" }).click();
		await page.getByLabel("Name").fill("Plan");
		await page.getByLabel("Type").selectOption("SELECT");
		await page.getByLabel("Options").fill("Free\nGold");
		await page.getByRole("button", { name: "Make it" }).click();
		await page.getByText("2 options: Free, Gold").waitFor();
		await site.post("customer/details", { name: "Phone" });
		await site.post("customer/profile", { email: "jane@acme.example.com", details: { plan: "Gold" } });
		await page.reload();
		await page.getByRole("link", { name: "1 customer" }).waitFor();
		await page.getByRole("button", { name: "Edit Plan" }).click();
		await page.getByLabel("Option 2").fill("Platinum");
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("2 options: Free, Platinum").waitFor();
		await expect
			.poll(async () => (await site.get("customers")).body.results[0].details)
			.toEqual({ plan: "Platinum" });
		await page.getByRole("button", { name: "Move Plan down" }).click();
		await expect
			.poll(async () =>
				(await site.get("customer/details")).body.results.map(({ name }: { name: string }) => name),
			)
			.toEqual(["Phone", "Plan"]);
		await page.getByRole("button", { name: "Delete Plan" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByRole("button", { name: "Delete" }).click();
		await dialog.getByText("1 record would lose their value").waitFor();
		await dialog.getByRole("button", { name: "Delete, with their values" }).click();
		await page.getByRole("button", { name: "Delete Plan" }).waitFor({ state: "detached" });
		expect(breaches).toEqual([]);
	},
);

browserTest("a task is undone after a look at what that would be", async () => {
	const site = await world.muster.aSite();
	const { body } = await site.post(
		"customer/bulk",
		{ customers: [{ email: "jane@acme.example.com" }] },
		{ headers: { prefer: "wait=10" } },
	);
	const { page, breaches } = await world.openSignedIn(site, `/tasks/${body.taskId}`);
	await page.getByRole("button", { name: "Undo" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("1 that it created would go").waitFor();
	await dialog.getByRole("button", { name: "Undo it" }).click();
	await page.getByRole("heading", { name: "Undo of customers" }).waitFor();
	await page.getByText("Completed").waitFor();
	expect((await site.get("customers")).body.results).toEqual([]);
	expect(breaches).toEqual([]);
});

browserTest("where the server is out of reach, a screen says so, and goes on when it is back", async () => {
	const site = await world.muster.aSite();
	const { page, breaches } = await world.openSignedIn(site, "/tasks");
	await page.getByText("Nothing was sent yet").waitFor();
	await page.route("**/api/v1/failures/**", (route) => route.abort());
	await page.getByRole("link", { name: "Failures" }).click();
	await page.getByText("The server is out of reach").waitFor();
	await page.unroute("**/api/v1/failures/**");
	await page.getByRole("button", { name: "Try again" }).click();
	await page.getByText("Nothing fails").waitFor();
	expect(breaches).toEqual([]);
});

browserTest("a session that ends leads to sign-in, and back to where one was", async () => {
	const site = await world.muster.aSite();
	const { page, breaches } = await world.openSignedIn(site, "/tasks?status=failed");
	await page.getByText("No task is like that").waitFor();
	await page.context().clearCookies();
	await page.getByLabel("Token", { exact: true }).fill(site.token);
	await page.keyboard.press("Enter");
	await page.getByText("No task is like that").waitFor();
	expect(new URL(page.url()).search).toBe("?status=failed");
	expect(breaches).toEqual([]);
});
