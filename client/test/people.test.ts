import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { MusterClient } from "../src/index.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

test("a person is handed over with what tasks tell of them, and erased once", async () => {
	const { token } = await muster.aSite();
	const client = new MusterClient({ url: muster.url, token });
	const { taskId } = await client.submit("customer", [{ email: "ann@acme.com" }], { waitSeconds: 10 });
	const [customer] = (await client.records.customer.page({ search: "ann" })).results;
	const customerId = customer?.customerId ?? "";
	expect(await client.people.handOver(customerId)).toMatchObject({
		customer: { customerId, email: "ann@acme.com" },
		tasks: [{ taskId, operation: "customer", items: [{ index: 0, result: { outcome: "created" } }] }],
	});
	expect(await client.people.erase(customerId)).toBe(true);
	expect(await client.people.erase(customerId)).toBe(false);
	await expect(client.people.handOver(customerId)).rejects.toMatchObject({ code: "not_found" });
});
