import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { attemptsMax } from "../../src/worker/fail-task.ts";
import { Worker } from "../../src/worker/worker.ts";
import { aDoorway, type Doorway } from "../doorway.ts";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
let admin: pg.Client;
let doorway: Doorway;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	doorway = await aDoorway(muster.databaseUrl);
});
afterAll(async () => {
	await doorway.close();
	await admin.end();
	await muster.close();
});

/** A worker that reaches the database by the doorway. */
function aWorker() {
	const database = openDatabase({ url: doorway.url });
	let onLost: () => void = () => undefined;
	const watched: Database = {
		...database,
		inNoSite: (work, limits) =>
			database.inNoSite(work, limits).catch((error: unknown) => {
				onLost();
				throw error;
			}),
	};
	const worker = new Worker({ database: watched, onTrouble: () => undefined });
	return {
		worker,
		/** Resolves when it has looked for work and found that the database is away. */
		lost: (): Promise<void> =>
			new Promise((resolve) => {
				onLost = resolve;
			}),
		end: async () => {
			await worker.stop();
			await database.close();
		},
	};
}

/** Ends the connections that wait for a lock, as a server that goes down does; there must be one. */
async function endWaiting(): Promise<void> {
	const ended = await admin.query(
		`select pg_terminate_backend(pid, 5000) from pg_stat_activity
		where datname = current_database() and wait_event_type = 'Lock'`,
	);
	expect(ended.rowCount).toBe(1);
}

async function untilWaiting(): Promise<void> {
	for (let looks = 0; looks < 10_000; looks += 1) {
		const { rowCount } = await admin.query(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		if (rowCount === 1) return;
	}
	throw new Error("no worker waits for the record");
}

test("a database that goes away in the middle of a task, and before that can be noted, uses up none of its tries", async () => {
	const site = await muster.aSite();
	const { taskId } = (await site.post("customer/bulk", { customers: [{ email: "ann@acme.com" }] })).body;
	const elsewhere = new pg.Client({ connectionString: muster.databaseUrl });
	await elsewhere.connect();
	const workers = [aWorker(), aWorker()];
	for (const { worker } of workers) worker.start();
	for (let outages = 0; outages < attemptsMax + 2; outages += 1) {
		// Holds up whoever makes the customer, in the middle.
		await elsewhere.query("begin");
		await elsewhere.query(
			`insert into muster.customer (site_id, email, email_key, display_name, details)
			values ($1, 'x', 'ann@acme.com', '', '{}')`,
			[site.siteId],
		);
		doorway.open();
		await untilWaiting();
		const lost = Promise.all(workers.map((one) => one.lost()));
		doorway.shut();
		await endWaiting();
		await lost;
		await elsewhere.query("rollback");
	}
	await elsewhere.end();
	doorway.open();
	const { body } = await site.get(`tasks/${taskId}?wait=15`);
	expect([body.status, body.summary.created]).toEqual(["COMPLETED", 1]);
	await Promise.all(workers.map((one) => one.end()));
});
