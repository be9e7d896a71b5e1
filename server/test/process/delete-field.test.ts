import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

/** So many that clearing them is still under way when the process is killed. */
const customersMax = 30_000;

test("a process killed while it clears a deleted field leaves no value behind: the next one ends it", async () => {
	const database = await aDatabase();
	const folder = await aFolder();
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	const admin = new pg.Client({ connectionString: database.url });
	await admin.connect();
	const count = async (text: string): Promise<number> => (await admin.query(text)).rows[0].count;
	const withValue = "select count(*)::int as count from muster.customer where details ? 'plan'";
	const deleted = "select count(*)::int as count from muster.detail_field where deleted_at is not null";

	const first = startProgram(["serve"], environment);
	await first.printed("Muster is ready");
	const { MUSTER_URL, MUSTER_TOKEN } = await readDevEnvironment(folder.path);
	const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
		fetch(`${MUSTER_URL}/api/v1/${path}`, {
			method,
			headers: { authorization: `Bearer ${MUSTER_TOKEN}`, "content-type": "application/json" },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	expect((await ask("POST", "customer/details", { name: "Plan" })).status).toBe(200);
	await admin.query(
		`insert into muster.customer (site_id, email, email_key, display_name, details)
		select site_id, email, email, 'Customer', '{"plan":"Premium"}'
		from muster.site, (select 'c' || n || '@acme.com' as email from generate_series(1, $1::int) as n) as row`,
		[customersMax],
	);
	const answer = ask("DELETE", "customer/details/Plan?confirm=true").catch(() => null);
	while ((await count(deleted)) === 0);
	await first.end("SIGKILL");
	await answer;
	expect(await count(withValue)).toBeGreaterThan(0);

	const second = startProgram(["serve"], environment);
	await second.printed("Muster is ready");
	// A look reads all of them, which takes from what ends it.
	while ((await count(withValue)) > 0) await delay(50);
	while ((await count(deleted)) > 0) await delay(10);
	expect(await count("select count(*)::int as count from muster.customer")).toBe(customersMax);
	expect((await second.end("SIGTERM")).code).toBe(0);
	await admin.end();
	await database.drop();
	await folder.remove();
});
