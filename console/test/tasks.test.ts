import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { aWorld, browserTest } from "./browser.ts";

const world = aWorld();

const customers = [
	{ email: "jane.smith@acme.com", displayName: "Jane Smith", clientRef: "crm.csv:2" },
	{ email: "invalid-email", clientRef: "crm.csv:3" },
];

describe("tasks", () => {
	browserTest("appear by themselves, and end before one's eyes", async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/tasks");
		await page.getByText("Nothing was sent yet").waitFor();
		await site.post("customer/profile/bulk", { customers });
		const row = page.getByRole("row", { name: /Customer profiles/ });
		await row.getByText("With failures").waitFor();
		await row.getByRole("link").click();
		await page.getByRole("cell", { name: /has no @/ }).waitFor();
		// The failed items come by a request of their own.
		await page.getByRole("cell", { name: "invalid-email", exact: true }).waitFor();
		const cells = await page
			.getByRole("row", { name: /crm.csv:3/ })
			.getByRole("cell")
			.allInnerTexts();
		expect(cells).toEqual([
			"crm.csv:3",
			"email",
			"invalid-email",
			'Invalid email format: "invalid-email" has no @.',
		]);
		expect(breaches).toEqual([]);
	});

	browserTest("are filtered by what stands in the address, and the address by what is chosen", async () => {
		const site = await world.muster.aSite();
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		await site.run("customer/bulk", { customers: [{ email: "a@acme.com" }, { email: "none" }] });
		const { page, breaches } = await world.openSignedIn(site, "/tasks?failures=yes");
		const rows = page.getByRole("row").filter({ has: page.getByRole("link") });
		await rows.first().waitFor();
		expect(await rows.count()).toBe(1);
		await page.getByRole("button", { name: "Clear filters" }).click();
		await page.getByRole("row", { name: /Organizations/ }).waitFor();
		await page.getByLabel("Operation").selectOption("Organizations");
		await page.waitForURL(/\?operation=organization$/);
		await page.getByRole("row", { name: /Customers/ }).waitFor({ state: "detached" });
		expect(await rows.count()).toBe(1);
		await page.goBack();
		expect(breaches).toEqual([]);
	});

	browserTest("that have failures give them as a file, and send them again", async () => {
		const site = await world.muster.aSite();
		const { taskId } = await site.run("customer/profile/bulk", {
			customers: [{ email: "jane.smith@acme.com", organizations: ["Acme"], displayName: "=1+1" }],
		});
		const { page, breaches } = await world.openSignedIn(site, `/tasks/${taskId}`);
		const saved = page.waitForEvent("download");
		await page.getByRole("button", { name: "Failures as CSV" }).click();
		const file = await readFile(await (await saved).path(), "utf8");
		expect(file.split("\r\n").slice(0, 2)).toEqual([
			"\ufeffindex,clientRef,field,value,code,message,hint",
			expect.stringMatching(/^0,,organizations,Acme,organization_not_found,/),
		]);
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		await page.getByRole("button", { name: "Retry failed" }).click();
		await page.waitForURL((url) => !url.pathname.endsWith(taskId));
		await page.getByText("Completed").waitFor();
		// It tells what it came of, by a link and in the list.
		await page.getByText("sent again, by the token").waitFor();
		await page.getByRole("link", { name: "this task" }).click();
		await page.waitForURL((url) => url.pathname.endsWith(taskId));
		await page.getByRole("link", { name: "Tasks" }).click();
		await page.getByRole("cell", { name: "Retry", exact: true }).waitFor();
		expect((await site.get("customers")).body.results).toHaveLength(1);
		expect(breaches).toEqual([]);
	});

	browserTest("of ten thousand are one list, of which only what is in sight is drawn", async () => {
		const site = await world.muster.aSite();
		await world.muster.database.inSite(site.siteId, (transaction) =>
			transaction.execute(
				{
					name: "make-many-tasks",
					text: `insert into muster.task (site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, ended_at, created_count)
						select $1, 'customer', 'many-' || i, '', false, muster.new_id(), 50, clock_timestamp(), 50 from generate_series(1, 10000) as i`,
				},
				[site.siteId],
			),
		);
		const { page, breaches } = await world.openSignedIn(site, "/tasks");
		const table = page.getByRole("region", { name: "Tasks" });
		await page.getByText("100 tasks so far").waitFor();
		for (let loaded = 200; loaded <= 500; loaded += 100) {
			await table.evaluate((box) => box.scrollTo(0, box.scrollHeight));
			await page.getByText(`${loaded} tasks so far`).waitFor();
		}
		expect(await page.getByRole("row").count()).toBeLessThan(80);
		expect(breaches).toEqual([]);
	});
});
