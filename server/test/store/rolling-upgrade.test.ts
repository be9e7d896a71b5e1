import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../src/store/migrate.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

async function submit(site: TestSite, displayName: string): Promise<string> {
	const customers = [{ email: "ann@acme.com", displayName }];
	return (await site.post("customer/bulk", { customers })).body.taskId;
}

async function statuses(site: TestSite): Promise<unknown[]> {
	const { results } = (await site.get("tasks")).body;
	return results.map((task: { operation: string; status: string }) => [task.operation, task.status]);
}

test("a task of an operation that only a newer program knows is left for it, with all that was accepted after it", async () => {
	const site = await muster.aSite();
	await submit(site, "Before");
	const newer = await submit(site, "Newer");
	await submit(site, "After");
	await admin.query("update muster.task set operation = 'organization.product' where task_id = $1", [newer]);
	for (let ticks = 0; ticks < 7; ticks += 1) await muster.worker.tick();
	expect(await statuses(site)).toEqual([
		["customer", "PROCESSING"],
		["organization.product", "PROCESSING"],
		["customer", "COMPLETED"],
	]);
	expect((await site.get(`tasks/${newer}`, { base: site.referenceBase })).body).toMatchObject({
		type: "BULK_ORGANIZATION_PRODUCT_CREATE_UPDATE",
		status: "NOT_STARTED",
	});
	expect((await site.get(`tasks/${newer}/results`)).body).toEqual({ results: [] });
	const other = await muster.aSite();
	expect((await other.run("customer/bulk", { customers: [{ email: "bob@acme.com" }] })).status).toBe(
		"COMPLETED",
	);

	// As the newer program's worker finds it.
	await admin.query("update muster.task set operation = 'customer' where task_id = $1", [newer]);
	expect(await muster.worker.tick()).toBe(2);
	expect((await site.get("customers")).body.results).toMatchObject([{ displayName: "After" }]);
	expect(muster.troubles).toEqual([]);
});

test("a program goes on, and starts, on the schema of a newer one that has added to it", async () => {
	const site = await muster.aSite();
	const profile = (note: string) => ({
		customers: [{ email: "ann@acme.com", details: { note }, organizations: ["Acme"] }],
	});
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	await site.run("customer/profile/bulk", profile("before"));
	// Every connection of the pool has its statements prepared by now, as those of a server that runs have.
	const { rows } = await admin.query<{ name: string }>(
		"select relname as name from pg_class where relnamespace = 'muster'::regnamespace and relkind = 'r'",
	);
	for (const { name } of rows) {
		await admin.query(`alter table muster.${name} add column newer text not null default 'x'`);
	}
	await admin.query("create table muster.newer (site_id uuid not null, newer_id uuid not null)");
	await admin.query("create index newer_index on muster.task (site_id, newer)");
	await admin.query("insert into muster.migration (number, name) values (9999, '9999-newer')");

	const task = await site.run("customer/profile/bulk", profile("after"));
	expect(task.summary).toMatchObject({ total: 1, updated: 1 });
	expect(
		(await site.post("customer/details/definitions/bulk", { detailFields: [{ name: "Region" }] })).status,
	).toBe(202);
	expect((await site.ask("DELETE", "customer/details/Region")).status).toBe(204);
	expect((await site.get("customers")).body.results).toMatchObject([
		{ details: { note: "after" }, organizations: [{ name: "Acme" }] },
	]);
	expect((await site.get("tasks")).body.results).toHaveLength(4);
	expect(await migrate(muster.databaseUrl)).toEqual([]);
	expect(muster.troubles).toEqual([]);
});
