import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { createApp } from "../../src/http/app.ts";
import { EndedTasks } from "../../src/http/ended-tasks.ts";
import { Uploads } from "../../src/http/imports/uploads.ts";
import { LaneQueue } from "../../src/http/lane-queue.ts";
import { anAcceptQueue, guideBase, startMuster, type TestMuster } from "../muster.ts";

// RACED_PAIRS=10000 npx vitest run server/test/http/raced-keys.test.ts takes about half a minute.
const pairsMax = Number(process.env.RACED_PAIRS ?? 300);
/** Pairs in flight together: enough that every insert joins several, and both servers always have some. */
const pairsAtOnce = 50;

let muster: TestMuster;
/** Two servers with an accept queue each; they meet in the database alone. */
let urls: readonly [string, string];
let closeSecond: () => Promise<void>;
beforeAll(async () => {
	muster = await startMuster();
	const second = await createApp({
		services: {
			database: muster.database,
			endedTasks: new EndedTasks(),
			accepts: anAcceptQueue(muster.database),
			lanes: new LaneQueue(muster.database),
			courtesy: new Courtesy(() => performance.now()),
			uploads: new Uploads(),
			plainIntake: null,
			publicUrl: "https://muster.test",
			webhooksPrivate: false,
		},
		logger: pino({ level: "silent" }),
		now: () => performance.now(),
		corsOrigins: [],
		consoleFolder: "none",
		trustedProxies: [],
		readiness: async () => ({ isReady: true, reasons: [] }),
	});
	urls = [muster.url, await second.listen({ host: "127.0.0.1", port: 0 })];
	closeSecond = () => second.close();
});
afterAll(async () => {
	await closeSecond();
	await muster.close();
});

test(
	`of ${pairsMax} raced pairs of equal keys, each makes one task, and its items take effect once`,
	async () => {
		const site = await muster.aSite();
		const send = async (url: string, number: number) => {
			const response = await fetch(`${url}${guideBase}/customer/bulk`, {
				method: "POST",
				headers: {
					authorization: `Bearer ${site.token}`,
					"content-type": "application/json",
					"idempotency-key": `pair-${number}`,
				},
				body: JSON.stringify({ customers: [{ email: `c${number}@acme.com` }] }),
			});
			const { taskId } = (await response.json()) as { taskId?: string };
			return { status: response.status, taskId, replayed: response.headers.has("idempotency-replayed") };
		};
		const taskIds = new Set<string | undefined>();
		for (let from = 0; from < pairsMax; from += pairsAtOnce) {
			const numbers = Array.from({ length: Math.min(pairsAtOnce, pairsMax - from) }, (_, n) => from + n);
			const pairs = await Promise.all(
				numbers.map((number) => {
					// A third of the pairs meets in one server, the others in the database.
					const [one, other] = number % 3 === 0 ? [urls[0], urls[0]] : urls;
					return Promise.all([send(one, number), send(other, number)]);
				}),
			);
			for (const [one, other] of pairs) {
				expect([one.status, other.status, other.taskId]).toEqual([202, 202, one.taskId]);
				expect([one.replayed, other.replayed].sort()).toEqual([false, true]);
				taskIds.add(one.taskId);
			}
			await muster.worker.tick();
		}
		expect(taskIds.size).toBe(pairsMax);
		expect(await countsOf(site.siteId)).toEqual({ tasks: pairsMax, created: pairsMax, customers: pairsMax });
	},
	20_000 + pairsMax * 20,
);

async function countsOf(siteId: string): Promise<unknown> {
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	const { rows } = await admin.query(
		`select count(*)::int as tasks, sum(created_count)::int as created,
			(select count(*)::int from muster.customer where site_id = $1) as customers
		from muster.task where site_id = $1`,
		[siteId],
	);
	await admin.end();
	return rows[0];
}
