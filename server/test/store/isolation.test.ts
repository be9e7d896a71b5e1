import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let one: TestSite;
let other: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	one = await muster.aSite();
	other = await muster.aSite();
	for (const site of [one, other]) {
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		await site.run("customer/profile/bulk", {
			customers: [{ email: "jane.smith@acme.com", details: { tier: "Gold" }, organizations: ["Acme"] }],
		});
	}
});
afterAll(() => muster.close());

const owned = ["task", "customer", "organization", "organization_counter", "membership", "detail_field"];

test.each(owned)("a statement on %s that forgets its site still sees the bound site alone", async (table) => {
	const statement = {
		name: `count-${table}`,
		text: `select distinct site_id as "siteId" from muster.${table}`,
	};
	const seen = await muster.database.inSite(one.siteId, (transaction) => transaction.query(statement, []));
	expect(seen).toEqual([{ siteId: one.siteId }]);
});

test.each(owned)("a transaction that is bound to no site sees nothing of %s", async (table) => {
	const statement = { name: `count-all-${table}`, text: `select count(*) as count from muster.${table}` };
	expect(await muster.database.inNoSite((transaction) => transaction.query(statement, []))).toEqual([
		{ count: 0 },
	]);
});

test("a row cannot be written into another site", async () => {
	const statement = {
		name: "write-elsewhere",
		text: "insert into muster.organization_counter (site_id, last_id) values ($1, 1)",
	};
	await expect(
		muster.database.inSite(one.siteId, (transaction) => transaction.execute(statement, [other.siteId])),
	).rejects.toThrow("row-level security");
});

test("a binding does not outlive its transaction on a pooled connection", async () => {
	await muster.database.inSite(one.siteId, async () => undefined);
	const statement = { name: "bound", text: "select muster.bound_site() as site" };
	expect(await muster.database.inNoSite((transaction) => transaction.query(statement, []))).toEqual([
		{ site: null },
	]);
});

test("every table with a site's records is under forced row-level security", async () => {
	const statement = {
		name: "walls",
		text: `
			select relname as name from pg_class
			where relnamespace = 'muster'::regnamespace and relkind = 'r' and relrowsecurity and relforcerowsecurity
			order by relname`,
	};
	const rows = await muster.database.inNoSite((transaction) =>
		transaction.query<{ name: string }>(statement, []),
	);
	expect(rows.map((row) => row.name)).toEqual([...owned].sort());
});

test("the program's queries run as a role that cannot bypass row-level security", async () => {
	const statement = {
		name: "who",
		text: "select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user",
	};
	expect(await muster.database.inSite(one.siteId, (transaction) => transaction.query(statement, []))).toEqual(
		[{ bypasses: false }],
	);
});
