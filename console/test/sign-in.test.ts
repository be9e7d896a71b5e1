import { describe, expect } from "vitest";
import { aWorld, browserTest } from "./browser.ts";

const world = aWorld();

describe("signing in", () => {
	browserTest("a token signs in, is kept by no script, and leads to where one wanted to go", async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.open("/tasks?status=failed");
		await page.getByLabel("Token", { exact: true }).fill(site.token);
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByRole("heading", { name: "Tasks", level: 1 }).waitFor();
		expect(new URL(page.url()).search).toBe("?status=failed");
		const [cookie] = await page.context().cookies();
		expect(cookie).toMatchObject({ name: "muster_session", httpOnly: true, sameSite: "Strict" });
		const kept = await page.evaluate(() =>
			JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
		);
		expect(kept).not.toContain(site.token.slice(4));
		expect(kept).not.toContain(cookie?.value);
		expect(breaches).toEqual([]);
	});

	browserTest("a token that is not known is refused in plain words", async () => {
		const { page, breaches } = await world.open("/");
		await page.getByLabel("Token", { exact: true }).fill("mst_mistyped");
		await page.keyboard.press("Enter");
		await page.getByText("not known here").waitFor();
		expect(new URL(page.url()).pathname).toBe("/sign-in");
		expect(breaches).toEqual([]);
	});

	browserTest("a link signs in once, and leaves no key in the address", async () => {
		const site = await world.muster.aSite();
		const { url } = (await site.post("session/link", undefined)).body;
		const path = url.slice(world.muster.url.length);
		const first = await world.open(path);
		await first.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
		expect(first.page.url()).not.toContain("msl_");
		const second = await world.open(path);
		await second.page.getByText("used or past its time").waitFor();
		expect([...first.breaches, ...second.breaches]).toEqual([]);
	});

	browserTest("signing out ends it for this browser, whatever page is open", async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/tasks");
		await page.getByRole("button", { name: "Account" }).click();
		await page.getByRole("menuitem", { name: "Sign out" }).click();
		await page.getByLabel("Token", { exact: true }).waitFor();
		await page.goto(`${world.muster.url}/tasks`);
		await page.getByLabel("Token", { exact: true }).waitFor();
		expect(breaches).toEqual([]);
	});

	browserTest("a screen that the token may not see says which right it lacks", async () => {
		const site = await world.muster.aSite();
		const token = await site.aToken(["read:customer:jira-service-management"]);
		const { page, breaches } = await world.openSignedIn(site, "/tasks", { token });
		await page.getByText("read:task:jira-service-management").waitFor();
		expect(breaches).toEqual([]);
	});

	browserTest("an address to go to after signing in leads nowhere but here", async () => {
		const site = await world.muster.aSite();
		const { url } = (await site.post("session/link", undefined)).body;
		const { page, breaches } = await world.open(
			`/sign-in?next=${encodeURIComponent("//evil.test/")}${new URL(url).hash}`,
		);
		await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
		expect(new URL(page.url()).origin).toBe(world.muster.url);
		expect(breaches).toEqual([]);
	});
});
