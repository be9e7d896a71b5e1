import { execFile } from "node:child_process";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { afterEach, expect, test } from "vitest";
import { aDatabase, guideBase, startMuster } from "../muster.ts";
import { aFolder, aFreePort, startProgram } from "../program.ts";

const run = promisify(execFile);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aClient(url: string): Promise<pg.Client> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	cleanups.push(() => client.end());
	return client;
}

/** A backup, and how it is put into a database that was made for it. */
type TakeBackup = (url: string) => Promise<(target: string) => Promise<void>>;

/** What pg_dump does, for a PostgreSQL that came without it: every table as one transaction sees it. */
const bySnapshot: TakeBackup = async (url) => {
	const source = await aClient(url);
	await source.query("begin isolation level repeatable read read only");
	const { rows } = await source.query<{ name: string; columns: string }>(
		`select relname as name, string_agg(quote_ident(attname), ', ' order by attnum) as columns
		from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
		where relnamespace = 'muster'::regnamespace and relkind = 'r' group by relname`,
	);
	const tables: { head: string; content: Buffer }[] = [];
	for (const { name, columns } of rows) {
		const head = `muster.${name} (${columns})`;
		tables.push({ head, content: await buffer(source.query(copyTo(`copy ${head} to stdout`))) });
	}
	await source.query("commit");
	return async (targetUrl) => {
		const target = await aClient(targetUrl);
		// Associations may come before the records they are of.
		await target.query("set session_replication_role = replica");
		await target.query(`truncate ${rows.map(({ name }) => `muster.${name}`).join(", ")}`);
		for (const { head, content } of tables) {
			await pipeline(Readable.from([content]), target.query(copyFrom(`copy ${head} from stdin`)));
		}
		await target.query(
			"select setval(pg_get_serial_sequence('muster.task', 'number'), max(number)) from muster.task",
		);
	};
};

const byPgDump: TakeBackup = async (url) => {
	const { stdout } = await run("pg_dump", ["--dbname", url, "--schema", "muster"], { maxBuffer: 2 ** 30 });
	return async (targetUrl) => {
		await (await aClient(targetUrl)).query("drop schema muster cascade");
		const restoring = run("psql", ["--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", targetUrl]);
		restoring.child.stdin?.end(stdout);
		await restoring;
	};
};

/** Whether there is a pg_dump for this server: it refuses one that is newer than itself. */
async function pgDumpFits(url: string): Promise<boolean> {
	const { rows } = await (await aClient(url)).query<{ major: number }>(
		"select current_setting('server_version_num')::int / 10000 as major",
	);
	const version = await run("pg_dump", ["--version"]).catch(() => ({ stdout: "" }));
	return Number(/(\d+)/.exec(version.stdout)?.[1] ?? 0) >= (rows[0]?.major ?? 0);
}

interface Accepted {
	readonly key: string;
	readonly taskId: string;
}

for (const [how, takeBackup] of [
	["a copy of one snapshot", bySnapshot],
	["pg_dump", byPgDump],
] as const) {
	test(`a backup under load (${how}) is of one moment: restored, every task is ended or goes on`, async (context) => {
		const muster = await startMuster({ workerStarted: true });
		cleanups.push(muster.close);
		if (takeBackup === byPgDump && !(await pgDumpFits(muster.databaseUrl))) {
			return context.skip("there is no pg_dump for this PostgreSQL; the bundled one comes without");
		}
		const site = await muster.aSite();
		const accepted: Accepted[] = [];
		let isOver = false;
		const client = async (name: number): Promise<void> => {
			for (let number = 0; !isOver; number += 1) {
				const key = `client-${name}-${number}`;
				const answer = await site.post("customer/bulk", bodyOf(key), { key });
				expect(answer.status).toBe(202);
				accepted.push({ key, taskId: answer.body.taskId });
			}
		};
		const clients = Array.from({ length: 6 }, (_, name) => client(name));
		await untilAtLeast(accepted, 100);
		const before = [...accepted];
		const restore = await takeBackup(muster.databaseUrl);
		await untilAtLeast(accepted, accepted.length + 50);
		isOver = true;
		await Promise.all(clients);

		const target = await aDatabase();
		cleanups.push(target.drop);
		await restore(target.url);
		const admin = await aClient(target.url);
		const counts = async () => {
			const { rows } = await admin.query(
				`select count(*)::int as tasks, count(ended_at)::int as ended, sum(created_count)::int as created,
					(select count(*)::int from muster.customer) as customers from muster.task`,
			);
			return rows[0];
		};
		const restored = await counts();
		expect(restored.tasks).toBeGreaterThanOrEqual(before.length);
		expect(restored.tasks).toBeLessThan(accepted.length);
		// What has ended is there with its records, and of what has not there is nothing.
		expect(restored.customers).toBe(restored.ended);

		const folder = await aFolder();
		cleanups.push(folder.remove);
		const port = await aFreePort();
		const program = startProgram(["serve"], {
			MUSTER_DATA: folder.path,
			DATABASE_URL: target.url,
			PORT: `${port}`,
		});
		cleanups.push(() => program.end("SIGKILL"));
		await program.printed("Muster is ready");
		const ask = async (path: string, key?: string) =>
			fetch(`http://127.0.0.1:${port}${guideBase}/${path}`, {
				method: key === undefined ? "GET" : "POST",
				headers: {
					authorization: `Bearer ${site.token}`,
					...(key === undefined ? {} : { "content-type": "application/json", "idempotency-key": key }),
				},
				...(key === undefined ? {} : { body: JSON.stringify(bodyOf(key)) }),
			});
		for (const { key, taskId } of before) {
			const again = await ask("customer/bulk", key);
			expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
			expect(await again.json()).toMatchObject({ taskId });
			const task = await (await ask(`tasks/${taskId}?wait=10`)).json();
			expect(task).toMatchObject({ status: "COMPLETED", summary: { created: 1, failed: 0 } });
		}
		// What was lost with the time since is sent again, under its key.
		for (const { key } of accepted.slice(-5)) expect((await ask("customer/bulk", key)).status).toBe(202);
		expect((await ask("customer/bulk", "new")).status).toBe(202);
		const newest = (await (await ask("tasks?limit=1")).json()).results[0];
		await ask(`tasks/${newest.taskId}?wait=10`);
		const after = await counts();
		expect(after).toMatchObject({ ended: after.tasks, created: after.tasks, customers: after.tasks });
		expect((await program.end("SIGTERM")).code).toBe(0);
	}, 60_000);
}

function bodyOf(key: string): unknown {
	return { customers: [{ email: `${key}@acme.com` }] };
}

async function untilAtLeast(list: readonly unknown[], count: number): Promise<void> {
	while (list.length < count) await new Promise((resolve) => setImmediate(resolve));
}
