import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
let admin: pg.Client;
let nowMs = 0;
afterEach(() => {
	nowMs += 60_000;
});
beforeAll(async () => {
	// Who goes first is told elsewhere: here no site remembers another one's test.
	muster = await startMuster({ courtesy: new Courtesy(() => nowMs) });
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

async function waitingInLine(): Promise<number> {
	const { rowCount } = await admin.query(
		"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
	);
	return rowCount ?? 0;
}

test("however many requests wait for lanes, a few of them hold connections, and polls and accepts are served", async () => {
	const sites = await Promise.all(Array.from({ length: 6 }, () => muster.aSite()));
	const [site] = sites;
	if (site === undefined) throw new Error("there is no site");
	const holder = new pg.Client({ connectionString: muster.databaseUrl });
	await holder.connect();
	await holder.query("begin");
	await holder.query("select from muster.lane where site_id = any($1) for no key update", [
		sites.map(({ siteId }) => siteId),
	]);
	const changes = sites.flatMap((each) =>
		Array.from({ length: 20 }, (_, number) =>
			each.post("customer/details/definitions/bulk", { detailFields: [{ name: `Field ${number}` }] }),
		),
	);
	for (let looks = 0; looks < 10_000 && (await waitingInLine()) < 4; looks += 1);
	const accepted = await site.post("customer/bulk", { customers: [{ email: "ann@acme.com" }] });
	expect(accepted.status).toBe(202);
	expect((await site.get(`tasks/${accepted.body.taskId}`)).body.status).toBe("PROCESSING");
	expect(await waitingInLine()).toBe(4);
	await holder.query("rollback");
	await holder.end();
	const statuses = (await Promise.all(changes)).map(({ status }) => status);
	expect(statuses).toEqual(statuses.map(() => 202));
	for (const each of sites) expect((await each.get("customer/details")).body.results).toHaveLength(20);
	await muster.worker.tick();
});

test("a request whose turn in its site does not come is told to come again, with nothing saved", async () => {
	const site = await muster.aSite();
	const holder = new pg.Client({ connectionString: muster.databaseUrl });
	await holder.connect();
	await holder.query("begin");
	await holder.query("select from muster.lane where site_id = $1 for no key update", [site.siteId]);
	const answers = await Promise.all(
		["One", "Two"].map((name) =>
			site.post("customer/details/definitions/bulk", { detailFields: [{ name }] }),
		),
	);
	for (const { status, body, headers } of answers) {
		expect([status, body.code, headers.get("retry-after")]).toEqual([503, "unavailable", "1"]);
	}
	await holder.query("rollback");
	await holder.end();
	expect((await site.get("customer/details")).body.results).toEqual([]);
});

test("however many requests wait for records, a few of them hold connections, one for each record", async () => {
	const site = await muster.aSite();
	const ids = await Promise.all(
		Array.from({ length: 6 }, async (_, number) => {
			const { customerId } = (await site.post("customer", { email: `${number}@acme.com` })).body;
			return customerId as string;
		}),
	);
	const holder = new pg.Client({ connectionString: muster.databaseUrl });
	await holder.connect();
	await holder.query("begin");
	await holder.query("select from muster.customer where site_id = $1 for update", [site.siteId]);
	const rename = (id: string | undefined, displayName: string): Promise<number> =>
		site
			.ask("PUT", `customer/account/${id}`, { body: { displayName } })
			.then(({ status }: { status: number }) => status);
	const alike = Array.from({ length: 20 }, (_, number) => rename(ids[0], `Name ${number}`));
	for (let looks = 0; looks < 10_000 && (await waitingInLine()) < 1; looks += 1);
	expect((await site.get(`customer/${ids[0]}`)).body.displayName).toBe("0");
	expect(await waitingInLine()).toBe(1);
	const others = ids.slice(1).map((id) => rename(id, "Name"));
	for (let looks = 0; looks < 10_000 && (await waitingInLine()) < 4; looks += 1);
	expect((await site.post("customer/bulk", { customers: [{ email: "ann@acme.com" }] })).status).toBe(202);
	expect(await waitingInLine()).toBe(4);
	await holder.query("rollback");
	await holder.end();
	expect(await Promise.all([...alike, ...others])).toEqual(Array(25).fill(200));
	await muster.worker.tick();
});
