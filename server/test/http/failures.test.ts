import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

async function aSiteWithPlans(): Promise<TestSite> {
	const site = await muster.aSite();
	await site.post("customer/details", {
		name: "Plan",
		type: { name: "SELECT", options: ["Gold", "Platinum"] },
	});
	return site;
}

const planned = (email: string, plan: string): unknown => ({ email, details: { plan } });

async function groups(site: TestSite): Promise<unknown[]> {
	const { body } = await site.get("failures/groups");
	return body.results.map((group: { code: string; field: string; value: string; count: number }) => [
		group.code,
		group.field,
		group.value,
		group.count,
	]);
}

describe("what failed is gathered by what is wrong, where, and with which value", () => {
	test("however the items were written, and over all tasks", async () => {
		const site = await aSiteWithPlans();
		await site.run("customer/profile/bulk", {
			customers: [planned("a@acme.com", "Platnum"), planned("b@acme.com", "Platnum"), { email: "none" }],
		});
		await site.run("customer/profile/bulk", {
			customerProfiles: [
				{
					operationType: "UPSERT",
					payload: { email: "c@acme.com", details: [{ name: "plan", values: ["Platnum"] }] },
				},
			],
		});
		await site.run("customer/bulk", { customers: [{ email: "a@acme.com" }] });
		await site.run("customer/details/bulk", {
			customers: [
				{ email: "a@acme.com", details: [{ fieldId: "plan", operation: "UPDATE", value: "Platnum" }] },
			],
		});
		expect(await groups(site)).toEqual([
			["invalid_detail_value", "details.plan", "Platnum", 4],
			["invalid_email", "email", "none", 1],
		]);
		expect((await site.get("failures/groups")).body).toMatchObject({ total: 5, isPartial: false });
	});

	test("a group leads to its items, as they were sent, page by page", async () => {
		const site = await aSiteWithPlans();
		const customers = Array.from({ length: 5 }, (_, place) => planned(`p${place}@acme.com`, "Platnum"));
		const first = await site.run("customer/profile/bulk", { customers });
		const second = await site.run("customer/profile/bulk", { customers: [{ email: "none" }, ...customers] });
		const seen: [string, number, unknown][] = [];
		let cursor = "";
		do {
			const query = "failures?code=invalid_detail_value&field=details.plan&value=Platnum&limit=3";
			const { body } = await site.get(`${query}${cursor}`);
			for (const { taskId, index, item } of body.results) seen.push([taskId, index, item]);
			cursor = body.nextCursor === undefined ? "" : `&cursor=${body.nextCursor}`;
		} while (cursor !== "");
		expect(seen).toEqual([
			...customers.map((item, place) => [second.taskId, place + 1, item]),
			...customers.map((item, place) => [first.taskId, place, item]),
		]);
	});
});

describe("left out is", () => {
	test("a dry run", async () => {
		const site = await aSiteWithPlans();
		await site.run("customer/bulk?dryRun=true", { customers: [{ email: "none" }] });
		expect(await groups(site)).toEqual([]);
	});

	test("a task that was retried, whose failures are those of the new one", async () => {
		const site = await aSiteWithPlans();
		const { taskId } = await site.run("customer/bulk", {
			customers: [{ email: "none" }, { email: "none.2" }],
		});
		await site.post(`tasks/${taskId}/retry`, undefined, { key: null });
		await muster.worker.tick();
		expect(await groups(site)).toEqual([
			["invalid_email", "email", "none", 1],
			["invalid_email", "email", "none.2", 1],
		]);
	});

	test("what was settled, item by item", async () => {
		const site = await aSiteWithPlans();
		const { taskId } = await site.run("customer/bulk", {
			customers: [{ email: "none" }, { email: "none.2" }],
		});
		expect((await site.post(`tasks/${taskId}/settled`, { indexes: [0] })).status).toBe(204);
		expect(await groups(site)).toEqual([["invalid_email", "email", "none.2", 1]]);
		await site.post(`tasks/${taskId}/settled`, { indexes: [1, 0] });
		expect(await groups(site)).toEqual([]);
		// The task itself is as it was.
		expect((await site.get(`tasks/${taskId}`)).body.failures).toHaveLength(2);
	});
});

test("settling asks for the right to write what the task writes", async () => {
	const site = await aSiteWithPlans();
	const { taskId } = await site.run("customer/bulk", { customers: [{ email: "none" }] });
	const token = await site.aToken(["read:task:jira-service-management"]);
	expect((await site.post(`tasks/${taskId}/settled`, { indexes: [0] }, { token })).status).toBe(403);
	expect(await groups(site)).toHaveLength(1);
});

test("U+0000 and lone surrogates in what failed are shown as they were sent", async () => {
	const site = await aSiteWithPlans();
	const email = "a\u0000b\ud800@acme.com";
	await site.run("customer/bulk", { customers: [{ email }] });
	expect(await groups(site)).toEqual([["invalid_text", "email", email, 1]]);
});
