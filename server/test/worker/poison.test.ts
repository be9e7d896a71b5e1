import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { nextClaim } from "../../src/worker/apply-claim.ts";
import { attemptsMax } from "../../src/worker/fail-task.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { refusePoison } from "./poison.ts";

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await refusePoison(admin);
});
afterEach(() => {
	muster.troubles.length = 0;
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** Lets the worker work, and the lane's rest pass, until nothing is left to do. @returns how often the lane rested */
async function workThrough(site: TestSite): Promise<number> {
	for (let rests = 0; rests < 50; rests += 1) {
		await muster.worker.tick();
		const rested = await admin.query(
			"update muster.lane_note set retry_at = null where site_id = $1 and retry_at is not null",
			[site.siteId],
		);
		if (rested.rowCount === 0) return rests;
	}
	throw new Error("the lane rested fifty times");
}

test("a task that can never be applied ends FAILED after five tries by itself, and the others are done", async () => {
	const site = await muster.aSite();
	const submit = async (email: string): Promise<string> =>
		(await site.post("customer/bulk", { customers: [{ email, clientRef: "row 1" }] })).body.taskId;
	const before = await submit("before@acme.com");
	const poison = await submit("poison@acme.com");
	const after = await submit("after@acme.com");

	// The first try is of all three together; then each is tried alone.
	expect(await workThrough(site)).toBe(attemptsMax);

	expect((await site.get(`tasks/${before}`)).body.summary.created).toBe(1);
	expect((await site.get(`tasks/${after}`)).body.summary.created).toBe(1);
	const message = "Muster tried 5 times to apply this task and could not. Nothing of it was saved.";
	expect((await site.get(`tasks/${poison}`)).body).toMatchObject({
		status: "FAILED",
		summary: { total: 1, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 1 },
		failures: [{ index: 0, code: "task_failed", message, clientRef: "row 1" }],
	});
	expect((await site.get(`tasks/${poison}`, { base: site.referenceBase })).body).toMatchObject({
		status: "FAILED",
		failures: [{ entity: "CUSTOMER", entityId: "poison@acme.com", operation: "UPSERT", error: message }],
	});
	expect((await site.get("customers")).body.results).toHaveLength(2);
});

test("a lane that rests after a failed try takes nothing from other sites", async () => {
	const poisoned = await muster.aSite();
	const other = await muster.aSite();
	await poisoned.post("customer/bulk", { customers: [{ email: "poison@acme.com" }] });
	await muster.worker.tick();
	const task = await other.run("customer/bulk", { customers: [{ email: "jane.smith@acme.com" }] });
	expect(task.status).toBe("COMPLETED");
	await workThrough(poisoned);
});

describe("what a worker finds in the lane", () => {
	const free = { isTrying: false, first: null, last: null, suspectLast: null, attempts: 0 };
	const heads = { first: 7, last: 12 };
	const together = { first: 7, last: 12, alone: false, attempts: 0, suspectLast: null };
	const firstAlone = { first: 7, last: 7, alone: true, attempts: 0, suspectLast: 9 };

	test("nothing: it claims all the oldest tasks", () => {
		expect(nextClaim(free, heads)).toEqual(together);
	});

	test("a try of several tasks left behind: it takes those one at a time, and counts nothing yet", () => {
		expect(nextClaim({ ...free, isTrying: true, first: 7, last: 9 }, heads)).toEqual(firstAlone);
	});

	test("a try of the same task alone left behind: it counts", () => {
		const note = { isTrying: true, first: 7, last: 7, suspectLast: 9, attempts: 2 };
		expect(nextClaim(note, heads)).toEqual({ ...firstAlone, attempts: 3 });
	});

	test("tries of another task: they are not this one's", () => {
		const note = { isTrying: false, first: 6, last: 6, suspectLast: 9, attempts: 4 };
		expect(nextClaim(note, heads)).toEqual(firstAlone);
	});

	test("suspects that are all done: it claims the oldest tasks together again", () => {
		expect(nextClaim({ ...free, suspectLast: 6 }, heads)).toEqual(together);
	});
});
