import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routes } from "../../src/http/route-table.ts";
import { aMarkedSite, type MarkedSite, sweep } from "../http/two-sites.ts";
import { guideBase, startMuster, type TestMuster } from "../muster.ts";
import { type Forgetful, forgetSites } from "./forgetful.ts";

/** Tables with a site in them that are looked at before the site is known, or by those who serve all sites. */
const notOwned = ["site", "access_token", "console_key", "lane", "lane_note", "worker_seen"];

let muster: TestMuster;
let one: MarkedSite;
let other: MarkedSite;
let admin: pg.Client;
/** Every site-owned table, as the catalogue has it: one that a later migration adds is among them. */
let owned: readonly string[];
beforeAll(async () => {
	muster = await startMuster();
	one = await aMarkedSite(muster);
	other = await aMarkedSite(muster);
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	// The catalogue then writes every name with its schema, whoever the login is.
	await admin.query("set search_path = ''");
	owned = await tablesOf(`exists (
		select from pg_attribute where attrelid = pg_class.oid and attname = 'site_id' and not attisdropped
	) and relname <> all('{${notOwned}}')`);
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

async function tablesOf(condition: string): Promise<readonly string[]> {
	const { rows } = await admin.query<{ name: string }>(
		`select relname as name from pg_class
		where relnamespace = 'muster'::regnamespace and relkind in ('r', 'p') and ${condition}
		order by relname`,
	);
	return rows.map(({ name }) => name);
}

describe("every site-owned table of the catalogue", () => {
	test("belongs to one of the two kinds", async () => {
		expect(await tablesOf("true")).toEqual([...owned, ...notOwned, "migration"].sort());
		expect(owned.length).toBeGreaterThan(6);
	});

	test("is under forced row-level security, with one policy, which binds reading and writing to the bound site", async () => {
		expect(await tablesOf("relrowsecurity and relforcerowsecurity")).toEqual(owned);
		const { rows } = await admin.query(
			`select tablename as table, permissive, cmd, qual, with_check as check, roles::text[] from pg_policies
			where schemaname = 'muster' order by tablename`,
		);
		const bound = "(site_id = ( SELECT muster.bound_site() AS bound_site))";
		expect(rows).toEqual(
			owned.map((table) => ({
				table,
				permissive: "PERMISSIVE",
				cmd: "ALL",
				qual: bound,
				check: bound,
				roles: ["public"],
			})),
		);
	});

	test("has rows of both sites here, so that there is something to see", async () => {
		for (const table of owned) {
			const { rows } = await admin.query(
				`select distinct site_id from muster.${table} where site_id = any($1) order by 1`,
				[[one.site.siteId, other.site.siteId]],
			);
			expect([table, rows.length]).toEqual([table, 2]);
		}
	});

	test("shows the bound site alone to a statement that forgets its site, on every connection of the pool", async () => {
		for (const table of owned) {
			const statement = {
				name: `sites-${table}`,
				text: `select distinct site_id as "siteId" from muster.${table}`,
			};
			// Twice as many as there are connections, each site in turn: every connection has been bound to both.
			const sites = Array.from({ length: 32 }, (_, number) => (number % 2 === 0 ? one : other).site.siteId);
			const seen = await Promise.all(
				sites.map((siteId) =>
					muster.database.inSite(siteId, (transaction) => transaction.query(statement, [])),
				),
			);
			expect([table, seen]).toEqual([table, sites.map((siteId) => [{ siteId }])]);
		}
	});

	test("shows nothing to a transaction that is bound to no site, also after one that was", async () => {
		for (const table of owned) {
			const statement = { name: `count-${table}`, text: `select count(*) as count from muster.${table}` };
			await muster.database.inSite(one.site.siteId, (transaction) => transaction.query(statement, []));
			const seen = await muster.database.inNoSite((transaction) => transaction.query(statement, []));
			expect([table, seen]).toEqual([table, [{ count: 0 }]]);
		}
	});

	test("takes no row for another site", async () => {
		for (const table of owned) {
			const { rows } = await admin.query(
				`select string_agg(attname, ', ') as columns from pg_attribute
				where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname <> 'site_id'`,
				[`muster.${table}`],
			);
			// A row of one's own, moved: whatever a table asks of its rows, this one has.
			const statement = {
				name: `move-${table}`,
				text: `insert into muster.${table} (site_id, ${rows[0].columns}) overriding system value
					select $1, ${rows[0].columns} from muster.${table} limit 1`,
			};
			const moved = muster.database.inSite(one.site.siteId, (transaction) =>
				transaction.execute(statement, [other.site.siteId]),
			);
			await expect(moved, table).rejects.toThrow(
				`new row violates row-level security policy for table "${table}"`,
			);
		}
	});
});

test("a table without a policy would be found", async () => {
	await admin.query("create table muster.forgotten (site_id uuid primary key)");
	const isForced = await tablesOf("relrowsecurity and relforcerowsecurity");
	const all = await tablesOf("true");
	await admin.query("drop table muster.forgotten");
	expect(all.filter((table) => ![...isForced, ...notOwned, "migration"].includes(table))).toEqual([
		"forgotten",
	]);
});

test("the program's queries run as a role that cannot bypass row-level security", async () => {
	const statement = {
		name: "who",
		text: "select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user",
	};
	for (const run of [
		muster.database.inNoSite((transaction) => transaction.query(statement, [])),
		muster.database.inSite(one.site.siteId, (transaction) => transaction.query(statement, [])),
	]) {
		expect(await run).toEqual([{ bypasses: false }]);
	}
});

describe("a server whose every statement forgets its site", () => {
	let careless: TestMuster;
	let forgetful: Forgetful;
	let owner: MarkedSite;
	beforeAll(async () => {
		careless = await startMuster({
			through: (database) => {
				forgetful = forgetSites(database);
				return forgetful.database;
			},
		});
		owner = await aMarkedSite(careless);
	});
	afterAll(() => careless.close());

	/** Asks at every address as a new site. */
	async function leaksOfAll(): Promise<readonly string[]> {
		const leaks: string[] = [];
		for (const route of routes) {
			const asker = await careless.aSite();
			const way = { base: guideBase, token: asker.token, leadsIn: true };
			leaks.push(...(await sweep(careless, asker, owner, route, [way])).leaks);
		}
		return leaks;
	}

	test("shows nothing of another site at any address, because of row-level security", async () => {
		expect(await leaksOfAll()).toEqual([]);
		expect(forgetful.forgotten.size).toBeGreaterThan(10);
	});

	test("would show it without", async () => {
		const open = new pg.Client({ connectionString: careless.databaseUrl });
		await open.connect();
		for (const table of owned) await open.query(`alter table muster.${table} disable row level security`);
		await open.end();
		const leaks = await leaksOfAll();
		expect(leaks.length).toBeGreaterThan(10);
		expect(leaks.join("\n")).toContain(owner.mark);
	});
});
