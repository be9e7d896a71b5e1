import { operations } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { customerLines, endedImport, type FileAsk, sendFile } from "./import-files.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Sends a file, and waits for the end of its tasks. */
async function run(site: TestSite, file: string | Uint8Array, ask?: FileAsk) {
	const answer = await sendFile(site, file, ask);
	expect(answer.status, answer.text).toBe(202);
	return endedImport(site, answer.body.importId);
}

async function resultLines(site: TestSite, importId: string, query = ""): Promise<unknown[]> {
	const { text } = await site.get(`imports/${importId}/results${query}`);
	return text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));
}

describe("a file of JSON lines", () => {
	test("becomes tasks of as many items as its operation takes, in the order of the file, and every line takes effect", async () => {
		const site = await muster.aSite();
		const file = `${customerLines(1_234)}{"email":"p0@acme.com","displayName":"Last"}`;
		const answer = await sendFile(site, file);
		expect(answer.status, answer.text).toBe(202);
		const { importId } = answer.body;
		expect(answer.headers.get("location")).toBe(`/api/v1/imports/${importId}`);
		expect(await endedImport(site, importId)).toEqual({
			importId,
			status: "COMPLETED",
			operation: "customer.profile",
			format: "jsonl",
			createdDate: time,
			completedDate: time,
			receivedBytes: file.length,
			totalBytes: file.length,
			receivedItems: 1_235,
			unreadableLines: 0,
			tasks: 13,
			summary: { total: 1_235, created: 1_234, updated: 1, unchanged: 0, skipped: 0, failed: 0 },
			processedBytes: file.length,
			progress: 1,
		});
		expect((await site.get("customers?email=p0@")).body.results).toMatchObject([{ displayName: "Last" }]);
		const results = await resultLines(site, importId);
		expect(results).toHaveLength(1_235);
		expect(results.at(-1)).toEqual({
			line: 1_235,
			outcome: "updated",
			id: expect.stringMatching(/^qm:/),
			key: "p0@acme.com",
			item: { email: "p0@acme.com", displayName: "Last" },
		});
	});

	test("has faulty lines, which fail each by itself and are told by their number, and the others take effect", async () => {
		const site = await muster.aSite();
		const file = [
			'\ufeff{"email":"one@acme.com"}\r',
			"",
			'{"email":"two@acme.com"',
			"  ",
			'{"email":"no-at"}',
			Buffer.from([0x22, 0xff, 0x22]),
			`{"a":${"[".repeat(40)}${"]".repeat(40)}}`,
			`{"email":"${"x".repeat(2_000_000)}"}`,
			'{"email":"a\0b@acme.com"}',
			'["three@acme.com"]',
			'{"email":"four@acme.com","details":{"n":1.50}}',
		].flatMap((line) => [Buffer.from(line), Buffer.from("\n")]);
		const found = await run(site, Buffer.concat(file));
		expect(found.summary).toEqual({ total: 9, created: 2, updated: 0, unchanged: 0, skipped: 0, failed: 7 });
		expect(found.unreadableLines).toBe(5);
		const failed = (await resultLines(site, found.importId, "?outcome=failed")) as {
			line: number;
			errors: { code: string; message: string }[];
		}[];
		expect(failed.map(({ line, errors: [error] }) => [line, error?.code, error?.message])).toEqual([
			[3, "unreadable_line", "The line is not JSON: it ends too early."],
			[5, "invalid_email", 'Invalid email format: "no-at" has no @.'],
			[6, "unreadable_line", "The line is not valid UTF-8."],
			[7, "unreadable_line", "The line is nested 41 levels deep; 32 are allowed."],
			[8, "unreadable_line", "What begins in this line does not end within 1 MiB."],
			[9, "unreadable_line", expect.stringContaining("The line is not JSON: reading stopped at column 12")],
			[10, "item_not_object", expect.any(String)],
		]);
		// Numbers keep the digits that they were sent with.
		expect((await site.get(`imports/${found.importId}/results?outcome=created`)).text).toContain('"n":1.50');
	});

	test("of any size needs no more memory than its parts: longer rows than any are not kept", async () => {
		const site = await muster.aSite();
		const long = Buffer.alloc(30 * 1024 * 1024, "x");
		const file = Buffer.concat([
			Buffer.from(customerLines(1)),
			long,
			Buffer.from(`\n${customerLines(1, 1)}`),
		]);
		const found = await run(site, file);
		expect(found.summary).toMatchObject({ total: 3, created: 2, failed: 1 });
		const [{ text }] = (await resultLines(site, found.importId, "?outcome=failed")) as [{ text: string }];
		expect(text).toBe("x".repeat(1_000));
	});
});

describe("each operation takes a file", () => {
	const files: Readonly<Record<string, { jsonl: string; csv: string }>> = {
		customer: {
			jsonl: '{"operationType":"CREATE","payload":{"email":"new@acme.com"}}\n',
			csv: "E-mail,First name,Last name,Tier\nnew@acme.com,New,One,Gold\n",
		},
		"customer.profile": {
			jsonl: '{"email":"new@acme.com","details":{"tier":"Gold"},"organizations":["Acme"]}\n',
			csv: "Email;Company;Tier\nnew@acme.com;Acme;Gold\n",
		},
		"customer.details": {
			jsonl: '{"email":"jane@acme.com","details":[{"fieldId":"tier","operation":"UPDATE","value":"Gold"}]}\n',
			csv: "email,name,tier\njane@acme.com,Ignored,Gold\n",
		},
		organization: { jsonl: '{"name":"New"}\n', csv: "Company\tCountry\nNew\tSE\n" },
		"organization.profile": {
			jsonl: '{"name":"New","details":{"industry":"Steel"}}\n',
			csv: "Company name,Industry\nNew,Steel\n",
		},
		"organization.details": {
			jsonl: '{"name":"Acme","details":[{"fieldId":"industry","value":"Steel"}]}\n',
			csv: "name,industry\nAcme,Steel\n",
		},
	};
	const rows = operations
		.filter(({ scope }) => scope !== "definitions")
		.flatMap(({ name, scope }) =>
			(["jsonl", "csv"] as const).map((format) => [name, format, scope] as const),
		);

	test.each(rows)("%s as %s", async (operation, format, scope) => {
		const site = await muster.aSite();
		await site.post("customer/details", { name: "tier" });
		await site.post("organization/details", { name: "industry" });
		await site.post("organization", { name: "Acme" });
		await site.post("customer", { email: "jane@acme.com" });
		const found = await run(site, files[operation]?.[format] ?? "", {
			query: `operation=${operation}`,
			format,
		});
		const outcome = scope === "details" ? "updated" : "created";
		expect([found.operation, found.summary]).toEqual([
			operation,
			{ total: 1, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, [outcome]: 1 },
		]);
		const isCustomer = operation.startsWith("customer");
		const list = isCustomer ? `customers?email=${scope === "details" ? "jane" : "new"}` : "organizations";
		const records = (await site.get(list)).body.results;
		expect(records.at(-1).details).toEqual(
			scope === "account" ? {} : isCustomer ? { tier: "Gold" } : { industry: "Steel" },
		);
	});

	test("as a dry run, which changes nothing", async () => {
		const site = await muster.aSite();
		const found = await run(site, customerLines(3), { query: "operation=customer.profile&dryRun=true" });
		expect(found).toMatchObject({ dryRun: true, summary: { total: 3, created: 3 } });
		expect((await site.get("customers")).body.results).toEqual([]);
		expect(await resultLines(site, found.importId)).toMatchObject([{ changes: expect.any(Array) }, {}, {}]);
	});
});

describe("who may, and what is no file", () => {
	test("a token needs the write scope of the operation, and that of reading tasks", async () => {
		const site = await muster.aSite();
		const read = "read:task:jira-service-management";
		const token = await site.aToken([read, "write:customer:jira-service-management"]);
		const answer = await sendFile(site, customerLines(1), { token });
		expect([answer.status, answer.body.detail]).toEqual([
			403,
			"This token lacks the scope write:customer.profile:jira-service-management, which this address asks for.",
		]);
		expect((await sendFile(site, customerLines(1), { token, query: "operation=customer" })).status).toBe(202);
	});

	test.each([
		["an empty one", "jsonl", "", 400, "empty_items"],
		["blank lines alone", "jsonl", "\r\n \n", 400, "empty_items"],
		["a CSV of a header alone", "csv", "email\n", 400, "empty_items"],
		["one JSON list", "jsonl", '[{"email":"a@acme.com"}]', 400, "invalid_json"],
		["an object over several lines", "jsonl", '{\n"email":"a@acme.com"\n}', 400, "invalid_json"],
		["JSON as CSV", "csv", '{"email":"a@acme.com"}\n', 415, "unsupported_media_type"],
		["a CSV in which nothing names the records", "csv", "a,b\n1,2\n", 400, "unusable_columns"],
		["UTF-16", "csv", Buffer.from("\ufeffemail\na@acme.com\n", "utf16le"), 400, "invalid_encoding"],
	] as const)("%s is refused, and its key is free", async (_what, format, file, status, code) => {
		const site = await muster.aSite();
		const answer = await sendFile(site, file, { format, key: "again" });
		expect([answer.status, answer.body.code], answer.text).toEqual([status, code]);
		expect((await site.get("imports")).body.results).toEqual([]);
		expect((await sendFile(site, customerLines(1), { key: "again" })).status).toBe(202);
	});

	test.each([
		["JSON", "application/json"],
		["a charset that is not read", "text/csv; charset=windows-1252"],
		["a form", "application/x-www-form-urlencoded"],
	])("%s is no media type of a file", async (_what, type) => {
		const site = await muster.aSite();
		const answer = await sendFile(site, customerLines(1), { headers: { "content-type": type } });
		expect([answer.status, answer.body.code]).toEqual([415, "unsupported_media_type"]);
	});
});
