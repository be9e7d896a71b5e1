import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

/** Records of each entity that a site has: so many that reading them all stands out, and that each request has some of its own. */
const siteSize = 9_000;

let muster: TestMuster;
let admin: pg.Client;
/** What PostgreSQL believes: it has never looked at the tables, or it has before the site was filled. */
const beliefs = ["never looked", "looked before"] as const;

beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	// PostgreSQL goes by what it believes of tables that it has never looked at.
	for (const table of tables) {
		await admin.query(`alter table muster.${table} set (autovacuum_enabled = off)`);
	}
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** @returns the customers' ids on the wire, by the number in their emails */
async function fill(site: TestSite): Promise<string[]> {
	// What it reads itself is told when it ends, so that it is not taken for the worker's.
	const filler = new pg.Client({ connectionString: muster.databaseUrl, application_name: "apart" });
	await filler.connect();
	await filler.query(
		`insert into muster.customer (site_id, email, email_key, display_name, details)
		select $1, email, email, 'Customer', '{}'
		from (select 'c' || n || '@acme.com' as email from generate_series(1, $2::int) as n) as row`,
		[site.siteId, siteSize],
	);
	await filler.query(
		`insert into muster.organization (site_id, organization_id, name, name_key, details)
		select $1, n, 'org ' || n, 'org ' || n, '{}' from generate_series(1, $2::int) as n`,
		[site.siteId, siteSize],
	);
	await filler.query(
		`insert into muster.membership (site_id, customer_id, organization_id)
		select site_id, customer_id, organization_id
		from muster.customer join muster.organization using (site_id)
		where site_id = $1 and email_key = 'c' || organization_id || '@acme.com'`,
		[site.siteId],
	);
	await filler.query(
		`insert into muster.product (site_id, name, name_key)
		select $1, 'product ' || n, 'product ' || n from generate_series(1, $2::int) as n`,
		[site.siteId, siteSize],
	);
	for (const entity of ["customer", "organization"]) {
		await filler.query(
			`insert into muster.entitlement (site_id, ${entity}_id, product_id)
			select site_id, ${entity}_id, product_id
			from (select site_id, ${entity}_id, row_number() over () as n from muster.${entity} where site_id = $1) as record
				join muster.product using (site_id)
			where name_key = 'product ' || n`,
			[site.siteId],
		);
	}
	await filler.query(`insert into muster.organization_counter (site_id, last_id) values ($1, $2)`, [
		site.siteId,
		siteSize,
	]);
	await filler.query(
		`insert into muster.task (site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, ended_at)
		select $1, 'customer', n, '', false, gen_random_uuid(), 0, now() from generate_series(1, $2::int) as n`,
		[site.siteId, siteSize],
	);
	const { rows } = await filler.query<{ id: string }>(
		`select 'qm:' || site_id || ':' || customer_id as id from muster.customer
		where site_id = $1 order by substring(email from 'c(.*)@')::int`,
		[site.siteId],
	);
	await filler.end();
	await untilGone();
	return ["", ...rows.map((row) => row.id)];
}

const tables = ["customer", "organization", "membership", "task", "product", "entitlement"] as const;

type Reads = Record<(typeof tables)[number], number>;

/** Rows and index entries read so far, by table. */
async function readsSoFar(): Promise<Reads> {
	const { rows } = await admin.query<Reads>(
		`select json_object_agg(relname, seq_tup_read + entries) as reads
		from pg_stat_user_tables
			join lateral (
				select sum(idx_tup_read)::bigint as entries from pg_stat_user_indexes as index
				where index.relid = pg_stat_user_tables.relid
			) as index on true
		where schemaname = 'muster' and relname = any($1)`,
		[tables],
	);
	return (rows[0] as unknown as { readonly reads: Reads }).reads;
}

/** What carrying out requests, one after the other, reads of each table. A connection tells what it has read when it ends. */
async function readsOf(site: TestSite, requests: readonly Submission[]): Promise<Reads> {
	const before = await readsSoFar();
	const url = new URL(muster.databaseUrl);
	url.searchParams.set("application_name", "apart");
	const database = openDatabase({ url: url.href });
	const worker = new Worker({
		database,
		onTrouble: (what, error) => muster.troubles.push({ what, error }),
	});
	for (const { path, body } of requests) {
		expect((await site.post(path, body)).status).toBe(202);
		expect(await worker.tick()).toBe(1);
	}
	await database.close();
	await untilGone();
	const after = await readsSoFar();
	return {
		customer: after.customer - before.customer,
		organization: after.organization - before.organization,
		membership: after.membership - before.membership,
		task: after.task - before.task,
		product: after.product - before.product,
		entitlement: after.entitlement - before.entitlement,
	};
}

async function untilGone(): Promise<void> {
	for (let looks = 0; looks < 10_000; looks += 1) {
		const { rowCount } = await admin.query(
			"select from pg_stat_activity where datname = current_database() and application_name = 'apart'",
		);
		if (rowCount === 0) return;
	}
	throw new Error("connections of a closed database are still there");
}

interface Submission {
	readonly path: string;
	readonly body: unknown;
}

/** A multiple of three, for those that exchange their addresses. */
const itemsMax = 99;

/** So many items with numbers from `from` on. */
function items(from: number, form: (number: number) => unknown): unknown[] {
	return Array.from({ length: itemsMax }, (_, place) => form(from + place));
}

/** Of three items in a row, one that frees the first's address, one that takes it, and one that takes the other's. */
function exchange<T>(n: number, form: (id: number, address: string) => T): T {
	const first = n - (n % 3);
	const steps = [
		form(first, `c0${first}`),
		form(first + 1, `c${first}`),
		form(first, `c${first + 1}`),
	] as const;
	return steps[n % 3] ?? steps[0];
}

/** More than the five times after which PostgreSQL may settle on one plan for a statement. */
const requestsMax = 8;

const cases: [what: string, form: (n: number, ids: readonly string[]) => unknown, path: string][] = [
	["known customers", (n) => ({ email: `c${n}@acme.com`, displayName: `New ${n}` }), "customer/profile/bulk"],
	["unknown customers", (n) => ({ email: `new${n}@acme.com` }), "customer/profile/bulk"],
	[
		"customers with organizations",
		(n) => ({ email: `c${n}@acme.com`, organizations: [`Org ${n}`, `Org ${n + 1}`] }),
		"customer/profile/bulk",
	],
	[
		"customers that exchange emails",
		(n, ids) => exchange(n, (one, email) => ({ customerId: ids[one], email: `${email}@acme.com` })),
		"customer/profile/bulk",
	],
	[
		"customers with products",
		(n) => ({ email: `c${n}@acme.com`, products: [`Product ${n}`, `Product ${n + 1}`] }),
		"customer/profile/bulk",
	],
	[
		"organizations with products",
		(n) => ({ name: `Org ${n}`, products: [`Product ${n}`, `Product ${n + 1}`] }),
		"organization/profile/bulk",
	],
	["details", (n) => ({ email: `c${n}@acme.com`, details: { note: `${n}` } }), "customer/details/bulk"],
	[
		"known organizations",
		(n) => ({ name: `Org ${n}`, details: { note: `${n}` } }),
		"organization/profile/bulk",
	],
	["unknown organizations", (n) => ({ name: `New ${n}` }), "organization/profile/bulk"],
	[
		"organizations with customers",
		(n) => ({ name: `Org ${n}`, customers: [`c${n}@acme.com`, `c${n + 1}@acme.com`] }),
		"organization/profile/bulk",
	],
	[
		"organizations that exchange names",
		(n) => exchange(n, (id, name) => ({ id, name: `org ${name.slice(1)}` })),
		"organization/profile/bulk",
	],
];

/** Reads of a table that a request of 100 items may take: far fewer than the site has rows. */
const readsMax = 500;

describe.each(beliefs)("in a site of thousands, in tables that PostgreSQL has %s at,", (belief) => {
	// One for all of them: what takes long is to fill it.
	let site: TestSite;
	let ids: readonly string[];
	beforeAll(async () => {
		if (belief === "looked before") {
			await fill(await muster.aSite());
			for (const table of tables) await admin.query(`analyze muster.${table}`);
		}
		site = await muster.aSite();
		ids = await fill(site);
	});

	test.each(cases)(
		"a hundred %s are looked up one by one",
		async (what, form, path) => {
			const key = path.startsWith("customer") ? "customers" : "organizations";
			// What others have written is read past in the indexes: no two have a record in common, but for neighbours.
			const before = cases.findIndex(([each]) => each === what) * requestsMax;
			const requests = Array.from({ length: requestsMax }, (_, request) => ({
				path,
				body: { [key]: items(itemsMax * (before + request + 1), (n) => form(n, ids)) },
			}));
			const reads = await readsOf(site, requests);
			const tooMany = tables.filter((table) => reads[table] > readsMax * requestsMax);
			expect(tooMany).toEqual([]);
			expect(muster.troubles).toEqual([]);
		},
		60_000,
	);
});
