import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { awaitLane } from "../../src/store/lane.ts";
import { Worker } from "../../src/worker/worker.ts";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

test("workers that reach for the same lane, and changes of fields beside them, never count as tries of a task", async () => {
	const site = await muster.aSite();
	const databases = [1, 2, 3].map(() => openDatabase({ url: muster.databaseUrl }));
	const workers = databases.map((database) => new Worker({ database, onTrouble: () => undefined }));
	for (const worker of workers) worker.start();
	let isDone = false;
	const holder = async (): Promise<void> => {
		while (!isDone) {
			await muster.database.inSite(site.siteId, (transaction) => awaitLane(transaction, site.siteId));
		}
	};
	const holders = [holder(), holder()];
	const taskIds: string[] = [];
	for (let number = 0; number < 60; number += 1) {
		const accepted = await site.post("customer/bulk", { customers: [{ email: `c${number}@acme.com` }] });
		taskIds.push(accepted.body.taskId);
		for (const worker of workers) worker.wake(site.siteId);
	}
	const tasks = await Promise.all(taskIds.map((taskId) => site.get(`tasks/${taskId}?wait=15`)));
	isDone = true;
	await Promise.all(holders);
	for (const worker of workers) await worker.stop();
	for (const database of databases) await database.close();
	expect(tasks.map((task) => [task.body.status, task.body.summary?.created])).toEqual(
		taskIds.map(() => ["COMPLETED", 1]),
	);
});
