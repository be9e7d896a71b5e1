import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("stamps are UTC, whatever the time zones of the process and the database", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
	const name = new URL(database.url).pathname.slice(1);
	await admin.query(`alter database ${name} set timezone = 'Asia/Kathmandu'`);
	await admin.end();
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	// Thirteen hours ahead, beside five hours and three quarters.
	const program = startProgram(["serve"], { ...environment, TZ: "Pacific/Apia" });
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
	const headers = { authorization: `Bearer ${MUSTER_TOKEN}` };
	const ended = await fetch(`${MUSTER_URL}/api/v1/customer/bulk`, {
		method: "POST",
		headers: { ...headers, "content-type": "application/json", "idempotency-key": "k1", prefer: "wait=10" },
		body: JSON.stringify({ customers: [{ email: "jane.smith@acme.com" }] }),
	});
	const { createdDate, completedDate } = await ended.json();
	const customers = await fetch(`${MUSTER_URL}/api/v1/customers`, { headers });
	const [customer] = (await customers.json()).results;
	for (const stamp of [createdDate, completedDate, customer.createdDate, customer.updatedDate]) {
		expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		expect(Math.abs(Date.parse(stamp) - Date.now())).toBeLessThan(60_000);
	}
});
