import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import type { Database } from "../../src/store/database.ts";
import type { PlainClaim } from "../../src/store/plain-claims.ts";
import { PlainTasks } from "../../src/store/plain-tasks.ts";
import { applyNext, type SiteTurn } from "../../src/worker/next-claim.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { alike, byEmail } from "./alike.ts";
import { countingPlain, plainFields } from "./counting-plain.ts";

// Items that are judged when they are accepted and applied by the database alone come to what they come to when they are
// judged and folded: every test here compares the two, or makes the first of them impossible halfway.

/** Sequences of requests; more by the environment, for the long run. */
const runs = Number(process.env.PLAIN_RUNS ?? 24);

let nowMs = 0;
/** How often tasks were applied by the database alone. */
let applied = 0;
let muster: TestMuster;
let folding: TestMuster;
let plainTasks: PlainTasks;
let admin: pg.Client;
beforeAll(async () => {
	// No site is to give way to one of another test.
	const courtesy = new Courtesy(() => nowMs);
	muster = await startMuster({ now: () => nowMs, courtesy, through: counting });
	folding = await startMuster({ plain: false });
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	if (muster.plainTasks === null) throw new Error("nothing is judged when it is accepted");
	plainTasks = muster.plainTasks;
});
beforeEach(() => {
	applied = 0;
	muster.troubles.length = 0;
	nowMs += 60_000;
});
afterAll(async () => {
	await admin.end();
	await folding.close();
	await muster.close();
});

function counting(database: Database): Database {
	return countingPlain(database, () => {
		applied += 1;
	});
}

/** A worker of another process, which has accepted nothing and reads what it carries out. */
function aReader(
	{ siteId }: TestSite,
	onTrouble: (what: string, error: unknown) => void = refuseTrouble,
): Worker {
	const read = new PlainTasks(muster.database, () => nowMs, false);
	read.headed(siteId);
	return new Worker({
		database: muster.database,
		courtesy: new Courtesy(() => nowMs),
		plainTasks: read,
		onTrouble,
	});
}

function refuseTrouble(what: string, error: unknown): void {
	throw new Error(what, { cause: error });
}

/** A site with a field of each kind, which the server has just read. */
async function aSite(of: TestMuster = muster): Promise<TestSite> {
	const site = await of.aSite();
	await site.post("customer/details/definitions/bulk", { detailFields: plainFields });
	await known(site);
	return site;
}

/** Resolves when the server knows what the items of a site are judged by. */
async function known(site: TestSite): Promise<void> {
	plainTasks.grounds.forget(site.siteId);
	while (plainTasks.grounds.of(site.siteId) === null) await setImmediate();
	// As after a look that found nothing: what it accepts from now on is all there is.
	plainTasks.headed(site.siteId);
	plainTasks.holdRead(site.siteId, []);
}

async function submit(site: TestSite, customers: readonly unknown[], path = "customer/profile/bulk") {
	const { status, text, body } = await site.post(path, { customers });
	expect([status, text]).toEqual([202, text]);
	return body.taskId as string;
}

async function customersOf(site: TestSite) {
	return (await site.get("customers?limit=100")).body.results.sort(byEmail);
}

/** All that can be seen of tasks and of the customers of a site, their histories too. */
async function observe(site: TestSite, taskIds: readonly string[]): Promise<unknown> {
	const tasks = [];
	for (const taskId of taskIds) {
		const { body } = await site.get(`tasks/${taskId}`);
		tasks.push([body.status, body.summary, await site.results(taskId)]);
	}
	const customers = await customersOf(site);
	const numbers = new Map(taskIds.map((taskId, number) => [taskId, `task ${number}`]));
	const histories = [];
	for (const { customerId } of customers) {
		const { results } = (await site.get(`customer/${encodeURIComponent(customerId)}/history`)).body;
		histories.push(
			results.map((entry: { taskId: string; changes: { field: string }[] }) => ({
				...entry,
				// In what order the fields of one change are told means nothing.
				changes: entry.changes.toSorted((one, other) => (one.field < other.field ? -1 : 1)),
				taskId: numbers.get(entry.taskId),
				changedDate: "-",
				tokenId: "-",
				tokenPrefix: "-",
			})),
		);
	}
	return alike(site.siteId, { tasks, customers, histories });
}

const email = fc.constantFrom(
	"ann@acme.com",
	"Ann@Acme.com",
	"bob@acme.com",
	"cy+1@acme.com",
	"d\u00e9@acme.com",
	'"',
);
const note = fc.constantFrom("one", "two", 'with "quotes" \\ and \n lines', "\u{1f600} \u2028", "", 5, null);
const details = fc.record(
	{
		Note: note,
		seats: fc.constantFrom("12", 12, 1.5, "many", null),
		Tier: fc.constantFrom("Gold", "free", null),
		Tags: fc.constantFrom(["Red"], ["green", "Red"], "Blue", [], ["Red", "Green", "Blue"]),
	},
	{ requiredKeys: [] },
);
const item = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record(
			{
				email,
				displayName: fc.constantFrom("Ann", "Bob B.", " "),
				details,
				clientRef: fc.constantFrom("row 1", 'r"2'),
			},
			{ requiredKeys: ["email"] },
		),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			operationType: fc.constantFrom("UPSERT", "UPDATE", "CREATE"),
			payload: fc.record({
				email,
				details: fc.constantFrom(
					[{ operation: "PATCH", name: "Tags", value: ["Green"] }],
					[{ operation: "UPDATE", name: "Note", value: "new" }],
					[
						{ operation: "UPDATE", name: "Note", value: "new" },
						{ operation: "DELETE", name: "note" },
					],
				),
			}),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom({ email: "ann@acme.com", sourceUpdatedAt: "2026-01-01T00:00:00Z" }),
	},
);
const request = fc.tuple(
	fc.constantFrom("customer/profile/bulk", "customer/profile/bulk", "customer/bulk"),
	fc.uniqueArray(item, { minLength: 1, maxLength: 4, selector: keyOf }),
);

/** Nearly always the items of a request are about different customers. */
function keyOf(one: { readonly email?: string; readonly payload?: { readonly email: string } }): string {
	return (one.email ?? one.payload?.email ?? "").toLowerCase();
}

/** A list that is a part of the one before is another value. */
const shorterList = [["green", "Red"], ["Red"]].map((Tags): [string, object[]] => [
	"customer/profile/bulk",
	[{ email: "ann@acme.com", details: { Tags } }],
]);

test("what the database does alone is what judging and folding come to, whatever is sent", {
	timeout: 240_000,
}, async () => {
	const count = { own: 0, ofOwn: 0 };
	await fc.assert(
		fc.asyncProperty(
			fc.array(request, { minLength: 1, maxLength: 6 }),
			fc.boolean(),
			// Carried out by who has accepted them, or by who has read them.
			fc.boolean(),
			async (sent, history, isRead) => {
				const seen = [];
				const before = applied;
				for (const of of [muster, folding]) {
					const site = await of.aSite({ history });
					await site.post("customer/details/definitions/bulk", { detailFields: plainFields });
					if (of === muster) await known(site);
					const taskIds: string[] = [];
					for (const [path, items] of sent) {
						const { status, body } = await site.post(path, {
							customers: path === "customer/bulk" ? items.map(withoutDetails) : items,
						});
						expect(status).toBe(202);
						taskIds.push(body.taskId);
					}
					const worker = of === muster && isRead ? aReader(site) : of.worker;
					expect(await worker.tick()).toBe(sent.length);
					seen.push(await observe(site, taskIds));
				}
				expect(seen[0]).toEqual(seen[1]);
				expect(muster.troubles).toEqual([]);
				if (isRead) return;
				count.own += 1;
				count.ofOwn += applied - before;
			},
		),
		{
			numRuns: runs,
			examples: [
				[shorterList, true, false],
				[shorterList, true, true],
			],
		},
	);
	// Many of them can be; and some of those that are read, though behind one that is not nothing is read for a while.
	expect(count.ofOwn).toBeGreaterThan(count.own / 4);
	expect(applied).toBeGreaterThan(count.ofOwn);
});

function withoutDetails(one: object): object {
	if (!("payload" in one)) return { ...one, details: undefined };
	return { ...one, payload: { ...(one.payload as object), details: undefined } };
}

test("neighbouring tasks are applied as one, up to the first that is about a customer of theirs", async () => {
	const site = await aSite();
	for (const name of ["ann", "bob", "cy", "ann", "dee"]) {
		await submit(site, [{ email: `${name}@acme.com`, displayName: `${name} ${applied}` }]);
	}
	expect(await muster.worker.tick()).toBe(5);
	expect(applied).toBe(2);
	expect((await customersOf(site)).map((one: { email: string }) => one.email)).toEqual([
		"ann@acme.com",
		"bob@acme.com",
		"cy@acme.com",
		"dee@acme.com",
	]);
});

test("tasks that are not plain keep their places among those that are", async () => {
	const site = await aSite();
	const customer = (note: string) => [{ email: "ann@acme.com", details: { Note: note } }];
	const taskIds = [
		await submit(site, customer("one")),
		await submit(site, [{ email: "ann@acme.com", details: { Note: "two", seats: "many" } }]),
		await submit(site, customer("three")),
		await submit(site, [{ operationType: "UPDATE", payload: { email: "ann@acme.com", displayName: "Ann" } }]),
		await submit(site, customer("five")),
	];
	expect(await muster.worker.tick()).toBe(5);
	const outcomes = [];
	for (const taskId of taskIds) outcomes.push((await site.results(taskId)).map(({ outcome }) => outcome));
	expect(outcomes).toEqual([["created"], ["failed"], ["updated"], ["updated"], ["updated"]]);
	expect(await customersOf(site)).toMatchObject([{ displayName: "Ann", details: { note: "five" } }]);
	expect(muster.troubles).toEqual([]);
});

/** A number that a task of another process has, which is still being saved. */
let reserved = 0;

async function reserve(): Promise<void> {
	const { rows } = await admin.query(
		"select nextval(pg_get_serial_sequence('muster.task', 'number'))::integer as number",
	);
	reserved = rows[0].number;
}

/** Accepts a task as another process would: nobody here is told of it. */
async function insertElsewhere(site: TestSite, number: number, value: string): Promise<void> {
	await admin.query(
		`insert into muster.task
			(site_id, number, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, items)
		overriding system value
		select site_id, $2, operation, 'elsewhere', fingerprint, dry_run, token_id, 1, $3
		from muster.task where site_id = $1 and operation = 'customer.profile' limit 1`,
		[site.siteId, number, JSON.stringify([{ email: "ann@acme.com", details: { Note: value } }])],
	);
}

/**
 * What may come between acceptance and its turn, each of which the items were not judged by; and how often tasks are then
 * applied by the database alone, when they have been read and judged anew.
 */
const changes: Record<string, [number, (site: TestSite, taskId: string) => Promise<unknown>]> = {
	// What names it by its id is as good as before.
	"a field is renamed": [1, (site) => site.ask("PUT", "customer/details/note", { body: { name: "Remark" } })],
	"a field is deleted": [0, (site) => site.ask("DELETE", "customer/details/note?confirm=true")],
	"a setting is changed": [1, (site) => site.ask("PUT", "settings", { body: { history: false } })],
	"a webhook is made": [
		0,
		(site) => site.post("webhooks", { url: "http://127.0.0.1:9/", events: ["task.completed"] }),
	],
	"the task is rewritten": [
		1,
		(site, taskId) =>
			admin.query("update muster.task set items = items where site_id = $1 and task_id = $2", [
				site.siteId,
				taskId,
			]),
	],
	// The two are about one customer.
	"an older task comes to light": [2, (site) => insertElsewhere(site, reserved, "Old")],
	"a worker ended in the middle": [
		0,
		(site) =>
			admin.query("update muster.lane_note set is_trying = true, first = 1, last = 1 where site_id = $1", [
				site.siteId,
			]),
	],
};

test.each(Object.keys(changes))("where %s, the tasks are read and judged anew", async (name) => {
	const site = await aSite();
	await reserve();
	const taskId = await submit(site, [{ email: "ann@acme.com", details: { Note: "one" } }]);
	const [appliedAnew, change] = changes[name] ?? [];
	await change?.(site, taskId);
	await muster.worker.tick();
	expect(applied).toBe(appliedAnew);
	const { status, summary } = (await site.get(`tasks/${taskId}`)).body;
	const outcome = name === "an older task comes to light" ? "updated" : "created";
	expect([status, summary[outcome]]).toEqual(["COMPLETED", 1]);
	expect(muster.troubles).toEqual([]);
});

test("tasks that another process accepted in between are found, and nothing is done twice", async () => {
	const site = await aSite();
	const first = await submit(site, [{ email: "ann@acme.com", details: { Note: "one" } }]);
	await reserve();
	await insertElsewhere(site, reserved, "two");
	const third = await submit(site, [{ email: "ann@acme.com", details: { Note: "three" } }]);
	const fourth = await submit(site, [{ email: "bob@acme.com", details: { Note: "four" } }]);
	expect(await muster.worker.tick()).toBe(4);
	const outcomes = [];
	for (const taskId of [first, third, fourth]) outcomes.push((await site.results(taskId))[0]?.outcome);
	expect(outcomes).toEqual(["created", "updated", "created"]);
	const [{ customerId }] = await customersOf(site);
	const { results } = (await site.get(`customer/${encodeURIComponent(customerId)}/history`)).body;
	expect(results.map(({ changes: [change] }: { changes: { after: string }[] }) => change?.after)).toEqual([
		"three",
		"two",
		"ann@acme.com",
	]);
});

/** So many tasks of a customer each. */
async function submitMany(site: TestSite, count: number): Promise<string[]> {
	const taskIds: string[] = [];
	for (let number = 0; number < count; number += 1) {
		taskIds.push(await submit(site, [{ email: `c${number}@acme.com`, details: { Note: "one" } }]));
	}
	return taskIds;
}

test("a worker that has accepted nothing reads what there is, and the database does it alone", async () => {
	const site = await aSite();
	const taskIds = await submitMany(site, 70);
	expect(await aReader(site).tick()).toBe(70);
	expect(applied).toBe(2);
	expect(await outcomesOf(site, taskIds)).toEqual(taskIds.map(() => ["created"]));
	// Who had accepted them finds out, reads for a while what is there, and then goes by what it has accepted again.
	expect(await muster.worker.tick()).toBe(0);
	await submit(site, [{ email: "c0@acme.com", details: { Note: "two" } }]);
	expect(await muster.worker.tick()).toBe(1);
	expect([applied, plainTasks.isRead(site.siteId)]).toEqual([3, true]);
	nowMs += 2_000;
	expect(await muster.worker.tick()).toBe(0);
	await submit(site, [{ email: "c0@acme.com", details: { Note: "three" } }]);
	expect(await muster.worker.tick()).toBe(1);
	expect([applied, plainTasks.isRead(site.siteId)]).toEqual([4, false]);
});

test("workers that read the same tasks carry out each once", async () => {
	const site = await aSite();
	const taskIds = await submitMany(site, 120);
	const troubles: unknown[] = [];
	const workers = [
		muster.worker,
		...Array.from({ length: 3 }, () => aReader(site, (what) => troubles.push(what))),
	];
	const ended = await Promise.all(workers.map((worker) => worker.tick()));
	while ((await site.get(`tasks/${taskIds.at(-1)}`)).body.status === "PROCESSING") await muster.worker.tick();
	expect(ended.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(120);
	expect(await outcomesOf(site, taskIds)).toEqual(taskIds.map(() => ["created"]));
	expect(await customersOf(site)).toHaveLength(100);
	expect(troubles).toEqual([]);
});

test("where a task is not plain, reading is left off for a while", async () => {
	const site = await aSite();
	const faulty = [{ email: "ann@acme.com", details: { seats: "many" } }];
	await submit(site, faulty);
	const reader = aReader(site);
	expect(await reader.tick()).toBe(1);
	const taskIds = await submitMany(site, 3);
	expect(await reader.tick()).toBe(3);
	expect(applied).toBe(0);
	nowMs += 2_000;
	await submit(site, [{ email: "c0@acme.com", details: { Note: "two" } }]);
	expect(await reader.tick()).toBe(1);
	expect(applied).toBe(1);
	expect(await outcomesOf(site, taskIds)).toEqual([["created"], ["created"], ["created"]]);
});

test("a customer that a single write changes at the same moment loses nothing", async () => {
	const site = await aSite();
	await site.run("customer/profile/bulk", {
		customers: [{ email: "ann@acme.com", details: { Note: "one" } }],
	});
	await known(site);
	const [{ customerId }] = await customersOf(site);
	// The single write has the record when the task looks it up, and commits while the task waits for it.
	await admin.query("begin");
	await admin.query(
		`update muster.customer set details = details || '{"seats":"7"}' where site_id = $1 and email_key = 'ann@acme.com'`,
		[site.siteId],
	);
	const taskId = await submit(site, [{ email: "ann@acme.com", details: { Note: "two" } }]);
	const ticked = muster.worker.tick();
	while (!(await isAwaited())) await setImmediate();
	await admin.query("commit");
	await ticked;
	expect((await site.results(taskId)).map(({ outcome }) => outcome)).toEqual(["updated"]);
	const { body } = await site.get(`customer/profile/${encodeURIComponent(customerId)}`);
	expect(JSON.stringify(body)).toContain('"seats":7');
	expect(JSON.stringify(body)).toContain('"two"');
});

/** Has a claim about ann wait for her record until `commit`, while another one, about bob and cy, is applied beside it. */
async function twoAbreast(site: TestSite): Promise<{ taskIds: string[]; ticked: Promise<number> }> {
	await site.run("customer/profile/bulk", { customers: [{ email: "ann@acme.com", displayName: "Ann" }] });
	await known(site);
	await admin.query("begin");
	await admin.query(
		"select from muster.customer where site_id = $1 and email_key = 'ann@acme.com' for update",
		[site.siteId],
	);
	applied = 0;
	const taskIds = [
		await submit(site, [{ email: "ann@acme.com", displayName: "Ann A." }]),
		await submit(site, [{ email: "bob@acme.com" }, { email: "cy@acme.com" }], "customer/bulk"),
		await submit(site, [{ email: "bob@acme.com", displayName: "Bob B." }]),
	];
	const ticked = muster.worker.tick();
	while (applied === 0) await setImmediate();
	while (!(await isAwaited())) await setImmediate();
	return { taskIds, ticked };
}

async function outcomesOf(site: TestSite, taskIds: readonly string[]): Promise<unknown[]> {
	const outcomes = [];
	for (const taskId of taskIds) outcomes.push((await site.results(taskId)).map(({ outcome }) => outcome));
	return outcomes;
}

test("a claim about other customers is applied beside the one ahead, and ends behind it", async () => {
	const site = await aSite();
	const { taskIds, ticked } = await twoAbreast(site);
	const statuses = [];
	for (const taskId of taskIds) statuses.push((await site.get(`tasks/${taskId}`)).body.status);
	expect(statuses).toEqual(["PROCESSING", "PROCESSING", "PROCESSING"]);
	await admin.query("commit");
	expect(await ticked).toBe(3);
	expect(await outcomesOf(site, taskIds)).toEqual([["updated"], ["created", "created"], ["updated"]]);
	expect(applied).toBe(3);
	expect(muster.troubles).toEqual([]);
});

test("of claims side by side, the first one has ended first by the clock too, and its customers are listed first", async () => {
	const site = await aSite();
	const email = (number: number): string => `c${String(number).padStart(4, "0")}@acme.com`;
	for (let task = 0; task < 10; task += 1) {
		await submit(
			site,
			Array.from({ length: 100 }, (_, item) => ({
				email: email(100 * task + item),
				details: { Note: "one" },
			})),
		);
	}
	// Little work, which is done long before that of the ten.
	await submit(site, [{ email: email(1_000) }], "customer/bulk");
	expect(await muster.worker.tick()).toBe(11);
	expect(applied).toBe(2);
	const ended = await admin.query(
		"select number from muster.task where site_id = $1 order by ended_at, number",
		[site.siteId],
	);
	const numbers = ended.rows.map(({ number }) => Number(number));
	expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
	const listed = await admin.query(
		"select email from muster.customer where site_id = $1 order by customer_id",
		[site.siteId],
	);
	expect(listed.rows.map((row) => row.email)).toEqual(
		Array.from({ length: 1_001 }, (_, number) => email(number)),
	);
});

test("where the claim ahead fails, what was applied beside it is undone and comes behind it again", async () => {
	const site = await aSite();
	const { taskIds, ticked } = await twoAbreast(site);
	await admin.query("update muster.customer set display_name = 'A.' where site_id = $1", [site.siteId]);
	await admin.query("commit");
	await ticked;
	expect(await muster.worker.tick()).toBe(0);
	expect(await outcomesOf(site, taskIds)).toEqual([["updated"], ["created", "created"], ["updated"]]);
	expect((await customersOf(site)).map((one: { displayName: string }) => one.displayName)).toEqual([
		"Ann A.",
		"Bob B.",
		"cy",
	]);
	expect(muster.troubles).toEqual([]);
});

test("who changes a detail field gets the lane from claims that share it, however many there are", async () => {
	const site = await aSite();
	const taskIds = [];
	for (let number = 0; number < 100; number += 1) {
		const path = number % 2 === 0 ? "customer/profile/bulk" : "customer/bulk";
		taskIds.push(await submit(site, [{ email: `${number}@acme.com` }], path));
	}
	const ticked = muster.worker.tick();
	while (applied === 0) await setImmediate();
	const changed = await site.ask("PUT", "customer/details/note", { body: { name: "Remark" } });
	expect(changed.status).toBe(200);
	// It was not the last to come: behind it tasks are judged anew.
	expect(applied).toBeLessThan(100);
	await ticked;
	await muster.worker.tick();
	expect(await outcomesOf(site, taskIds)).toEqual(taskIds.map(() => ["created"]));
});

test("after so many claims that share the lane, it is free for a moment", async () => {
	const site = await aSite();
	await submit(site, [{ email: "bob@acme.com" }]);
	const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
	const other = { tasks: [], keys: new Set<string>() } as unknown as PlainClaim;
	const ahead = {
		last: 0,
		touched: null,
		holding: Promise.resolve("2"),
		ended,
		plain: { claim: other, inRow: 32 },
	};
	const { database } = muster;
	const turn: SiteTurn = {
		database,
		siteId: site.siteId,
		plainTasks,
		size: () => "full",
		giveWay: async () => undefined,
	};
	const told = { onReady: () => undefined, onTrouble: () => undefined };
	const next = applyNext(turn, [ahead], told);
	// Time enough for what would not wait.
	for (let asked = 0; asked < 20; asked += 1) await customersOf(site);
	expect(applied).toBe(0);
	end(undefined);
	expect((await next).kind).toBe("applied");
	expect(applied).toBe(1);
});

async function isAwaited(): Promise<boolean> {
	const other = new pg.Client({ connectionString: muster.databaseUrl });
	await other.connect();
	const { rows } = await other
		.query("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
		.finally(() => other.end());
	return rows.length > 0;
}

test("what another worker has carried out is held no longer than a minute, and then makes room for other sites", async () => {
	const many = new PlainTasks(muster.database, () => nowMs);
	for (const siteId of ["gone", "other"]) many.holdRead(siteId, []);
	const site = await aSite();
	await submit(site, [{ email: "ann@acme.com" }]);
	const claim = plainTasks.next(site.siteId, 0, "full");
	if (claim === null) throw new Error("the task is not held");
	const [task] = claim.tasks;
	const bytes = 1024 * 1024;
	const items = { ...task.work.items, bytes };
	for (let number = 1; many.isOpen("other"); number += 1) {
		many.hold("gone", [{ ...task, number, work: { ...task.work, items } }]);
		expect(number).toBeLessThan(100);
	}
	nowMs += 59_000;
	expect(many.isOpen("other")).toBe(false);
	nowMs += 2_000;
	expect(many.isOpen("other")).toBe(true);
	expect(many.next("gone", 0, "full")).toBeNull();
	await muster.worker.tick();
	expect(plainTasks.next(site.siteId, 0, "full")).toBeNull();
});

test("one that fails in the database is claimed as the oldest, and others of the site wait for it", async () => {
	const site = await aSite();
	await admin.query(`
		create or replace function muster.refuse() returns trigger language plpgsql as $$
		begin raise exception 'refused'; end $$;
		create trigger refused before insert on muster.customer for each row
			when (new.email_key = 'poison@acme.com') execute function muster.refuse()`);
	try {
		const poisoned = await submit(site, [{ email: "poison@acme.com" }]);
		const behind = await submit(site, [{ email: "bob@acme.com" }]);
		for (let round = 0; round < 20; round += 1) {
			await admin.query("update muster.lane_note set retry_at = null where site_id = $1", [site.siteId]);
			await muster.worker.tick();
		}
		expect((await site.get(`tasks/${poisoned}`)).body.status).toBe("FAILED");
		expect((await site.results(behind)).map(({ outcome }) => outcome)).toEqual(["created"]);
	} finally {
		await admin.query("drop trigger refused on muster.customer; drop function muster.refuse()");
	}
});
