import { readFile } from "node:fs/promises";
import type { FileChooser, Page } from "playwright-core";
import { describe, expect } from "vitest";
import type { TestSite } from "../../server/test/muster.ts";
import { findingsOf } from "./axe.ts";
import { aWorld, browserTest, settled } from "./browser.ts";

const world = aWorld();

/** A CRM's export with planted faults: a slip in a plan (thrice), an address without @, a text where a number belongs. */
function aCrmExport(): string {
	const rows = Array.from({ length: 240 }, (_, place) => {
		const plan = ["Gold", "Silver", "Platinum"][place % 3];
		return `person${place}@acme.example.com,Person ${place},Company ${place % 4},${plan},${place}`;
	});
	rows[10] = "person10@acme.example.com,Person 10,Company 2,Platnum,10";
	rows[50] = "person50@acme.example.com,Person 50,Company 2,Platnum,50";
	rows[90] = "person90@acme.example.com,Person 90,Company 2,Platnum,90";
	rows[20] = "no-address,Person 20,Company 0,Gold,20";
	rows[30] = 'person30@acme.example.com,"Person, 30",Company 2,Silver,many';
	return `Email,Full Name,Company,Plan,Seats\r\n${rows.join("\r\n")}\r\n`;
}

async function aSiteWithFields(): Promise<TestSite> {
	const site = await world.muster.aSite();
	await site.post("customer/details", {
		name: "Plan",
		type: { name: "SELECT", options: ["Gold", "Silver", "Platinum"] },
	});
	await site.post("customer/details", { name: "Seats", type: { name: "NUMBER" } });
	return site;
}

const file = (text: string) => ({ name: "crm.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

async function step(page: Page, name: string | RegExp): Promise<void> {
	await page.getByRole("heading", { name }).waitFor();
}

async function customersOf(site: TestSite): Promise<number> {
	return (await site.get("statistics")).body.customers.count;
}

describe("an import", () => {
	browserTest(
		"lives from a dropped file with faults to the last of them, corrected and sent again",
		async () => {
			const site = await aSiteWithFields();
			const { page, breaches } = await world.openSignedIn(site, "/import");
			await page.getByLabel("File", { exact: true }).setInputFiles(file(aCrmExport()));
			await page.getByRole("row", { name: /Email/ }).waitFor();
			expect(await page.getByLabel("Full Name becomes").inputValue()).toBe("displayName");
			expect(await page.getByLabel("Company becomes").inputValue()).toBe("organization");
			await page.getByRole("button", { name: "Check the rows" }).click();
			await step(page, "240 rows: 235 good, 5 faulty");
			// One of them is corrected before anything is sent.
			await page.getByLabel("Seats in line 32").fill("30");
			await page.getByRole("button", { name: "Check 1 corrected row again" }).click();
			await step(page, "240 rows: 236 good, 4 faulty");
			await page.getByRole("button", { name: "Send 240 rows" }).click();
			await step(page, "4 failed, the others took effect");
			expect(await customersOf(site)).toBe(236);
			const saved = page.waitForEvent("download");
			await page.getByRole("button", { name: "Failed rows as CSV" }).click();
			const failed = await readFile(await (await saved).path(), "utf8");
			expect(failed.split("\r\n").slice(0, 2)).toEqual([
				"\ufeffEmail,Full Name,Company,Plan,Seats,line,code,error,hint",
				expect.stringMatching(
					/^person10@acme\.example\.com,Person 10,Company 2,Platnum,10,12,invalid_detail_value,/,
				),
			]);
			// The rest is corrected among the failures: the slip once for all three.
			await page.getByRole("link", { name: "Correct them among the failures" }).click();
			await page
				.getByRole("row", { name: /Platnum/ })
				.getByText("× 3")
				.waitFor();
			await page.getByRole("link", { name: "Platnum" }).click();
			await page.getByLabel("Correct all to").fill("Platinum");
			await page.getByRole("button", { name: "Fill in" }).click();
			await page.getByRole("button", { name: "Send 3 items again" }).click();
			await page.getByText("All took effect.").waitFor();
			await page.getByRole("link", { name: "Failures", exact: true }).first().click();
			await page.getByRole("link", { name: "no-address" }).waitFor();
			await page.getByRole("link", { name: "Platnum" }).waitFor({ state: "detached" });
			expect(await customersOf(site)).toBe(239);
			const { results } = (await site.get("customers?email=person50")).body;
			expect(results[0].details).toEqual({ plan: "Platinum", seats: 50 });
			expect(breaches).toEqual([]);
		},
	);

	browserTest("works by keyboard alone, from sign-in to the result", async () => {
		const site = await aSiteWithFields();
		const { page, breaches } = await world.openSignedIn(site, "/");
		const { keyboard } = page;
		const reach = async (name: string): Promise<void> => {
			for (let presses = 0; presses < 60; presses += 1) {
				const focused = await page.evaluate(() => {
					const element = document.activeElement;
					return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
				});
				if (focused === name) return;
				await keyboard.press("Tab");
			}
			throw new Error(`the keyboard does not reach ${name}`);
		};
		await page.getByRole("link", { name: "Import", exact: true }).waitFor();
		await reach("Import");
		await keyboard.press("Enter");
		await page.getByText("Drop a CSV here").waitFor();
		// Pressed while the page is still being drawn, a key may come to nothing, and is pressed again.
		let chooser: FileChooser | null = null;
		while (chooser === null) {
			await reach("Choose a file");
			const opened = page.waitForEvent("filechooser", { timeout: 10_000 }).catch(() => null);
			await keyboard.press("Enter");
			chooser = await opened;
		}
		await chooser.setFiles(file("email,name\njane@acme.example.com,Jane\nnone,No\n"));
		await page.getByRole("button", { name: "Check the rows" }).waitFor();
		await reach("Check the rows");
		await keyboard.press("Enter");
		await step(page, "2 rows: 1 good, 1 faulty");
		await reach("Send 2 rows");
		await keyboard.press("Enter");
		await step(page, "1 failed, the others took effect");
		expect(await customersOf(site)).toBe(1);
		expect(breaches).toEqual([]);
	});

	browserTest("of what is no CSV is refused in plain words", async () => {
		const site = await world.muster.aSite();
		const { page, breaches } = await world.openSignedIn(site, "/import");
		for (const [text, said] of [
			["", "crm.csv is empty."],
			["a,b\n", "has no rows"],
			['[{"email":"a@b.c"}]', "holds JSON"],
		] as const) {
			await page.getByLabel("File", { exact: true }).setInputFiles(file(text));
			await page.getByText(said).waitFor();
		}
		expect(breaches).toEqual([]);
	});

	browserTest("keeps nobody out at any of its steps: no finding of axe", async () => {
		const site = await aSiteWithFields();
		const { page, breaches } = await world.openSignedIn(site, "/import");
		const findings: string[] = [];
		const look = async (): Promise<void> => {
			await settled(page);
			findings.push(...(await findingsOf(page)));
		};
		await page.getByLabel("File", { exact: true }).setInputFiles(file(aCrmExport()));
		await page.getByRole("button", { name: "Check the rows" }).waitFor();
		await look();
		await page.getByRole("button", { name: "Check the rows" }).click();
		await step(page, "240 rows: 235 good, 5 faulty");
		await look();
		await page.getByRole("button", { name: "Send 240 rows" }).click();
		await step(page, "5 failed, the others took effect");
		await look();
		expect(findings).toEqual([]);
		expect(breaches).toEqual([]);
	});
});
