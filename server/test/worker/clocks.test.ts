import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { refusePoison } from "./poison.ts";

const hourMs = 3_600_000;

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	await refusePoison(admin);
});
afterEach(() => {
	vi.useRealTimers();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** Moves the clock of the process, which serves and works here; the database keeps its own. */
function moveClock(ms: number): void {
	vi.useRealTimers();
	vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

async function submit(site: TestSite, displayName: string): Promise<string> {
	const customers = [{ email: "ann@acme.com", displayName }];
	return (await site.post("customer/bulk", { customers })).body.taskId;
}

async function nameOf(site: TestSite): Promise<string> {
	return (await site.get("customers")).body.results[0].displayName;
}

async function idsOf(site: TestSite): Promise<string[]> {
	return (await site.get("tasks")).body.results.map((task: { taskId: string }) => task.taskId);
}

test("tasks take effect in the order of acceptance, stamped by the database, though the process's clock jumps", async () => {
	const site = await muster.aSite();
	const begun = Date.now();
	const taskIds: string[] = [];
	for (const [place, hours] of [1, -1, 48, -48, 0].entries()) {
		moveClock(hours * hourMs);
		taskIds.push(await submit(site, `Name ${place}`));
		if (place === 2) await muster.worker.tick();
	}
	moveClock(-hourMs);
	await muster.worker.tick();
	vi.useRealTimers();
	expect(await nameOf(site)).toBe("Name 4");
	expect(await idsOf(site)).toEqual(taskIds.toReversed());
	const [customer] = (await site.get("customers")).body.results;
	const tasks = (await site.get("tasks")).body.results;
	const stamps = tasks.flatMap((task: { createdDate: string; completedDate: string }) => [
		task.createdDate,
		task.completedDate,
	]);
	for (const stamp of [...stamps, customer.createdDate, customer.updatedDate]) {
		expect(Math.abs(Date.parse(stamp) - begun)).toBeLessThan(60_000);
	}
});

test("a database clock that jumps back an hour between two tasks changes nothing of their order", async () => {
	const site = await muster.aSite();
	const first = await submit(site, "First");
	// As if it had been accepted an hour later than now.
	const later = "update muster.task set accepted_at = accepted_at + interval '1 hour' where task_id = $1";
	await admin.query(later, [first]);
	const second = await submit(site, "Second");
	await muster.worker.tick();
	expect(await nameOf(site)).toBe("Second");
	expect(await idsOf(site)).toEqual([second, first]);
});

test("a lane rests, and tasks are kept, by the clock of the database alone", async () => {
	const site = await muster.aSite({ retentionDays: 1 });
	const kept = await site.run("customer/bulk", { customers: [{ email: "ann@acme.com" }] });
	await site.post("customer/bulk", { customers: [{ email: "poison@acme.com" }] });
	await muster.worker.tick();
	const restUntil = (when: string) =>
		admin.query(`update muster.lane_note set retry_at = ${when} where site_id = $1`, [site.siteId]);
	const tried = async (): Promise<number> => {
		await muster.worker.tick();
		const { rows } = await admin.query("select attempts from muster.lane_note where site_id = $1", [
			site.siteId,
		]);
		return rows[0].attempts;
	};
	await restUntil("now() + interval '1 hour'");
	const before = await tried();
	moveClock(72 * hourMs);
	expect(await tried()).toBe(before);
	expect(await deleteOldTasks(muster.database)).toBe(0);
	moveClock(-72 * hourMs);
	await restUntil("now()");
	expect(await tried()).toBe(before + 1);
	const old = "update muster.task set ended_at = now() - interval '25 hours' where task_id = $1";
	await admin.query(old, [kept.taskId]);
	expect(await deleteOldTasks(muster.database)).toBe(1);
	vi.useRealTimers();
	expect((await site.get(`tasks/${kept.taskId}`)).status).toBe(404);
});
