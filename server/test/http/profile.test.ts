import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

test("the guide's profile submit creates both customers, and they can be read back", async () => {
	const site = await muster.aSite();
	const submitted = await site.post("customer/profile/bulk", {
		customers: [
			{ email: "jane.smith@acme.com", displayName: "Jane Smith", details: { phone: "+1-555-0123" } },
			{ email: "bob@acme.com", details: { phone: "+1-555-0124", "Support Tier": "Premium" } },
		],
	});
	expect(submitted.status).toBe(202);
	const { taskId } = submitted.body;
	expect(submitted.body).toEqual({ taskId, statusUrl: `https://muster.test/api/v1/tasks/${taskId}` });

	const before = await site.get(`tasks/${taskId}`);
	expect(before.body.status).toBe("PROCESSING");
	expect(before.headers.get("retry-after")).toBe("1");
	expect(await muster.worker.tick()).toBe(1);

	const after = await site.get(`tasks/${taskId}`);
	expect(after.body).toEqual({
		taskId,
		status: "COMPLETED",
		idempotencyKey: expect.any(String),
		source: {
			kind: "request",
			tokenId: expect.any(String),
			tokenPrefix: expect.stringMatching(/^mst_/),
		},
		operation: "customer.profile",
		createdDate: before.body.createdDate,
		completedDate: expect.any(String),
		summary: { total: 2, created: 2, updated: 0, unchanged: 0, skipped: 0, failed: 0 },
		failures: [],
	});
	const results = await site.results(taskId);
	const jane = await site.get(`customer/profile/${results[0].id}`);
	expect(jane.body).toEqual({
		customerId: results[0].id,
		email: "jane.smith@acme.com",
		displayName: "Jane Smith",
		details: { phone: "+1-555-0123" },
		organizations: [],
		createdDate: expect.any(String),
		updatedDate: expect.any(String),
	});
	expect((await site.get(`customer/${results[1].id}`)).body).toEqual({
		customerId: results[1].id,
		email: "bob@acme.com",
		displayName: "bob",
	});
	expect(muster.troubles).toEqual([]);
});
