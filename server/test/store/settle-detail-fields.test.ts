import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import {
	settleDetailField,
	settleDetailFields,
	type UnsettledField,
} from "../../src/store/settle-detail-fields.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

/** More than two batches of records. */
const siteSize = 5_000;

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

const always = (): boolean => true;
const plan: UnsettledField = { entity: "customer", fieldId: "plan", change: "deleted" };
const renamedPlan: UnsettledField = { ...plan, change: "renamed" };

test("a clearing that is ended after each batch is gone on with, and ends", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, "deleted_at = now(), name_key = null");
	let runs = 0;
	for (let isSettled = false; !isSettled; runs += 1) {
		let batches = 0;
		// As far as it comes, one batch further each time.
		isSettled = await settleDetailField(muster.database, site.siteId, plan, () => batches++ <= runs);
		expect(runs).toBeLessThan(10);
	}
	expect(runs).toBe(4); // three batches of records, and a look behind the last
	expect(await detailsOf(site)).toEqual([[{ phone: "1" }, siteSize]]);
	expect(await unsettledOf(site)).toBe(0);
});

test("until it has ended the field is out of use, and its id is given to no other", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, "deleted_at = now(), name_key = null");
	const [first] = (await site.get("customers?limit=1")).body.results;
	expect(first.details).toEqual({ phone: "1" });
	expect((await site.ask("DELETE", "customer/details/plan?confirm=true")).status).toBe(404);
	expect((await site.post("customer/details", { name: "Plan" })).body.id).toBe("plan-2");
	await site.ask("DELETE", "customer/details/plan-2");
	const task = await site.run("customer/profile/bulk", {
		customers: [{ email: first.email, details: { plan: "new" } }],
	});
	expect(task.summary.updated).toBe(1);
	const read = async (): Promise<unknown> =>
		(await site.get(`customer/profile/${first.customerId}`)).body.details;
	expect(await read()).toEqual({ phone: "1", "plan-2": "new" });
	await settleDetailFields(muster.database, always);
	expect(await read()).toEqual({ phone: "1", "plan-2": "new" });
	expect(await unsettledOf(site)).toBe(0);
});

test("records that somebody is writing are not waited for, and come with a later pass", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, "deleted_at = now(), name_key = null");
	await admin.query("begin");
	await admin.query(
		"select from muster.customer where site_id = $1 and email_key = 'c7@acme.com' for update",
		[site.siteId],
	);
	const settle = (): Promise<boolean> => settleDetailField(muster.database, site.siteId, plan, always);
	expect(await settle()).toBe(false);
	expect(await detailsOf(site)).toEqual([
		[{ phone: "1" }, siteSize - 1],
		[{ phone: "1", plan: "Premium" }, 1],
	]);
	await admin.query("commit");
	expect(await settle()).toBe(true);
	expect(await detailsOf(site)).toEqual([[{ phone: "1" }, siteSize]]);
});

test("tasks that write the same records go on beside it, and none of them ends as a fault", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, "deleted_at = now(), name_key = null");
	const tasks: string[] = [];
	for (let from = 0; from < siteSize; from += 100) {
		const customers = Array.from({ length: 100 }, (_, place) => ({
			email: `c${from + place + 1}@acme.com`,
			details: { phone: "2" },
		}));
		tasks.push((await site.post("customer/profile/bulk", { customers })).body.taskId);
	}
	const [ended] = await Promise.all([
		muster.worker.tick(),
		settleDetailField(muster.database, site.siteId, plan, always),
	]);
	expect(ended).toBe(tasks.length);
	await settleDetailField(muster.database, site.siteId, plan, always);
	expect(await detailsOf(site)).toEqual([[{ phone: "2" }, siteSize]]);
	expect(muster.troubles).toEqual([]);
});

test("records follow a renamed option in batches, and meanwhile no other change of options is taken", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, `options = '{Free,Gold}', renamed = '{"Premium":"Gold"}'`);
	const refused = await site.ask("PUT", "customer/details/plan", {
		body: { options: ["Free", "Gold", "Premium"] },
	});
	expect([
		refused.status,
		refused.body.code,
		refused.headers.get("retry-after"),
		refused.body.detail,
	]).toEqual([
		503,
		"unavailable",
		"10",
		'Records are still following the last change of the options of "Plan". Nothing was saved; send the same request again later.',
	]);
	expect((await site.ask("PUT", "customer/details/plan", { body: { name: "Tier" } })).status).toBe(200);
	let batches = 0;
	expect(await settleDetailField(muster.database, site.siteId, renamedPlan, () => batches++ < 1)).toBe(false);
	expect(await detailsOf(site)).toEqual([
		[{ phone: "1", plan: "Gold" }, 2_000],
		[{ phone: "1", plan: "Premium" }, siteSize - 2_000],
	]);
	await settleDetailFields(muster.database, always);
	expect(await detailsOf(site)).toEqual([[{ phone: "1", plan: "Gold" }, siteSize]]);
	expect((await site.ask("PUT", "customer/details/plan", { body: { options: ["Gold"] } })).status).toBe(200);
});

test("a field whose options were renamed is deleted all the same, with old and new values", async () => {
	const site = await aFullSite();
	await leaveUnsettled(site, `options = '{Free,Gold}', renamed = '{"Premium":"Gold"}'`);
	expect((await site.ask("DELETE", "customer/details/plan?confirm=true")).status).toBe(204);
	// One who has been at it since before.
	await settleDetailField(muster.database, site.siteId, renamedPlan, always);
	expect(await detailsOf(site)).toEqual([[{ phone: "1" }, siteSize]]);
	expect(await unsettledOf(site)).toBe(0);
});

test("each record is read by the batch that it is in, however many are left", async () => {
	const site = await aFullSite(40_000);
	await leaveUnsettled(site, "deleted_at = now(), name_key = null");
	const before = await rowsRead();
	expect(await settleDetailField(countedAtOnce(), site.siteId, plan, always)).toBe(true);
	// Looked at, locked and written, some in two versions. What is left, read anew for each of the twenty batches, is 550,000.
	expect((await rowsRead()) - before).toBeLessThan(40_000 * 6);
});

/** Rows of customers that PostgreSQL has read since it began. */
async function rowsRead(): Promise<number> {
	const { rows } = await admin.query(
		"select (seq_tup_read + idx_tup_fetch)::int as count from pg_stat_user_tables where relname = 'customer'",
	);
	return rows[0].count;
}

/** The database, but what a transaction has read is counted when it ends and not a second later. */
function countedAtOnce(): Database {
	const flush = { name: "flush", text: "select pg_stat_force_next_flush()" };
	const { inSite } = muster.database;
	return {
		...muster.database,
		inSite: (siteId, work, limits) =>
			inSite(
				siteId,
				async (transaction) => {
					const result = await work(transaction);
					await transaction.query(flush, []);
					return result;
				},
				limits,
			),
	};
}

/** A site with two fields, of which each of its customers has a value. */
async function aFullSite(size = siteSize): Promise<TestSite> {
	const site = await muster.aSite();
	const type = { name: "SELECT", options: ["Free", "Premium"] };
	await site.post("customer/details", { name: "Plan", type });
	await site.post("customer/details", { name: "phone" });
	await admin.query(
		`insert into muster.customer (site_id, email, email_key, display_name, details)
		select $1, email, email, 'Customer', '{"plan":"Premium","phone":"1"}'
		from (select 'c' || n || '@acme.com' as email from generate_series(1, $2::int) as n) as row`,
		[site.siteId, size],
	);
	return site;
}

/** What a process leaves behind that ends right after it has changed the field. */
async function leaveUnsettled(site: TestSite, set: string): Promise<void> {
	await admin.query(`update muster.detail_field set ${set} where site_id = $1 and field_id = 'plan'`, [
		site.siteId,
	]);
}

/** The details that customers have, and how many have the same. */
async function detailsOf(site: TestSite): Promise<unknown> {
	const { rows } = await admin.query(
		"select details, count(*)::int as count from muster.customer where site_id = $1 group by details order by details",
		[site.siteId],
	);
	return rows.map(({ details, count }) => [details, count]);
}

async function unsettledOf(site: TestSite): Promise<number> {
	const { rows } = await admin.query(
		"select from muster.detail_field where site_id = $1 and (deleted_at is not null or renamed is not null)",
		[site.siteId],
	);
	return rows.length;
}
