import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const path = "customer/bulk";
const email = "jane.smith@acme.com";
const jane = { customers: [{ email }] };

describe("a dry run", () => {
	const profiles = "customer/profile/bulk";

	test("keeps its task, results and key, and nothing else", async () => {
		const site = await muster.aSite();
		const organization = { name: "Acme", details: { industry: "IT" } };
		const runs = [
			await site.run("organization/profile/bulk?dryRun=true", { organizations: [organization] }),
			await site.run(`${profiles}?dryRun=true`, {
				customers: [{ email, details: { tier: "Gold" } }, { email: "no" }],
			}),
		];
		expect(runs).toMatchObject([
			{ dryRun: true, status: "COMPLETED", summary: { total: 1, created: 1, failed: 0 } },
			{ dryRun: true, status: "COMPLETED", summary: { total: 2, created: 1, failed: 1 } },
		]);
		for (const list of ["customers", "organizations", "customer/details", "organization/details"]) {
			expect((await site.get(list)).body).toEqual({ results: [] });
		}
		expect((await site.get("tasks")).body.results).toHaveLength(2);
		const inReference = await site.get(`tasks/${runs[0].taskId}`, { base: site.referenceBase });
		expect(inReference.body).toMatchObject({ dryRun: true, status: "FINISHED" });
		// The first real organization gets the first number.
		const real = await site.run("organization/profile/bulk", { organizations: [organization] });
		expect(await site.results(real.taskId)).toMatchObject([{ id: "1", outcome: "created" }]);
		expect(real).not.toHaveProperty("dryRun");
	});

	test("lists what would change, field by field, and no id of what is not there", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", {
			name: "Tags",
			type: { name: "MULTISELECT", options: ["Red", "Blue"] },
		});
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		const made = await site.run(profiles, {
			customers: [{ email, details: { tags: ["Red"], tier: "Free" } }],
		});
		const [{ id }] = await site.results(made.taskId);
		const task = await site.run(`${profiles}?dryRun=true`, {
			customers: [
				{
					customerId: id,
					email: "jane@acme.com",
					displayName: "Jane",
					details: { tags: ["Blue", "Red"], tier: null },
				},
				{ email: "jane@acme.com", organizations: ["Acme"] },
				{ email: "jane@acme.com" },
				{ email: "bob@acme.com", details: { tier: "Gold" } },
				{ email: "bob@acme.com", displayName: "Bob" },
				{ email, details: 5 },
			],
		});
		expect(await site.results(task.taskId)).toEqual([
			{
				index: 0,
				id,
				key: "jane@acme.com",
				outcome: "updated",
				changes: [
					{ field: "email", before: email, after: "jane@acme.com" },
					{ field: "displayName", before: "jane.smith", after: "Jane" },
					{ field: "details.tags", before: ["Red"], after: ["Blue", "Red"] },
					{ field: "details.tier", before: "Free", after: null },
				],
			},
			{
				index: 1,
				id,
				key: "jane@acme.com",
				outcome: "updated",
				changes: [{ field: "organizations", before: null, after: ["1"] }],
			},
			{ index: 2, id, key: "jane@acme.com", outcome: "unchanged", changes: [] },
			{
				index: 3,
				key: "bob@acme.com",
				outcome: "created",
				changes: [
					{ field: "email", before: null, after: "bob@acme.com" },
					{ field: "displayName", before: null, after: "bob" },
					{ field: "details.tier", before: null, after: "Gold" },
				],
			},
			{
				index: 4,
				key: "bob@acme.com",
				outcome: "updated",
				changes: [{ field: "displayName", before: "bob", after: "Bob" }],
			},
			{
				index: 5,
				key: email,
				outcome: "failed",
				errors: [expect.objectContaining({ code: "invalid_type" })],
			},
		]);
		expect((await site.get(`customer/profile/${id}`)).body).toMatchObject({
			email,
			displayName: "jane.smith",
			details: { tags: ["Red"], tier: "Free" },
			organizations: [],
		});
	});

	test("names the customers that an organization would get by the ids that the wire knows", async () => {
		const site = await muster.aSite();
		const made = await site.run(path, jane);
		const [{ id }] = await site.results(made.taskId);
		const task = await site.run("organization/profile/bulk?dryRun=true", {
			organizations: [{ name: "Acme", details: { industry: "IT" }, customers: [email] }],
		});
		expect(await site.results(task.taskId)).toEqual([
			{
				index: 0,
				key: "Acme",
				outcome: "created",
				changes: [
					{ field: "name", before: null, after: "Acme" },
					{ field: "details.industry", before: null, after: "IT" },
					{ field: "customers", before: null, after: [id] },
				],
			},
		]);
	});

	test("takes its turn: it sees the tasks ahead of it, and those behind it do not see it", async () => {
		const site = await muster.aSite();
		const send = async (displayName: string, query = ""): Promise<string> =>
			(await site.post(`${path}${query}`, { customers: [{ email, displayName }] })).body.taskId;
		const taskIds = [
			await send("First"),
			await send("Dry", "?dryRun=true"),
			await send("Dry again", "?dryRun=true"),
			await send("First"),
			await send("Last"),
			await send("Last", "?dryRun=true"),
		];
		expect(await muster.worker.tick()).toBe(6);
		const results = await Promise.all(taskIds.map(async (taskId) => (await site.results(taskId))[0]));
		expect(results.map(({ outcome, changes }) => [outcome, changes])).toEqual([
			["created", undefined],
			["updated", [{ field: "displayName", before: "First", after: "Dry" }]],
			["updated", [{ field: "displayName", before: "First", after: "Dry again" }]],
			["unchanged", undefined],
			["updated", undefined],
			["unchanged", []],
		]);
	});

	test.each(["1", "yes", "", "TRUE"])("is not asked for by dryRun=%s, which is refused", async (dryRun) => {
		const site = await muster.aSite();
		const refused = await site.post(`${path}?dryRun=${dryRun}`, jane);
		expect([refused.status, refused.body.detail]).toEqual([
			400,
			`The query parameter dryRun is ${JSON.stringify(dryRun)}; true, false are allowed.`,
		]);
	});
});
