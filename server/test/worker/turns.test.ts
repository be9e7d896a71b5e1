import { afterEach, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { awaitLane } from "../../src/store/lane.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Submits so many small tasks at once, which nobody carries out yet. */
async function flood(site: TestSite, tasks: number): Promise<Set<string>> {
	const answers = await Promise.all(
		Array.from({ length: tasks }, (_, index) =>
			site.post("customer/bulk", { customers: [{ email: `customer-${index}@acme.com` }] }),
		),
	);
	return new Set(answers.map(({ body }) => body.taskId));
}

/**
 * A worker that tells of each claim as it ends; it works from now on. The clock of who goes first stands still: whoever was
 * about still is, and nobody's time is over.
 */
function startWorker(muster: TestMuster, onEnded: (taskIds: readonly string[]) => void): Worker {
	const { database } = muster;
	const worker = new Worker({
		database,
		courtesy: new Courtesy(() => 0),
		onTrouble: () => undefined,
		onEnded,
	});
	cleanups.push(() => worker.stop());
	worker.start();
	return worker;
}

test("while other sites have more than a process can hold, the task of a third ends within two rounds of theirs", async () => {
	const muster = await startMuster();
	cleanups.push(() => muster.close());
	const [one, other, quiet] = [await muster.aSite(), await muster.aSite(), await muster.aSite()];
	const ofOne = await flood(one, 300);
	await flood(other, 300);
	const ended = { one: 0, other: 0 };
	const claims: { readonly site: string; readonly isAfter: boolean }[] = [];
	const { promise: begun, resolve: onBegun } = Promise.withResolvers<void>();
	const { promise: quietEnded, resolve: onQuietEnded } = Promise.withResolvers<void>();
	let quietTask = "";
	const worker = startWorker(muster, (taskIds) => {
		const [taskId = ""] = taskIds;
		if (taskId === quietTask) {
			onQuietEnded();
			return;
		}
		const site = ofOne.has(taskId) ? "one" : "other";
		claims.push({ site, isAfter: quietTask !== "" });
		ended[site] += taskIds.length;
		// Both have shown by now that they are busy.
		if (Math.min(ended.one, ended.other) > 10) onBegun();
	});
	await begun;
	quietTask = (await quiet.post("customer/bulk", { customers: [{ email: "jane@acme.com" }] })).body.taskId;
	worker.wake(quiet.siteId);
	await quietEnded;
	// A round is what is made ready in a turn: one written, one in line, one ready, one behind. No other is begun before.
	const roundMax = 4;
	for (const site of ["one", "other"]) {
		const between = claims.filter((claim) => claim.isAfter && claim.site === site).length;
		expect(between).toBeLessThanOrEqual(roundMax);
	}
});

test("beside a site that sends little, another one's claims are small; alone they are as large as they can be", async () => {
	const muster = await startMuster();
	cleanups.push(() => muster.close());
	const [busy, quiet] = [await muster.aSite(), await muster.aSite()];
	const alone = await sizesOfClaims(muster, busy, null);
	const beside = await sizesOfClaims(muster, busy, quiet);
	expect([Math.max(...alone), Math.max(...beside)]).toEqual([50, 10]);
});

/** How many tasks each claim has of a flood, of which none begins before the turn of a quiet site, if there is one, has ended. */
async function sizesOfClaims(muster: TestMuster, busy: TestSite, quiet: TestSite | null): Promise<number[]> {
	const flooding = await flood(busy, 200);
	const sizes: number[] = [];
	const { promise: quietEnded, resolve: onQuietEnded } = Promise.withResolvers<void>();
	const { promise: busyEnded, resolve: onBusyEnded } = Promise.withResolvers<void>();
	const onEnded = (taskIds: readonly string[]): void => {
		if (taskIds.some((taskId) => flooding.delete(taskId))) sizes.push(taskIds.length);
		else onQuietEnded();
		for (const taskId of taskIds) flooding.delete(taskId);
		if (flooding.size === 0) onBusyEnded();
	};
	const worker = await muster.database.inSite(busy.siteId, async (transaction) => {
		await awaitLane(transaction, busy.siteId);
		const started = startWorker(muster, onEnded);
		if (quiet === null) return started;
		await quiet.post("customer/bulk", { customers: [{ email: "jane@acme.com" }] });
		started.wake(quiet.siteId);
		await quietEnded;
		return started;
	});
	await busyEnded;
	await worker.stop();
	return sizes;
}
