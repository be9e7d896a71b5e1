import fc from "fast-check";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { applyClaim } from "../../src/worker/apply-claim.ts";
import { aheadMax, followClaim } from "../../src/worker/follow-claim.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { alike, byEmail } from "./alike.ts";
import { refusePoison } from "./poison.ts";

let muster: TestMuster;
let admin: pg.Client;
let nowMs = 0;
beforeAll(async () => {
	// Who goes first is told elsewhere: here no site remembers another one's test.
	muster = await startMuster({ plain: false, courtesy: new Courtesy(() => nowMs) });
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await refusePoison(admin);
});
afterEach(() => {
	muster.troubles.length = 0;
	nowMs += 60_000;
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

interface Submission {
	readonly path: string;
	readonly body: unknown;
}

function customers(...list: readonly unknown[]): Submission {
	return { path: "customer/profile/bulk", body: { customers: list } };
}

function details(...list: readonly unknown[]): Submission {
	return { path: "customer/details/bulk", body: { customers: list } };
}

function organizations(...list: readonly unknown[]): Submission {
	return { path: "organization/profile/bulk", body: { organizations: list } };
}

function dry({ path, body }: Submission): Submission {
	return { path: `${path}?dryRun=true`, body };
}

/** So many of one form. A claim takes fifty tasks. */
function many<T>(count: number, form: (number: number) => T): T[] {
	return Array.from({ length: count }, (_, number) => form(number));
}

async function submit(site: TestSite, { path, body }: Submission): Promise<string> {
	const accepted = await site.post(path, body);
	if (accepted.status !== 202) throw new Error(`expected 202, got ${accepted.status}: ${accepted.text}`);
	return accepted.body.taskId;
}

async function submitAll(site: TestSite, submissions: readonly Submission[]): Promise<string[]> {
	const taskIds: string[] = [];
	for (const submission of submissions) taskIds.push(await submit(site, submission));
	return taskIds;
}

/** Customers that each site begins with. */
const seedCount = 60;

/**
 * Applies submissions on one site all queued before the worker looks, on another one by one, and compares all that can be
 * seen. They are made of the ids of the customers seed0@acme.com, seed1@acme.com and so on.
 */
async function expectAlike(submissionsOf: (ids: readonly string[]) => readonly Submission[]): Promise<void> {
	const [queued, apart] = [await aSeededSite(), await aSeededSite()];
	const submissions = submissionsOf(queued.ids);
	await submitAll(queued.site, submissions);
	expect(await muster.worker.tick()).toBe(submissions.length);
	for (const submission of submissionsOf(apart.ids)) {
		await submit(apart.site, submission);
		await muster.worker.tick();
	}
	expect(await observe(queued.site)).toEqual(await observe(apart.site));
	expect(await endedInOrder(queued.site)).toBe(true);
	expect(muster.troubles).toEqual([]);
}

async function aSeededSite(): Promise<{ readonly site: TestSite; readonly ids: readonly string[] }> {
	const site = await muster.aSite({ detailFieldsMax: 5 });
	const detailFields = [
		{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Green", "Blue"] } },
		{ name: "Tier", type: { name: "SELECT", options: ["Free", "Gold"] } },
	];
	await site.post("customer/details/definitions/bulk", { detailFields });
	await site.post("organization/details/definitions/bulk", { detailFields });
	for (const name of ["Gold", "Silver"]) await site.post("product", { name });
	const seeds = many(seedCount, (n) => ({ email: `seed${n}@acme.com` }));
	const made = await site.run("customer/profile/bulk", { customers: seeds });
	return { site, ids: (await site.results(made.taskId)).map((result) => result.id) };
}

/** Everything that can be seen of a site and of its tasks; what chance and the clock give is named by its first appearance. */
async function observe(site: TestSite): Promise<unknown> {
	const people = (await site.get("customers?limit=100")).body.results;
	const seen = {
		tasks: await tasksOf(site),
		customers: people.sort(byEmail),
		organizations: (await site.get("organizations?limit=100")).body.results,
		memberships: await membershipsOf(site),
		fields: [(await site.get("customer/details")).body, (await site.get("organization/details")).body],
	};
	return alike(site.siteId, seen);
}

/** As they are stored: to ask for each of hundreds, and for its results, is most of what such a test would do. */
async function tasksOf(site: TestSite): Promise<unknown[]> {
	const { rows } = await admin.query(
		`select ended_at is not null as ended, failed, dry_run, item_count, created_count, updated_count, skipped_count, deleted_count,
			unchanged_count, failed_count, failed_items,
			-- Ids as the wire has them.
			regexp_replace(results, '"([0-9a-f]{8}-[0-9a-f-]{27})"', '"qm:' || site_id || ':\\1"', 'g')::json as results
		from muster.task where site_id = $1 order by number`,
		[site.siteId],
	);
	return rows;
}

async function membershipsOf(site: TestSite): Promise<unknown[]> {
	const { rows } = await admin.query(
		`select email, name from muster.membership
			join muster.customer using (site_id, customer_id)
			join muster.organization using (site_id, organization_id)
		where site_id = $1 order by email_key, name_key`,
		[site.siteId],
	);
	return rows;
}

/** Whether every task has ended, and those of each claim after all that were accepted earlier. */
async function endedInOrder(site: TestSite): Promise<boolean> {
	const { rows } = await admin.query<{ holds: boolean }>(
		`select bool_and(unfinished = 0 and first > last_before and earliest >= latest_before) as holds
		from (
			select min(number) as first, min(ended_at) as earliest, count(*) - count(ended_at) as unfinished,
				lag(max(number), 1, 0::bigint) over claims as last_before,
				lag(max(ended_at), 1, '-infinity') over claims as latest_before
			from muster.task where site_id = $1
			group by xmin::text -- the tasks of a claim are written by one transaction
			window claims as (order by min(number))
		) as claim`,
		[site.siteId],
	);
	return rows[0]?.holds === true;
}

test(
	"claims that follow each other create, update and leave alone the same customers as tasks applied one by one",
	() =>
		expectAlike(() => [
			...many(60, (n) => customers({ email: `c${n % 30}@acme.com` })),
			...many(60, (n) => customers({ email: `C${n % 40}@acme.com`, displayName: n < 45 ? "One" : "Two" })),
			...many(60, (n) => customers({ email: `c${n % 40}@acme.com`, displayName: "Two" })),
		]),
	60_000,
);

test(
	"a claim behind one that renames emails finds the new ones, and makes new customers of the old ones",
	() =>
		expectAlike((ids) => [
			...many(seedCount, (n) => customers({ customerId: ids[n], email: `new${n}@acme.com` })),
			// As they are: nothing but their new ids tells them from those that had the emails before.
			...many(55, (n) => customers({ email: `seed${n}@acme.com` })),
			...many(55, (n) => customers({ email: `new${n}@acme.com`, displayName: `New ${n}` })),
			...many(55, (n) => customers({ customerId: ids[n], email: `seed${n}@acme.com` })),
			...many(55, (n) => customers({ customerId: ids[n], email: `swap${n}@acme.com` })),
			...many(55, (n) => customers({ customerId: ids[(n + 1) % 55], email: `new${n}@acme.com` })),
		]),
	60_000,
);

test(
	"what a claim makes is there for the next: fields, organizations, and customers to associate",
	() =>
		expectAlike(() => [
			...many(10, (n) => organizations({ name: `Org ${n % 7}` })),
			...many(10, (n) => customers({ email: `c${n}@acme.com`, organizations: [`org ${n}`] })),
			...many(5, (n) =>
				organizations({ name: `Org ${n + 5}`, customers: [`c${n}@acme.com`, "c20@acme.com"] }),
			),
			...many(12, (n) => customers({ email: `c${n + 15}@acme.com`, organizations: ["Org 9", "Org 1"] })),
			...many(3, (n) => details({ email: `c${n}@acme.com`, details: { note: "x", "New One": `${n}` } })),
			...many(3, (n) => customers({ email: `c${n}@acme.com`, details: { "new-one": "y", full: "z" } })),
			...many(3, (n) => details({ email: `c${n}@acme.com`, details: { full: "z", over: "limit" } })),
			...many(3, (n) =>
				organizations({ name: `Org ${n}`, details: { note: "o" }, customers: ["c20@acme.com"] }),
			),
			...many(3, (n) => details({ email: `c${n}@acme.com`, details: { tier: n < 2 ? "gold" : "none" } })),
		]),
	60_000,
);

test(
	"products that a claim associates are there for the next, which leaves them as they are",
	() =>
		expectAlike(() => [
			...many(seedCount, (n) => customers({ email: `seed${n}@acme.com`, products: ["Gold"] })),
			...many(seedCount, (n) => customers({ email: `seed${n}@acme.com`, products: ["gold", "Silver"] })),
			...many(seedCount, (n) => customers({ email: `seed${n}@acme.com`, products: ["Silver"] })),
			...many(60, (n) => customers({ email: `c${n % 30}@acme.com`, products: [n < 50 ? "Gold" : "Bronze"] })),
			...many(6, (n) => organizations({ name: `Org ${n % 4}`, products: ["Gold"] })),
		]),
	60_000,
);

test(
	"dry runs between claims see what was written before them and nothing after, and write nothing",
	() =>
		expectAlike(() =>
			many(24, (n) => [
				dry(
					customers({ email: `c${n % 5}@acme.com`, displayName: `Dry ${n}`, details: { [`dry ${n}`]: "x" } }),
				),
				customers({ email: `c${n % 5}@acme.com`, displayName: `Real ${n % 6}` }),
				customers({ email: "not an email" }, { email: `d${n}@acme.com`, details: { tier: "none" } }),
				dry(details({ email: `d${n}@acme.com`, details: { note: "x" } }, { email: `c${n % 7}@acme.com` })),
			]).flat(),
		),
	60_000,
);

test("any tasks, queued for many claims, leave the records and outcomes of tasks applied one by one", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(run, { minLength: 2, maxLength: 8 }), (runs) =>
			expectAlike((ids) => runs.flatMap(({ count, form, from }) => many(count, (n) => form(from + n, ids)))),
		),
		{ numRuns: 8 },
	);
}, 240_000);

/** Tasks in a row; few of most forms, so that claims of all sizes follow each other. */
const run = fc.record({
	count: fc.constantFrom(1, 1, 2, 3, 5, 55),
	from: fc.nat({ max: 5 }),
	form: fc.constantFrom<((n: number, ids: readonly string[]) => Submission)[]>(
		(n) => customers({ email: `c${n % 8}@acme.com` }),
		(n) => customers({ email: `c${n % 9}@acme.com`, displayName: n % 2 === 0 ? "One" : "Two" }),
		(n, ids) => customers({ customerId: ids[n % 6], email: `c${n % 7}@acme.com` }),
		(n, ids) => customers({ customerId: ids[n % 6], email: `seed${n % 9}@acme.com` }),
		(n) => customers({ operationType: "CREATE", payload: { email: `c${n % 12}@acme.com` } }),
		(n) =>
			customers({ operationType: "UPDATE", payload: { email: `c${n % 12}@acme.com`, displayName: "Three" } }),
		(n) => customers({ email: `c${n % 5}@acme.com`, organizations: [`Org ${n % 4}`] }),
		(n, ids) => customers({ customerId: ids[n % 6], organizations: [`Org ${n % 5}`] }),
		(n) => customers({ email: `e${n}@acme.com`, details: { [`Made ${n % 5}`]: "x" } }, { email: "wrong" }),
		(n) =>
			details({
				email: `c${n % 6}@acme.com`,
				details: [{ fieldId: "tags", operation: "PATCH", value: n % 2 === 0 ? "Red" : "Blue" }],
			}),
		(n, ids) => details({ customerId: ids[n % 6], details: { tier: ["Free", "Gold", "none"][n % 3] } }),
		(n) => organizations({ name: `Org ${n % 5}`, details: { note: `${n % 3}` } }),
		(n) => organizations({ name: `org ${n % 4}`, customers: [`c${n % 6}@acme.com`] }),
		(n, ids) => organizations({ name: `Org ${n % 6}`, customers: [{ customerId: ids[n % 6] }] }),
		(n) => dry(customers({ email: `c${n % 8}@acme.com`, displayName: "Dry", organizations: ["Org 1"] })),
	),
});

/** Lets the worker work, and the lane's rest pass, until nothing is left to do. @returns how many tasks ended */
async function workThrough(site: TestSite): Promise<number> {
	let ended = 0;
	for (let rests = 0; rests < 50; rests += 1) {
		ended += await muster.worker.tick();
		const rested = await admin.query(
			"update muster.lane_note set retry_at = null where site_id = $1 and retry_at is not null",
			[site.siteId],
		);
		if (rested.rowCount === 0) return ended;
	}
	throw new Error("the lane rested fifty times");
}

/** A connection of somebody else, bound to the site, in a transaction. */
async function elsewhereIn(site: TestSite): Promise<pg.Client> {
	const elsewhere = new pg.Client({ connectionString: muster.databaseUrl });
	await elsewhere.connect();
	await elsewhere.query("select set_config('muster.site', $1, false)", [site.siteId]);
	await elsewhere.query("begin");
	return elsewhere;
}

/** Resolves when so many of our connections wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
	for (let looks = 0; looks < 10_000; looks += 1) {
		const { rowCount } = await admin.query(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		if (rowCount === count) return;
	}
	throw new Error(`no ${count} connections wait for a lock`);
}

/** Display name and details of every customer, by email. */
async function peopleOf(site: TestSite): Promise<Record<string, unknown>> {
	const { rows } = await admin.query<{ email: string; name: string; details: unknown }>(
		"select email, display_name as name, details from muster.customer where site_id = $1",
		[site.siteId],
	);
	return Object.fromEntries(rows.map(({ email, name, details }) => [email, [name, details]]));
}

async function outcomesOf(site: TestSite, taskId: string): Promise<unknown[]> {
	return (await site.results(taskId)).map((result) => result.outcome);
}

test("what somebody else writes to a record, after a claim in line for the lane has read it, is kept", async () => {
	const site = await muster.aSite();
	await site.run("customer/profile/bulk", {
		customers: [{ email: "ann@acme.com", details: { note: "old" } }, { email: "bob@acme.com" }],
	});
	const elsewhere = await elsewhereIn(site);
	// Holds the first claim up while it writes, and changes nothing.
	await elsewhere.query("select from muster.customer where email_key = 'ann@acme.com' for update");
	await submitAll(site, [
		customers({ email: "ann@acme.com", details: { note: "x" } }),
		details({ email: "bob@acme.com", details: { note: "x" } }, { email: "dan@acme.com" }),
	]);
	const taskId = await submit(
		site,
		customers({ email: "bob@acme.com", displayName: "bob" }, { email: "dan@acme.com" }),
	);
	const ticked = muster.worker.tick();
	await untilWaiting(2);
	await elsewhere.query(
		"update muster.customer set display_name = 'Elsewhere' where email_key = 'bob@acme.com'",
	);
	await elsewhere.query(
		"insert into muster.customer (site_id, email, email_key, display_name, details) values ($1, $2, $2, 'Elsewhere', '{}')",
		[site.siteId, "dan@acme.com"],
	);
	await elsewhere.query("commit");
	await elsewhere.end();
	expect(await ticked).toBe(3);
	expect(await peopleOf(site)).toEqual({
		"ann@acme.com": ["ann", { note: "x" }],
		"bob@acme.com": ["bob", { note: "x" }],
		"dan@acme.com": ["Elsewhere", {}],
	});
	expect(await outcomesOf(site, taskId)).toEqual(["updated", "unchanged"]);
	expect(muster.troubles).toEqual([]);
});

/** The database as a worker sees it, where something happens just before a claim that follows another one is sent. */
function beforeFlight(happens: () => Promise<unknown>): Database {
	let flights = 0;
	return {
		...muster.database,
		inSite: async (siteId, work, limits) => {
			// Only claims are sent by key and with a bound on waiting for a lock, and the first of them follows nobody.
			const isClaim = limits?.byKey === true && limits.lockMs !== undefined;
			flights += isClaim ? 1 : 0;
			if (isClaim && flights === 2) await happens();
			return muster.database.inSite(siteId, work, limits);
		},
	};
}

function aWorker(database: Database): Worker {
	return new Worker({ database, onTrouble: (what, error) => muster.troubles.push({ what, error }) });
}

test("a field that changes after a claim has read it, and before it is written, is the one that values are judged by", async () => {
	const site = await muster.aSite();
	await site.post("customer/details", { name: "Tier", type: { name: "SELECT", options: ["Free", "Gold"] } });
	const [, free, gold] = await submitAll(site, [
		customers({ email: "ann@acme.com" }),
		details({ email: "ann@acme.com", details: { tier: "Free" } }),
		customers({ email: "bob@acme.com", details: { tier: "Gold" } }, { email: "cid@acme.com" }),
	]);
	let changes = 0;
	const change = async (): Promise<void> => {
		changes += 1;
		if (changes !== 1) return;
		// It takes the lane, so it is done when the claim ahead is.
		const changed = await site.ask("PUT", "customer/details/tier", { body: { options: ["Free", "Silver"] } });
		expect(changed.status).toBe(200);
	};
	expect(await aWorker(beforeFlight(change)).tick()).toBe(3);
	expect(await outcomesOf(site, free ?? "")).toEqual(["updated"]);
	expect(await outcomesOf(site, gold ?? "")).toEqual(["failed", "created"]);
	expect(await peopleOf(site)).toEqual({
		"ann@acme.com": ["ann", { tier: "Free" }],
		"cid@acme.com": ["cid", {}],
	});
	expect(muster.troubles).toEqual([]);
});

test("when a claim has to be made anew, those behind it are not prepared in vain to the end of the queue", async () => {
	const site = await muster.aSite();
	await site.run("customer/profile/bulk", { customers: [{ email: "ann@acme.com", details: { note: "x" } }] });
	const claims = 40;
	await submitAll(
		site,
		many(claims, () => dry(customers({ email: "ann@acme.com" }))),
	);
	let flights = 0;
	const change = async (): Promise<void> => {
		flights += 1;
		if (flights !== 1) return;
		await admin.query("update muster.detail_field set name = 'Notes' where site_id = $1", [site.siteId]);
	};
	expect(await aWorker(beforeFlight(change)).tick()).toBe(claims);
	// All but the two that had the lane first, and as many again as may be ahead of one.
	expect(flights).toBeLessThanOrEqual(claims - 2 + aheadMax);
	expect(muster.troubles).toEqual([]);
});

test("a claim that is applied again because others wrote the same records is followed once", async () => {
	const site = await muster.aSite();
	await site.run("customer/profile/bulk", { customers: [{ email: "ann@acme.com", details: { note: "x" } }] });
	const elsewhere = await elsewhereIn(site);
	await elsewhere.query("update muster.customer set display_name = 'Elsewhere' where site_id = $1", [
		site.siteId,
	]);
	const claims = 20;
	await submitAll(site, [
		customers({ email: "ann@acme.com", details: { note: "y" } }),
		...many(claims - 1, () => dry(organizations({ name: "Acme" }))),
	]);
	let flights = 0;
	const ticked = aWorker(
		beforeFlight(async () => {
			flights += 1;
		}),
	).tick();
	await untilWaiting(2);
	await elsewhere.query("commit");
	await elsewhere.end();
	expect(await ticked).toBe(claims);
	expect(flights).toBeLessThanOrEqual(claims + aheadMax);
	expect(await peopleOf(site)).toEqual({ "ann@acme.com": ["Elsewhere", { note: "y" }] });
	expect(muster.troubles).toEqual([]);
});

test("a claim that can never be applied ends alone, and all behind it are done once and in order", async () => {
	const site = await muster.aSite();
	const before = await submitAll(
		site,
		many(20, (n) => customers({ email: `before${n}@acme.com` })),
	);
	const poison = await submit(site, customers({ email: "poison@acme.com" }));
	const behind = await submitAll(site, [
		...many(40, (n) => customers({ email: `behind${n}@acme.com` })),
		// Customers of the claim that fails, of the one behind it, and of none before.
		...many(60, (n) => details({ email: `before${n % 20}@acme.com`, details: { note: `${n}` } })),
		...many(60, (n) => details({ email: `behind${n % 40}@acme.com`, details: { note: `${n}` } })),
		...many(60, (n) => customers({ email: `last${n}@acme.com` })),
	]);
	expect(await workThrough(site)).toBe(241);
	expect((await site.get(`tasks/${poison}`)).body).toMatchObject({
		status: "FAILED",
		failures: [{ index: 0, code: "task_failed" }],
	});
	const outcomes = [];
	for (const taskId of [...before, ...behind]) outcomes.push(...(await outcomesOf(site, taskId)));
	const repeated = (count: number, outcome: string): string[] => many(count, () => outcome);
	expect(outcomes).toEqual([
		...repeated(60, "created"),
		...repeated(120, "updated"),
		...repeated(60, "created"),
	]);
	expect(await endedInOrder(site)).toBe(true);
	expect(Object.keys(await peopleOf(site))).toHaveLength(120);
}, 60_000);

test("a claim is never applied before the one ahead of it, though that one fails and it does not", async () => {
	const site = await muster.aSite();
	const [made, , found] = await submitAll(site, [
		customers({ email: "ann@acme.com" }),
		customers({ email: "poison@acme.com" }),
		details({ email: "ann@acme.com", details: { note: "x" } }),
	]);
	await workThrough(site);
	expect(await outcomesOf(site, made ?? "")).toEqual(["created"]);
	expect(await outcomesOf(site, found ?? "")).toEqual(["updated"]);
	expect(await endedInOrder(site)).toBe(true);
});

test("two workers on one site of hundreds of tasks end each once, and leave what one worker leaves", async () => {
	const site = await muster.aSite();
	const submissions = many(240, (n) => {
		const email = `c${(n * 7) % 90}@acme.com`;
		const number = n % 10 === 9 ? "none" : `${n}`;
		return Math.floor(n / 20) % 3 === 0
			? details({ email, details: { note: number } })
			: customers({ email, displayName: number });
	});
	await submitAll(site, submissions);
	const databases = [1, 2].map(() => openDatabase({ url: muster.databaseUrl }));
	const workers = databases.map(aWorker);
	let ended = 0;
	for (let rounds = 0; rounds < 5_000 && ended < submissions.length; rounds += 1) {
		const counts = await Promise.all(workers.map((worker) => worker.tick()));
		ended += (counts[0] ?? 0) + (counts[1] ?? 0);
	}
	await Promise.all(databases.map((database) => database.close()));
	expect(ended).toBe(submissions.length);
	expect(muster.troubles).toEqual([]);
	expect(await endedInOrder(site)).toBe(true);
	const apart = await muster.aSite();
	for (const submission of submissions) {
		await submit(apart, submission);
		await muster.worker.tick();
	}
	expect(await observe(site)).toEqual(await observe(apart));
}, 60_000);

test("what a claim was folded by is not applied when another worker has carried out the claim ahead meanwhile", async () => {
	const site = await muster.aSite();
	// Of two operations, so that another worker can carry out the first alone.
	const [, found] = await submitAll(site, [
		customers({ email: "ann@acme.com" }),
		details({ email: "ann@acme.com", details: { note: "x" } }),
	]);
	const numbers = await admin.query<{ number: number }>(
		"select number::int from muster.task where site_id = $1 order by number",
		[site.siteId],
	);
	const { promise: holding, resolve: onHolding } = Promise.withResolvers<string>();
	const { promise: ready, resolve: onReady } = Promise.withResolvers<unknown>();
	const onTrouble = (what: string, error: unknown): void => {
		muster.troubles.push({ what, error });
	};
	// The claim ahead has ended without effect, so this one reads what is there without it.
	const failed = {
		last: numbers.rows[0]?.number ?? 0,
		touched: null,
		holding,
		ended: Promise.resolve(undefined),
	};
	const following = followClaim(muster.database, site.siteId, {
		size: "full",
		ahead: [failed],
		onReady,
		onTrouble,
		giveWay: async () => undefined,
	});
	await ready;
	await applyClaim(muster.database, site.siteId, { size: "full", onReady: () => undefined, onTrouble });
	// The transaction of the claim that has ended without effect: none that has written anything.
	onHolding("2");
	expect(await following).toEqual({ kind: "outdated" });
	await muster.worker.tick();
	expect(await outcomesOf(site, found ?? "")).toEqual(["updated"]);
	expect(muster.troubles).toEqual([]);
});
