import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, type Program, readDevEnvironment, startProgram } from "../program.ts";

let database: Awaited<ReturnType<typeof aDatabase>>;
let folder: Awaited<ReturnType<typeof aFolder>>;
let admin: pg.Client;
const programs: Program[] = [];
let url = "";
let token = "";

/** One process that accepts, one that carries out. */
beforeAll(async () => {
	[database, folder] = await Promise.all([aDatabase(), aFolder()]);
	admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	const api = startProgram(["serve", "--no-worker"], environment);
	const worker = startProgram(["worker"], environment);
	programs.push(api, worker);
	await Promise.all([api.printed("Muster is ready"), worker.printed("is ready")]);
	({ MUSTER_URL: url = "", MUSTER_TOKEN: token = "" } = await readDevEnvironment(folder.path));
});
afterAll(async () => {
	for (const program of programs) await program.end("SIGKILL");
	await admin.end();
	await database.drop();
	await folder.remove();
});

/** Sends a customer and waits for the task's end. @returns milliseconds that it took */
async function roundTrip(): Promise<number> {
	const began = performance.now();
	const response = await fetch(`${url}/api/v1/customer/bulk`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${token}`,
			"content-type": "application/json",
			"idempotency-key": randomUUID(),
			prefer: "wait=10",
		},
		body: JSON.stringify({ customers: [{ email: `${randomUUID()}@acme.com` }] }),
	});
	expect(await response.json()).toMatchObject({ status: "COMPLETED", summary: { created: 1 } });
	return performance.now() - began;
}

async function median(count: number): Promise<number> {
	const times: number[] = [];
	for (let round = 0; round < count; round += 1) times.push(await roundTrip());
	return times.sort((one, other) => one - other)[Math.floor(count / 2)] ?? 0;
}

test("a worker in another process begins at once, and who waits in the first hears of the end", async () => {
	await median(5);
	// By sweeps alone each of them waits for the next one, 200 ms after the last.
	expect(await median(21)).toBeLessThan(100);
});

test("where nothing is told, because connections are ended all the time, tasks are found all the same", async () => {
	const cut = async (): Promise<unknown> =>
		admin.query(
			`select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and application_name = 'muster signals'`,
		);
	for (let round = 0; round < 5; round += 1) {
		await cut();
		await roundTrip();
	}
	for (const program of programs) expect(program.process.exitCode).toBe(null);
});
