import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const by = { changedDate: time, tokenId: uuid, tokenPrefix: expect.stringMatching(/^mst_/) };

async function history(site: TestSite, path: string, query = "") {
	return (await site.get(`${path}/history${query}`)).body;
}

async function idOf(site: TestSite, email: string): Promise<string> {
	const { body } = await site.get(`customers?email=${encodeURIComponent(email)}`);
	return body.results[0].customerId;
}

describe("the history of a customer", () => {
	test("tells each change, field by field, with its task and item, or as a single write", async () => {
		const site = await muster.aSite();
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		const first = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "bob@acme.com" },
				{ email: "ann@acme.com", details: { plan: "Free", city: "Oslo" } },
			],
		});
		const second = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "ann@acme.com", details: { plan: "Gold" }, organizations: ["Acme"] },
				{ email: "ANN@acme.com", displayName: "Ann", details: { city: null } },
			],
		});
		const id = await idOf(site, "ann@acme.com");
		expect((await site.ask("PUT", `customer/account/${id}`, { body: { email: "ann@new.com" } })).status).toBe(
			200,
		);
		const operation = "customer.profile";
		expect(await history(site, `customer/${id}`)).toEqual({
			isComplete: true,
			results: [
				{
					...by,
					outcome: "updated",
					changes: [{ field: "email", before: "ann@acme.com", after: "ann@new.com" }],
				},
				{
					...by,
					outcome: "updated",
					taskId: second.taskId,
					operation,
					index: 1,
					changes: [
						{ field: "displayName", before: "ann", after: "Ann" },
						{ field: "details.city", before: "Oslo", after: null },
					],
				},
				{
					...by,
					outcome: "updated",
					taskId: second.taskId,
					operation,
					index: 0,
					changes: [
						{ field: "details.plan", before: "Free", after: "Gold" },
						{ field: "organizations", before: null, after: ["1"] },
					],
				},
				{
					...by,
					outcome: "created",
					taskId: first.taskId,
					operation,
					index: 1,
					changes: [
						{ field: "email", before: null, after: "ann@acme.com" },
						{ field: "displayName", before: null, after: "ann" },
						{ field: "details.plan", before: null, after: "Free" },
						{ field: "details.city", before: null, after: "Oslo" },
					],
				},
			],
		});
	});

	test("comes in pages, which new changes do not shift", async () => {
		const site = await muster.aSite();
		for (const plan of ["a", "b", "c", "d", "e"]) {
			await site.run("customer/profile/bulk", { customers: [{ email: "ann@acme.com", details: { plan } }] });
		}
		const path = `customer/${await idOf(site, "ann@acme.com")}`;
		const plans = ({ results }: { results: { changes: { field: string; after: string }[] }[] }) =>
			results.map(({ changes }) => changes.find(({ field }) => field === "details.plan")?.after);
		const first = await history(site, path, "?limit=2");
		expect(plans(first)).toEqual(["e", "d"]);
		await site.run("customer/profile/bulk", {
			customers: [{ email: "ann@acme.com", details: { plan: "f" } }],
		});
		const second = await history(site, path, `?limit=2&cursor=${first.nextCursor}`);
		expect(plans(second)).toEqual(["c", "b"]);
		const third = await history(site, path, `?limit=2&cursor=${second.nextCursor}`);
		expect(plans(third)).toEqual(["a"]);
		expect(third).toEqual({ results: expect.any(Array), isComplete: true });
	});

	test("has nothing of what left it as it was, failed, or was a dry run", async () => {
		const site = await muster.aSite();
		const ann = { email: "ann@acme.com", details: { plan: "Free" } };
		await site.run("customer/profile/bulk", { customers: [ann] });
		const path = `customer/${await idOf(site, "ann@acme.com")}`;
		const before = await history(site, path);
		await site.run("customer/profile/bulk", { customers: [ann] });
		await site.run("customer/profile/bulk", { customers: [{ ...ann, operationType: "CREATE" }] });
		await site.run("customer/profile/bulk?dryRun=true", {
			customers: [{ ...ann, details: { plan: "Gold" } }],
		});
		expect(await history(site, path)).toEqual(before);
		expect(before.results).toHaveLength(1);
	});

	test("tells of items that changed it and changed it back, which took no effect together", async () => {
		const site = await muster.aSite();
		const ann = (plan: string) => ({ email: "ann@acme.com", details: { plan } });
		await site.run("customer/profile/bulk", { customers: [ann("Free")] });
		const id = await idOf(site, "ann@acme.com");
		const { body: before } = await site.get(`customer/profile/${id}`);
		await site.run("customer/profile/bulk", { customers: [ann("Gold"), ann("Free")] });
		expect((await site.get(`customer/profile/${id}`)).body).toEqual(before);
		const { results } = await history(site, `customer/${id}`, "?limit=2");
		expect(results.map(({ changes }: { changes: unknown }) => changes)).toEqual([
			[{ field: "details.plan", before: "Gold", after: "Free" }],
			[{ field: "details.plan", before: "Free", after: "Gold" }],
		]);
	});

	test("of a time when none was kept says that it is not complete, and goes on behind it", async () => {
		const site = await muster.aSite();
		const send = (plan: string) =>
			site.run("customer/profile/bulk", { customers: [{ email: "ann@acme.com", details: { plan } }] });
		await send("a");
		const path = `customer/${await idOf(site, "ann@acme.com")}`;
		await site.ask("PUT", "settings", { body: { history: false } });
		await send("b");
		expect(await history(site, path)).toEqual({ results: [], isComplete: false });
		await site.ask("PUT", "settings", { body: { history: true } });
		await send("c");
		expect(await history(site, path)).toMatchObject({
			isComplete: false,
			results: [{ changes: [{ field: "details.plan", before: "b", after: "c" }] }],
		});
	});
});

test("what is past its time of keeping is gone from the history, and what came later stays", async () => {
	const site = await muster.aSite({ retentionDays: 3 });
	await site.run("customer/bulk", { customers: [{ email: "ann@acme.com" }] });
	const id = await idOf(site, "ann@acme.com");
	const rename = (displayName: string) =>
		site.ask("PUT", `customer/account/${id}`, { body: { displayName } });
	await rename("Ann");
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	const own = [site.siteId];
	await admin.query(
		"update muster.task set ended_at = ended_at - interval '73 hours' where site_id = $1",
		own,
	);
	await admin.query(
		"update muster.single_write set written_at = written_at - interval '73 hours' where site_id = $1",
		own,
	);
	await rename("Anna");
	expect(await deleteOldTasks(muster.database)).toBe(2);
	expect((await admin.query("select from muster.single_write where site_id = $1", own)).rows).toHaveLength(1);
	await admin.end();
	expect(await history(site, `customer/${id}`)).toMatchObject({
		isComplete: false,
		results: [{ changes: [{ field: "displayName", before: "Ann", after: "Anna" }] }],
	});
});

test("the history of an organization names the customers that it was sent with", async () => {
	const site = await muster.aSite();
	await site.run("customer/bulk", { customers: [{ email: "ann@acme.com" }] });
	await site.run("organization/profile/bulk", { organizations: [{ name: "Acme" }] });
	await site.run("organization/profile/bulk", {
		organizations: [{ name: "ACME", customers: ["ann@acme.com"] }],
	});
	const id = await idOf(site, "ann@acme.com");
	expect(await history(site, "organization/1")).toMatchObject({
		isComplete: true,
		results: [
			{ outcome: "updated", changes: [{ field: "customers", before: null, after: [id] }] },
			{ outcome: "created", changes: [{ field: "name", before: null, after: "Acme" }] },
		],
	});
});
