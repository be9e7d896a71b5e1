import { itemOfProfile, itemOfRow } from "@muster/client";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseJson } from "../../src/domain/json.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** What spreadsheets, CSV and JSON stumble over. */
const awkward = [
	"=1+1",
	"+1",
	"-1",
	"@a",
	"\ta",
	"\ra",
	"'=a",
	"''a",
	"'a",
	'"',
	'a"b""c',
	"a,b",
	"a;b\\;c\\",
	"a\nb",
	"a\r\nb\rc",
	" a ",
	"null",
	"\ufeffa",
	"\u202eabc",
	"\u0001\u007f",
	"a\u2028b",
	"👩‍👩‍👧 e\u0301 Ω K",
	"{{7*7}}",
	"<script>alert(1)</script>",
	"x".repeat(255),
];
const options = ["Red", "Blue;Green", "=Black\\", "a,b"];

const fields = [
	{ name: "Text" },
	{ name: "Number", type: { name: "NUMBER" } },
	{ name: "Date", type: { name: "DATE" } },
	{ name: "Email", type: { name: "EMAIL" } },
	{ name: "Phone", type: { name: "PHONE" } },
	{ name: "URL", type: { name: "URL" } },
	{ name: "Boolean", type: { name: "BOOLEAN" } },
	{ name: "Select", type: { name: "SELECT", options } },
	{ name: "Multiselect", type: { name: "MULTISELECT", options } },
	{ name: "=Formula" },
	{ name: "constructor" },
	{ name: "customerId" },
];
const numbers = ["9007199254740993", "-0", "1.50", "1e400", "-12.5", "0"];
const organizations = ["Acme", "=Sum(A1);B\\", 'Comma, Inc. "quoted"'];

function at<T>(list: readonly T[], number: number): T {
	return list[number % list.length] as T;
}

/** Customers in whose values every kind of field meets every awkward text, and in some of whom each is empty. */
function aCustomer(number: number): Record<string, unknown> {
	const text = at(awkward, number);
	const details: Record<string, unknown> = {
		Text: text,
		Number: parseJson(at(numbers, number)),
		Date: "2026-02-28",
		Email: `+${number}@example.com`,
		Phone: "+1-555-0123",
		URL: "https://example.com/?a=b,c;d",
		Boolean: number % 2 === 0,
		Select: at(options, number),
		Multiselect: [at(options, number), at(options, number + 1)],
		"=Formula": at(awkward, number + 1),
		constructor: at(awkward, number + 2),
		customerId: at(awkward, number + 3),
	};
	const kept = Object.entries(details).filter((_, place) => (number + place) % 7 !== 0);
	return {
		email: `${at(["=", "+", "-", "a"], number)}${number}@example.com`,
		displayName: text,
		details: Object.fromEntries(kept),
		organizations: organizations.slice(0, number % 4),
	};
}

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
	const count = 10_000;
	let site: TestSite;
	beforeAll(async () => {
		site = await muster.aSite();
		for (const entity of ["customer", "organization"]) {
			const made = await site.post(`${entity}/details/definitions/bulk`, { detailFields: fields });
			expect(made.status).toBe(202);
		}
		const named = organizations.map((name, number) => ({ name, details: aCustomer(number).details }));
		expect(await send(site, "organization/profile/bulk", named)).toMatchObject({ created: 3, failed: 0 });
		const customers = Array.from({ length: count }, (_, number) => aCustomer(number));
		expect(await send(site, "customer/profile/bulk", customers)).toMatchObject({ created: count, failed: 0 });
	}, 60_000);

	const unchanged = (total: number) => ({
		total,
		created: 0,
		updated: 0,
		unchanged: total,
		skipped: 0,
		failed: 0,
	});

	test("as CSV changes nothing when it is sent again: 10,000 customers of every field type and awkward text", async () => {
		const { text, headers } = await site.get("customers/export");
		expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
		expect(headers.get("content-disposition")).toBe('attachment; filename="customers.csv"');
		const rows = rowsOf(text);
		expect(Object.keys(rows[0] ?? {})).toEqual([
			"customerId",
			"email",
			"displayName",
			"organizations[]",
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
		]);
		const formulas = rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+\-@\t\r]/.test(cell));
		expect(formulas).toEqual([]);
		expect(new Set(rows.map(({ email }) => email)).size).toBe(count);
		expect(await send(site, "customer/profile/bulk", rows.map(itemOfRow))).toEqual(unchanged(count));
	}, 60_000);

	test("as JSON lines changes nothing when it is sent again, in either dialect", async () => {
		for (const base of [guideBase, site.referenceBase]) {
			const { text, headers } = await site.get("customers/export?format=jsonl", { base });
			expect(headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
			const lines = linesOf(text);
			expect(lines).toHaveLength(count);
			const items = lines.map(itemOfProfile);
			expect(await send(site, "customer/profile/bulk", items)).toEqual(unchanged(count));
		}
	}, 60_000);

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
			"customerId,email,displayName,organizations[],createdDate,updatedDate\r\n",
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
