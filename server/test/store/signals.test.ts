import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Signal, Signals } from "../../src/store/signals.ts";
import { aDatabase } from "../muster.ts";

let database: Awaited<ReturnType<typeof aDatabase>>;
let admin: pg.Client;
const opened: Signals[] = [];
beforeAll(async () => {
	database = await aDatabase();
	admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
});
afterEach(async () => {
	await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(async () => {
	await admin.end();
	await database.drop();
});

interface Ear {
	readonly signals: Signals;
	/** What was heard, message by message. */
	readonly heard: [Signal, readonly string[]][];
	readonly troubles: unknown[];
}

/** One process's; it listens when this resolves. */
async function anEar(...listened: Signal[]): Promise<Ear> {
	const before = await listening();
	const heard: [Signal, readonly string[]][] = [];
	const troubles: unknown[] = [];
	const ears = Object.fromEntries(
		listened.map((signal) => [signal, (ids: readonly string[]) => heard.push([signal, ids])]),
	);
	const onTrouble = (error: unknown): number => troubles.push(error);
	const signals = new Signals({ url: database.url, ears, onTrouble });
	opened.push(signals);
	await expect.poll(listening).toBe(before + 1);
	return { signals, heard, troubles };
}

async function listening(): Promise<number> {
	const { rows } = await admin.query<{ count: number }>(
		`select count(*)::int as count from pg_stat_activity
		where datname = current_database() and application_name = 'muster signals' and query ~ '^(set|select pg_notify)'
			and state = 'idle'`,
	);
	return rows[0]?.count ?? 0;
}

test("what is told reaches those who listen for it, once, and not the one who tells", async () => {
	const [teller, worker, api] = [await anEar("work"), await anEar("work", "waits"), await anEar("ended")];
	const site = randomUUID();
	for (let times = 0; times < 100; times += 1) teller.signals.tell("work", [site]);
	teller.signals.tell("ended", ["a", "b"]);
	await expect.poll(() => api.heard).toEqual([["ended", ["a", "b"]]]);
	expect(worker.heard).toEqual([["work", [site]]]);
	expect(teller.heard).toEqual([]);
});

test("more than a message holds comes in several, and while one is sent the next ones gather", async () => {
	const [teller, api] = [await anEar(), await anEar("ended")];
	const ids = Array.from({ length: 1_000 }, () => randomUUID());
	for (const id of ids) teller.signals.tell("ended", [id]);
	await expect.poll(() => api.heard.flatMap(([, heard]) => heard)).toEqual(ids);
	expect(api.heard.length).toBe(5);
	expect(teller.troubles).toEqual([]);
});

test("a connection that is ended is told of once and made again; what is told meanwhile is forgotten", async () => {
	const [teller, worker] = [await anEar(), await anEar("work")];
	await admin.query(
		"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'muster signals'",
	);
	await expect.poll(() => [teller.troubles.length, worker.troubles.length]).toEqual([1, 1]);
	teller.signals.tell("work", ["lost"]);
	await expect.poll(listening).toBe(2);
	teller.signals.tell("work", ["heard"]);
	await expect.poll(() => worker.heard).toEqual([["work", ["heard"]]]);
	expect([teller.troubles.length, worker.troubles.length]).toEqual([1, 1]);
});
