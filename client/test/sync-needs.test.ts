import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { type Dialect, MusterClient, MusterError } from "../src/index.ts";

// What a sync needs beside bulk operations: finding records by a detail, extending a field, deleting, and its own progress.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

async function all<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
	const found: Entry[] = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

describe.each<Dialect>(["guide", "reference"])("in the %s dialect", (dialect) => {
	const aClient = async () => {
		const { token, siteId: cloudId } = await muster.aSite();
		return new MusterClient({ url: muster.url, token, dialect, cloudId });
	};

	test("records are found by a detail, over more pages than one, in the guide's shape", async () => {
		const client = await aClient();
		const customers = Array.from({ length: 150 }, (_, n) => ({
			email: `c${n}@acme.com`,
			details: { "CRM id": `${n}`, tier: n === 149 ? "Other" : "Gold" },
		}));
		for await (const _ of client.bulk("customer.profile").run(customers, { concurrency: 1 }));
		const found = await all(client.findByDetail("customer", "Tier", ["Gold"]));
		expect(found.map(({ email }) => email)).toEqual(customers.slice(0, 149).map(({ email }) => email));
		const [one] = await all(client.findByDetail("customer", "CRM id", ["149", "none"]));
		expect(one).toMatchObject({ email: "c149@acme.com", details: { "crm-id": "149", tier: "Other" } });
	});

	test("a field gets more options, and a record is deleted once", async () => {
		const client = await aClient();
		const field = { name: "Tier", type: { name: "SELECT", options: ["Gold"] } };
		await client.submit("organization.definitions", [field]);
		await client.changeDetailField("organization", "Tier", { options: ["Gold", "Silver"] });
		expect((await client.detailFields("organization"))[0]?.type.options).toEqual(["Gold", "Silver"]);
		const { taskId } = await client.submit("organization.profile", [{ name: "Acme" }]);
		await client.waitForTask(taskId);
		const [{ id } = { id: "" }] = await all(client.organizations());
		expect([
			await client.deleteRecord("organization", id),
			await client.deleteRecord("organization", id),
		]).toEqual([true, false]);
	});

	test("a connector's progress is kept for the one that holds it", async () => {
		const client = await aClient();
		const holder = crypto.randomUUID();
		const begun = await client.connectors.begin("hubspot", holder);
		await client.connectors.save("hubspot", { holder, state: { after: "5" }, status: "STOPPED" });
		const stopped = await client.connectors.get("hubspot");
		expect(stopped).toMatchObject({ name: "hubspot", state: { after: "5" }, run: { status: "STOPPED" } });
		expect(await all(client.connectors.list())).toEqual([stopped]);
		expect(await all(client.connectors.runs("hubspot"))).toEqual([stopped.run]);
		expect(stopped.run?.runId).toBe(begun.run?.runId);
		const other = { holder: crypto.randomUUID(), state: {} };
		await expect(client.connectors.save("hubspot", other)).rejects.toMatchObject({ code: "connector_held" });
		await expect(client.connectors.get("none")).rejects.toBeInstanceOf(MusterError);
	});
});
