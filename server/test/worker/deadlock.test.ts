import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, errorCode, openDatabase } from "../../src/store/database.ts";
import { pauseInLane } from "../../src/store/lane.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** What a worker asked PostgreSQL for by the names of statements, and the seen of what it was refused with. */
function watched(database: Database, seen: (string | undefined)[]): Database {
	return {
		...database,
		inSite: (siteId, work, limits) =>
			database
				.inSite(
					siteId,
					(transaction) =>
						work({
							...transaction,
							query: (statement, values) => {
								seen.push(statement.name);
								return transaction.query(statement, values);
							},
						}),
					limits,
				)
				.catch((error: unknown) => {
					seen.push(errorCode(error));
					throw error;
				}),
	};
}

test("two tasks that name the same records in opposite order, with two workers, both take effect, in order", async () => {
	const site = await muster.aSite();
	const databases = [1, 2].map(() => openDatabase({ url: muster.databaseUrl }));
	const seen: (string | undefined)[] = [];
	const troubles: unknown[] = [];
	const workers = databases.map(
		(database) =>
			new Worker({ database: watched(database, seen), onTrouble: (_, error) => troubles.push(error) }),
	);
	const emails = ["ann@acme.com", "bob@acme.com", "cid@acme.com"];
	const taskIds: string[] = [];
	for (let number = 0; number < 30; number += 1) {
		const named = number % 2 === 0 ? emails : emails.toReversed();
		const customers = named.map((email) => ({ email, displayName: `${number}` }));
		const path = number % 3 === 0 ? "customer/bulk" : "customer/profile/bulk";
		taskIds.push((await site.post(path, { customers })).body.taskId);
		if (number % 5 === 0) await Promise.all(workers.map((worker) => worker.tick()));
	}
	await Promise.all(workers.map((worker) => worker.tick()));
	await muster.worker.tick();
	await Promise.all(databases.map((database) => database.close()));
	const { results } = (await site.get("customers")).body;
	expect(results.map((customer: { displayName: string }) => customer.displayName)).toEqual([
		"29",
		"29",
		"29",
	]);
	expect(seen).not.toContain("40P01");
	expect(troubles).toEqual([]);
});

test("the pause before a claim is tried again is of another length each time", async () => {
	const lengths = new Set<number>();
	for (let pauses = 0; pauses < 10; pauses += 1) {
		const began = performance.now();
		await muster.database.inNoSite((transaction) => pauseInLane(transaction, 50));
		lengths.add(Math.floor((performance.now() - began) / 5));
	}
	expect(lengths.size).toBeGreaterThan(2);
});

test("a claim that a deadlock with somebody else undoes is applied again, and is no trouble", async () => {
	const site = await muster.aSite();
	const emails = ["ann@acme.com", "bob@acme.com"];
	const customersWith = (displayName: string) => ({
		customers: emails.map((email) => ({ email, displayName })),
	});
	await site.run("customer/bulk", customersWith("Before"));
	await site.post("customer/bulk", customersWith("Claim"));
	const elsewhere = new pg.Client({ connectionString: muster.databaseUrl });
	await elsewhere.connect();
	await elsewhere.query("begin");
	// So that it is always the claim that PostgreSQL gives up.
	await elsewhere.query("set local deadlock_timeout = '20s'");
	const write = (email: string): Promise<unknown> =>
		elsewhere.query(
			`update muster.customer set details = '{"note": "elsewhere"}' where site_id = $1 and email_key = $2`,
			[site.siteId, email],
		);
	await write("bob@acme.com");
	const seen: (string | undefined)[] = [];
	const troubles: unknown[] = [];
	const worker = new Worker({
		database: watched(muster.database, seen),
		onTrouble: (_, error) => troubles.push(error),
	});
	const ticked = worker.tick();
	await untilWaiting();
	await write("ann@acme.com");
	await elsewhere.query("commit");
	await elsewhere.end();
	expect(await ticked).toBe(1);
	// A pause of chance, with the lane in hand, and only then is anything read again.
	const again = seen.indexOf("40P01") + 1;
	expect(again).toBeGreaterThan(0);
	expect(seen.slice(again, again + 3)).toEqual(["await-lane", "pause-in-lane", "read-lane-note"]);
	expect(troubles).toEqual([]);
	const { results } = (await site.get("customers")).body;
	expect(results).toMatchObject(emails.map((email) => ({ email, displayName: "Claim" })));
});

async function untilWaiting(): Promise<void> {
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	let isWaiting = false;
	for (let looks = 0; looks < 10_000 && !isWaiting; looks += 1) {
		const { rowCount } = await admin.query(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		isWaiting = rowCount === 1;
	}
	await admin.end();
	expect(isWaiting).toBe(true);
}
