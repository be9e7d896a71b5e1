import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connected } from "../bench/postgres.ts";
import { prepareFirstStart } from "../server/src/server/first-start.ts";
import { openDatabase } from "../server/src/store/database.ts";
import { aDatabase, anEmptyDatabase } from "../server/test/muster.ts";
import { Doorway } from "./doorway.ts";
import { Member } from "./member.ts";
import { type Point, startPoints } from "./points.ts";

const inFirstMigration: Point = { statement: "insert into muster.migration", moment: "before" };
const betweenMigrations: Point = {
	statement: "commit",
	in: "insert into muster.migration",
	moment: "answered",
};
const beforeFirstSite: Point = { statement: "commit", in: "create-site", moment: "before" };
const afterFirstSite: Point = { statement: "commit", in: "create-site", moment: "answered" };

/** A database and a folder in which nothing is, and the API that is to start there. */
async function aFirstStart() {
	const database = await anEmptyDatabase();
	onTestFinished(database.drop);
	const folder = await mkdtemp(join(tmpdir(), "muster-crash-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const api = (databaseUrl: string): Member => {
		const member = new Member("api", { MUSTER_DATA: folder, DATABASE_URL: databaseUrl });
		onTestFinished(async () => void (await member.end("SIGKILL")));
		return member;
	};
	/** The status that the token in dev.env is answered with. */
	const answer = async ({ url }: Member): Promise<number> => {
		const token = await tokenIn(folder);
		return (await fetch(`${url}/api/v1/tasks`, { headers: { authorization: `Bearer ${token}` } })).status;
	};
	return { databaseUrl: database.url, api, answer };
}

async function tokenIn(folder: string): Promise<string | undefined> {
	return /^MUSTER_TOKEN=(.*)$/m.exec(await readFile(join(folder, "dev.env"), "utf8"))?.[1];
}

// The second kill is of a start that has made up for the first one.
test.each([
	["in the first migration, and before its site is saved,", [inFirstMigration, beforeFirstSite]],
	["between two migrations, and after its site is saved,", [betweenMigrations, afterFirstSite]],
])(
	"a first start that is killed %s is made up for by the next one, whose token is good",
	async (_, points) => {
		const { databaseUrl, api: make, answer } = await aFirstStart();
		const api = make(databaseUrl);
		for (const point of points) {
			api.start({ point, nth: 1, signal: "SIGKILL" });
			expect(await api.ended).toBe("SIGKILL");
		}

		api.start();
		await api.ready;
		expect(await answer(api)).toBe(200);
	},
);

test("a first start whose connection is cut while its site is saved goes on by itself, and its token is good", async () => {
	const { databaseUrl, api: make, answer } = await aFirstStart();
	const doorway = await Doorway.open(databaseUrl);
	onTestFinished(() => doorway.close());
	const cut = doorway.cutAtCommit("after", "create-site");
	const api = make(doorway.url);
	api.start();
	await Promise.all([cut, api.ready]);
	expect(await answer(api)).toBe(200);
});

test("starts at the same moment in one folder write down one good token, whoever is first", async () => {
	const database = await aDatabase();
	onTestFinished(database.drop);
	const folder = await mkdtemp(join(tmpdir(), "muster-crash-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const opened = openDatabase({ url: database.url });
	onTestFinished(() => opened.close());
	const start = (port: number): Promise<string | null> =>
		prepareFirstStart(opened, folder, { url: `http://127.0.0.1:${port}`, databaseUrl: database.url });
	await start(1);
	const token = await tokenIn(folder);
	await Promise.all(Array.from({ length: 10 }, (_, port) => start(port)));
	expect(await readdir(folder)).toEqual(["dev.env"]);
	expect(await tokenIn(folder)).toBe(token);
});

test("a worker that is killed while it forgets old tasks forgets all of a lot or none, and the next one the rest", async () => {
	const database = await aDatabase();
	onTestFinished(database.drop);
	const folder = await mkdtemp(join(tmpdir(), "muster-crash-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	const opened = openDatabase({ url: database.url });
	onTestFinished(() => opened.close());
	// The site that an API makes when it starts.
	await prepareFirstStart(opened, folder, { url: "http://127.0.0.1:1", databaseUrl: database.url });
	const worker = new Member("worker", { MUSTER_DATA: folder, DATABASE_URL: database.url });
	onTestFinished(async () => void (await worker.end("SIGKILL")));
	const client = await connected(database.url);
	onTestFinished(() => client.end());
	// Long ended, of two lots; and one that ended just now.
	await client.query(`
		insert into muster.task (site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, ended_at)
		select site_id, 'customer', 'key-' || number, '', false, site_id, 0,
			now() - (case when number <= 300 then 31 else 0 end) * interval '1 day'
		from muster.site, generate_series(1, 301) as number order by number`);
	const count = async (): Promise<number> =>
		(await client.query<{ count: number }>("select count(*)::int as count from muster.task")).rows[0]
			?.count ?? 0;

	const left: number[] = [];
	for (const name of [
		"retention, before it deletes",
		"retention, before the commit",
		"retention, after the commit",
	] as const) {
		worker.start({ point: startPoints[name], nth: 1, signal: "SIGKILL" });
		expect(await worker.ended).toBe("SIGKILL");
		left.push(await count());
	}
	expect(left).toEqual([301, 301, 101]);
	worker.start({ point: startPoints["retention, after the commit"], nth: 1, signal: "SIGKILL" });
	await worker.ended;
	expect(await count()).toBe(1);
});
