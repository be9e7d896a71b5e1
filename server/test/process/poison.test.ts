import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { attemptsMax } from "../../src/worker/fail-task.ts";
import { startMuster } from "../muster.ts";
import { aFolder, type Program, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("a task that ends its worker's process each time is FAILED after five times alone, and the others are done", async () => {
	const muster = await startMuster();
	cleanups.push(muster.close);
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	cleanups.push(() => admin.end());
	await holdUpPoison(admin);
	const site = await muster.aSite();
	const taskIds: string[] = [];
	for (const name of ["before", "poison", "after"]) {
		const customers = [{ email: `${name}@acme.com` }];
		taskIds.push((await site.post("customer/bulk", { customers })).body.taskId);
	}
	const aWorker = (): Program => {
		const worker = startProgram(["worker"], { MUSTER_DATA: folder.path, DATABASE_URL: muster.databaseUrl });
		cleanups.push(() => worker.end("SIGKILL"));
		return worker;
	};
	// The first end is of all three together; only those of the task by itself count.
	for (let ends = 0; ends < 1 + attemptsMax; ends += 1) {
		const worker = aWorker();
		const pid = await untilPoisoned(admin);
		await worker.end("SIGKILL");
		// PostgreSQL would see that its client has gone when the wait for the lock is over, five seconds later.
		await admin.query("select pg_terminate_backend($1, 5000)", [pid]);
	}
	const last = aWorker();
	const tasks = await Promise.all(taskIds.map(async (id) => (await site.get(`tasks/${id}?wait=15`)).body));
	expect(tasks.map((task) => [task.status, task.summary.created])).toEqual([
		["COMPLETED", 1],
		["FAILED", 0],
		["COMPLETED", 1],
	]);
	expect(tasks[1].failures[0].message).toBe(
		"Muster tried 5 times to apply this task and could not. Nothing of it was saved.",
	);
	expect((await last.end("SIGTERM")).code).toBe(0);
}, 60_000);

const lock = 1;

/** Whoever makes poison@acme.com waits for a lock that the test has, and there the test finds its worker. */
async function holdUpPoison(admin: pg.Client): Promise<void> {
	await admin.query(`
		create function muster.hold_up() returns trigger language plpgsql as $$
		begin
			if new.email = 'poison@acme.com' then perform pg_advisory_xact_lock(${lock}); end if;
			return new;
		end $$;
		create trigger hold_up before insert on muster.customer for each row execute function muster.hold_up()`);
	await admin.query("select pg_advisory_lock($1)", [lock]);
}

/** @returns the process number of the worker's connection */
async function untilPoisoned(admin: pg.Client): Promise<number> {
	for (let looks = 0; looks < 5_000; looks += 1) {
		const { rows } = await admin.query<{ pid: number }>(
			"select pid from pg_stat_activity where datname = current_database() and wait_event = 'advisory'",
		);
		if (rows[0] !== undefined) return rows[0].pid;
		await delay(10);
	}
	throw new Error("no worker has come to the poison");
}
