import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { type Dialect, MusterClient } from "../src/index.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

async function aClient(dialect: Dialect = "guide"): Promise<MusterClient> {
	const { token, siteId: cloudId } = await muster.aSite();
	return new MusterClient({ url: muster.url, token, dialect, cloudId });
}

async function all<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
	const found: Entry[] = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
	return Buffer.concat(await all(parts)).toString();
}

const people = [
	{ email: "ann@example.com", displayName: "Ann Smith", details: { Tier: "Gold" } },
	{ email: "bob@example.com", displayName: "Bob Smith", details: { Tier: "Silver" } },
	{ email: "carl@example.com", displayName: "Carl Jones", details: { Tier: "Gold" } },
];

describe.each<Dialect>(["guide", "reference"])("in the %s dialect", (dialect) => {
	test("records are sought by words and details, several at once, and exported as they are listed", async () => {
		const client = await aClient(dialect);
		await client.submit("customer.profile", people, { waitSeconds: 10 });
		const emails = async (query: Parameters<typeof client.customers>[0]) =>
			(await all(client.customers(query))).map(({ email }) => email);
		expect(await emails({ search: "smi", filter: ["tier=Gold"] })).toEqual(["ann@example.com"]);
		expect(await emails({ filter: ["tier=Gold", "tier=Silver"], name: "b" })).toEqual(["bob@example.com"]);
		const csv = await textOf(client.exportRecords("customer", { search: "smith" }));
		expect(csv.split("\r\n").map((line) => line.split(",")[1])).toEqual([
			"email",
			"ann@example.com",
			"bob@example.com",
			undefined,
		]);
		const lines = await textOf(client.exportRecords("customer", { format: "jsonl", email: "carl" }));
		expect(JSON.parse(lines)).toMatchObject({ email: "carl@example.com", displayName: "Carl Jones" });
	});

	test("what failed is given back as it was sent, and sent again once as a new task", async () => {
		const client = await aClient(dialect);
		const items = [{ email: "ann@example.com", organizations: ["Acme"] }, { email: "bob@example.com" }];
		const { taskId } = await client.submit("customer.profile", items, { waitSeconds: 10 });
		expect(await client.failedRequest(taskId)).toEqual({ customers: [items[0]] });
		await client.submit("organization", [{ name: "Acme" }], { waitSeconds: 10 });
		const retried = await client.retryTask(taskId, { waitSeconds: 10 });
		expect(retried).toMatchObject({
			idempotencyKey: `retry-of-${taskId}`,
			replayed: false,
			task: { summary: { total: 1, created: 1 } },
		});
		expect(await client.retryTask(taskId)).toMatchObject({ taskId: retried.taskId, replayed: true });
		await expect(client.failedRequest(retried.taskId)).rejects.toMatchObject({ code: "nothing_failed" });
	});

	test("fields are made, renamed and deleted, and values go only where that was confirmed", async () => {
		const client = await aClient(dialect);
		const made = await client.createDetailField("customer", {
			name: "Support / Tier",
			type: { name: "SELECT", options: ["Gold"] },
		});
		expect(made).toMatchObject({ id: "support-tier", type: { name: "SELECT", options: ["Gold"] } });
		const renamed = await client.changeDetailField("customer", "Support / Tier", { name: "Tier" });
		expect(renamed).toEqual({ ...made, name: "Tier" });
		await client.submit("customer.profile", people.slice(0, 1), { waitSeconds: 10 });
		const refused = client.deleteDetailField("customer", "tier");
		await expect(refused).rejects.toMatchObject({ code: "values_at_stake", problem: { values: 1 } });
		await client.deleteDetailField("customer", "tier", { confirm: true });
		expect(await client.detailFields("customer")).toEqual([]);
	});
});

describe("a file that does not come whole", () => {
	/** Answers with a beginning, and then does as it is told. */
	async function aHalfServer(then: (end: () => void) => void): Promise<{ url: string; server: Server }> {
		const server = createServer((_, response) => {
			response.writeHead(200, { "content-type": "text/csv" });
			response.write("email\r\n", () => then(() => response.destroy()));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
	}

	test.each([
		["breaks off", (end: () => void) => end(), "MusterNetworkError"],
		["stands still", () => undefined, "MusterTimeoutError"],
	])("one that %s is thrown behind what came of it, and never taken for the end", async (_, then, name) => {
		const { url, server } = await aHalfServer(then);
		const client = new MusterClient({ url, token: "t", timeoutMs: 200 });
		const parts = client.exportRecords("customer");
		expect(Buffer.from((await parts.next()).value ?? []).toString()).toBe("email\r\n");
		await expect(parts.next()).rejects.toMatchObject({ name });
		server.closeAllConnections();
		server.close();
	});
});
