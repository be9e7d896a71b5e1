import { itemOfProfile, itemOfRow } from "@muster/client";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseJson } from "../../src/domain/json.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { aCustomer, organizations, prepare } from "./awkward-customers.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** Submits items by the hundred and gives the sum of what became of them. */
async function send(site: TestSite, path: string, items: readonly unknown[], base = guideBase) {
	const taskIds: string[] = [];
	for (let first = 0; first < items.length; first += 100) {
		const key = path.startsWith("customer") ? "customers" : "organizations";
		const accepted = await site.post(path, { [key]: items.slice(first, first + 100) }, { base });
		taskIds.push(accepted.body.taskId ?? accepted.body.id);
	}
	await muster.worker.tick();
	const sums: Record<string, number> = {};
	for (const taskId of taskIds) {
		const { summary } = (await site.get(`tasks/${taskId}`)).body;
		for (const [outcome, count] of Object.entries<number>(summary)) {
			sums[outcome] = (sums[outcome] ?? 0) + count;
		}
	}
	return sums;
}

function rowsOf(text: string): Record<string, string>[] {
	return parse(text, { columns: true });
}

function linesOf(text: string): Record<string, unknown>[] {
	// Our own reading keeps the digits of numbers, which JSON.parse rounds.
	return text
		.trimEnd()
		.split("\n")
		.map((line) => parseJson(line) as Record<string, unknown>);
}

describe("what was exported", () => {
	const count = 2_500;
	let site: TestSite;
	beforeAll(async () => {
		site = await muster.aSite();
		await prepare(site);
		const named = organizations.map((name, number) => ({ name, details: aCustomer(number).details }));
		expect(await send(site, "organization/profile/bulk", named)).toMatchObject({ created: 3, failed: 0 });
		const customers = Array.from({ length: count }, (_, number) => aCustomer(number));
		expect(await send(site, "customer/profile/bulk", customers)).toMatchObject({ created: count, failed: 0 });
	}, 120_000);

	const unchanged = (total: number) => ({
		total,
		created: 0,
		updated: 0,
		unchanged: total,
		skipped: 0,
		failed: 0,
	});

	test("as CSV changes nothing when it is sent again: thousands of customers of every field type and awkward text", async () => {
		const { text, headers } = await site.get("customers/export");
		expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
		expect(headers.get("content-disposition")).toBe('attachment; filename="customers.csv"');
		const rows = rowsOf(text);
		expect(Object.keys(rows[0] ?? {})).toEqual([
			"customerId",
			"email",
			"displayName",
			"organizations[]",
			"products[]",
			"details.text",
			"details.number",
			"details.date",
			"details.email",
			"details.phone",
			"details.url",
			"details.boolean",
			"details.select",
			"details.multiselect[]",
			"details.formula",
			"details.constructor",
			"details.customerid",
			"createdDate",
			"updatedDate",
			"sourceUpdatedAt",
		]);
		const formulas = rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+\-@\t\r]/.test(cell));
		expect(formulas).toEqual([]);
		expect(new Set(rows.map(({ email }) => email)).size).toBe(count);
		expect(await send(site, "customer/profile/bulk", rows.map(itemOfRow))).toEqual(unchanged(count));
	}, 120_000);

	test("as JSON lines changes nothing when it is sent again, in either dialect", async () => {
		for (const base of [guideBase, site.referenceBase]) {
			const { text, headers } = await site.get("customers/export?format=jsonl", { base });
			expect(headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
			const lines = linesOf(text);
			expect(lines).toHaveLength(count);
			// After 2,100 each text, number and gap has met each other (25, 6, 7, 5, 4 and 3 of them); the CSV is sent whole.
			const items = lines.slice(0, 2_100).map(itemOfProfile);
			expect(await send(site, "customer/profile/bulk", items)).toEqual(unchanged(items.length));
		}
	}, 120_000);

	test("of organizations changes nothing either", async () => {
		const rows = rowsOf((await site.get("organizations/export")).text);
		expect(rows.map(({ name }) => name)).toEqual(["Acme", "'=Sum(A1);B\\", 'Comma, Inc. "quoted"']);
		expect(await send(site, "organization/profile/bulk", rows.map(itemOfRow))).toEqual(unchanged(3));
		const lines = linesOf((await site.get("organizations/export?format=jsonl")).text);
		expect(await send(site, "organization/profile/bulk", lines.map(itemOfProfile))).toEqual(unchanged(3));
	});

	test("is what a change is made of: one cell that is emptied clears one detail", async () => {
		const [row] = rowsOf((await site.get("customers/export?email=a3@")).text);
		const changed = { ...row, "details.text": "", "details.phone": "'+49 30 1234" };
		expect(await send(site, "customer/profile/bulk", [itemOfRow(changed)])).toMatchObject({ updated: 1 });
		const { details } = (await site.get(`customer/profile/${row?.customerId}`)).body;
		expect([details.text, details.phone]).toEqual([undefined, "+49 30 1234"]);
	});

	test("carries when its records were written at their source, so that an old file overwrites nothing newer", async () => {
		const [row] = rowsOf((await site.get("customers/export?email=a15@")).text);
		expect(row?.sourceUpdatedAt).toBe("2026-11-24T08:30:00.5Z");
		const { email, customerId } = row ?? {};
		const later = { email, displayName: "Newer", sourceUpdatedAt: "2026-11-24T08:30:00.6Z" };
		expect(await send(site, "customer/profile/bulk", [later])).toMatchObject({ updated: 1 });
		const old = itemOfRow({ ...row, displayName: "Older" });
		expect(await send(site, "customer/profile/bulk", [old])).toMatchObject({ skipped: 1, updated: 0 });
		expect((await site.get(`customer/profile/${customerId}`)).body.displayName).toBe("Newer");
	});

	test("is what the same parameters list", async () => {
		for (const query of ["filter=select=Red", "search=a1", "organization=3", "email=nobody"]) {
			const exported = rowsOf((await site.get(`customers/export?${query}`)).text).map(
				(row) => row.customerId,
			);
			const listed: string[] = [];
			let cursor = "";
			do {
				const page = (await site.get(`customers?limit=100&${query}${cursor && `&cursor=${cursor}`}`)).body;
				listed.push(...page.results.map(({ customerId }: { customerId: string }) => customerId));
				cursor = page.nextCursor ?? "";
			} while (cursor !== "");
			expect([query, exported]).toEqual([query, listed]);
			expect(new Set(listed).size).toBe(listed.length);
		}
	});
});

describe("an export", () => {
	test("of an empty site is its header alone, and no line at all", async () => {
		const site = await muster.aSite();
		expect((await site.get("customers/export")).text).toBe(
			"customerId,email,displayName,organizations[],createdDate,updatedDate,sourceUpdatedAt\r\n",
		);
		const lines = await site.get("organizations/export?format=jsonl");
		expect([lines.status, lines.text]).toEqual([200, ""]);
		expect(lines.headers.get("content-disposition")).toBe('attachment; filename="organizations.jsonl"');
	});

	test("that is asked for wrongly is refused before anything of it is sent", async () => {
		const site = await muster.aSite();
		for (const [query, words] of [
			["format=xml", /csv, jsonl are allowed/],
			["filter=tier=Gold", /there is no field "tier"/],
			["limit=5", /"limit" is not known here/],
		] as const) {
			const answer = await site.get(`customers/export?${query}`);
			expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(words)]);
		}
	});

	test("is of the token's site alone", async () => {
		const [site, other] = [await muster.aSite(), await muster.aSite()];
		await site.run("customer/bulk", { customers: [{ email: "jane@acme.com" }] });
		await other.run("customer/bulk", { customers: [{ email: "joe@acme.com" }] });
		expect(rowsOf((await other.get("customers/export")).text).map(({ email }) => email)).toEqual([
			"joe@acme.com",
		]);
	});
});
