import { randomUUID } from "node:crypto";
import { problemCodes } from "@muster/client/contract";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, aFreePort, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A process on a database of its own, and the metrics that it tells. */
async function aProcess(...parameters: string[]) {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await aFolder();
	cleanups.push(() => folder.remove());
	const [port, metricsPort] = [await aFreePort(), await aFreePort()];
	const program = startProgram(parameters, {
		MUSTER_DATA: folder.path,
		DATABASE_URL: database.url,
		PORT: `${port}`,
		MUSTER_METRICS_PORT: `${metricsPort}`,
	});
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster");
	const url = `http://127.0.0.1:${port}`;
	return {
		url,
		database,
		folder,
		/** Values by series, as `name{label="value"}`. */
		metrics: async (): Promise<ReadonlyMap<string, number>> => {
			const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
			const lines = text.split("\n").filter((line) => /^muster_/.test(line));
			return new Map(
				lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))] as const),
			);
		},
	};
}

test("what was asked for, accepted and carried out is counted, and what was refused", async () => {
	const { url, folder, metrics } = await aProcess("serve");
	const { MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
	const send = (key: string, customers: readonly object[], token = MUSTER_TOKEN): Promise<Response> =>
		fetch(`${url}/api/v1/customer/profile/bulk`, {
			method: "POST",
			headers: {
				authorization: `Bearer ${token}`,
				"content-type": "application/json",
				"idempotency-key": key,
				prefer: "wait=10",
			},
			body: JSON.stringify({ customers }),
		});
	const key = randomUUID();
	const customers = [{ email: "ann@acme.com" }, { email: "bob@acme.com" }, { email: "none" }];
	for (const _ of [1, 2]) expect((await send(key, customers)).status).toBe(200);
	expect((await send(randomUUID(), [])).status).toBe(400);
	expect((await send(randomUUID(), customers, "mst_unknown")).status).toBe(401);
	const found = await metrics();
	expect([...found.keys()].filter((name) => name.startsWith("muster_http_problems_total"))).toHaveLength(
		Object.keys(problemCodes).length,
	);
	// Each code of a problem is there, and nearly all of them are 0.
	const told = [...found].filter(([name, count]) => !name.includes("{code=") || count > 0);
	expect(Object.fromEntries(told.filter(([name]) => counted.has(name.replace(/\{.*/, ""))))).toEqual({
		muster_tasks_submitted_total: 1,
		'muster_tasks_finished_total{status="completed"}': 1,
		'muster_tasks_finished_total{status="failed"}': 0,
		'muster_items_total{outcome="created"}': 2,
		'muster_items_total{outcome="updated"}': 0,
		'muster_items_total{outcome="unchanged"}': 0,
		'muster_items_total{outcome="skipped"}': 0,
		'muster_items_total{outcome="failed"}': 1,
		'muster_items_total{outcome="deleted"}': 0,
		muster_idempotent_replays_total: 1,
		'muster_http_problems_total{code="empty_items"}': 1,
		'muster_http_problems_total{code="unauthorized"}': 1,
		muster_claim_duration_seconds_count: 1,
		muster_database_up: 1,
		muster_database_waiting: 0,
		muster_tasks_unfinished: 0,
		muster_oldest_unfinished_task_age_seconds: 0,
	});
	expect(
		found.get('muster_http_request_duration_seconds_count{route="submit.customer.profile",status="200"}'),
	).toBe(2);
	expect(found.get("muster_worker_last_seen_seconds")).toBeLessThan(30);
});

test("what can be alerted on is told from the first moment on, as 0: the first one counts as growth", async () => {
	const { metrics } = await aProcess("serve");
	const found = await metrics();
	expect(found.get('muster_tasks_finished_total{status="failed"}')).toBe(0);
	expect(found.get('muster_items_total{outcome="failed"}')).toBe(0);
	expect(found.get('muster_http_problems_total{code="rate_limited"}')).toBe(0);
});

const counted = new Set([
	"muster_tasks_submitted_total",
	"muster_tasks_finished_total",
	"muster_items_total",
	"muster_idempotent_replays_total",
	"muster_http_problems_total",
	"muster_claim_duration_seconds_count",
	"muster_database_up",
	"muster_database_waiting",
	"muster_tasks_unfinished",
	"muster_oldest_unfinished_task_age_seconds",
]);

test("an API without a worker is ready and says that nobody carries tasks out, and metrics tell how long they wait", async () => {
	const { url, folder, database, metrics } = await aProcess("serve", "--no-worker");
	const { MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
	const readiness = async () => {
		const answer = await fetch(`${url}/readyz`);
		return [answer.status, await answer.json()];
	};
	const rest = "requests are accepted, and carried out when `muster worker` runs";
	expect(await readiness()).toEqual([200, { status: "ok", reasons: [`no worker was ever seen: ${rest}`] }]);
	await fetch(`${url}/api/v1/customer/profile/bulk`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${MUSTER_TOKEN}`,
			"content-type": "application/json",
			"idempotency-key": randomUUID(),
		},
		body: JSON.stringify({ customers: [{ email: "ann@acme.com" }] }),
	});
	const admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
	cleanups.push(() => admin.end());
	await admin.query("update muster.task set accepted_at = accepted_at - interval '1 hour'");
	await admin.query("update muster.worker_seen set seen_at = clock_timestamp() - interval '40.4 seconds'");
	const [, { reasons }] = await readiness();
	expect(reasons).toEqual([
		expect.stringMatching(/^no worker has been seen for 4\d s: requests are accepted/),
	]);
	const found = await metrics();
	expect(found.get("muster_tasks_unfinished")).toBe(1);
	expect(found.get("muster_oldest_unfinished_task_age_seconds")).toBeGreaterThan(3_600);
	expect(found.get("muster_worker_last_seen_seconds")).toBeGreaterThan(40);
	await admin.query("update muster.worker_seen set seen_at = clock_timestamp()");
	expect(await readiness()).toEqual([200, { status: "ok", reasons: [] }]);
});
