import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** One client over a connection that it keeps alive: sends until it is turned away. @returns what was accepted */
async function sendUntilRefused(
	url: string,
	token: string,
	name: string,
	accepted: Set<string>,
	onAccepted: () => void,
): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	for (let number = 0; ; number += 1) {
		const key = `${name}-${number}`;
		const body = JSON.stringify({ customers: [{ email: `${key}@acme.com` }] });
		const status = await new Promise<number>((resolve) => {
			const sent = request(
				`${url}/api/v1/customer/bulk`,
				{
					agent,
					method: "POST",
					headers: {
						authorization: `Bearer ${token}`,
						"content-type": "application/json",
						"idempotency-key": key,
					},
				},
				(answer) => {
					answer.resume();
					answer.on("end", () => resolve(answer.statusCode ?? 0));
				},
			);
			// Refused or cut: nothing was answered, so nothing was promised.
			sent.on("error", () => resolve(0));
			sent.end(body);
		});
		if (status !== 202) {
			expect([0, 503]).toContain(status);
			agent.destroy();
			return;
		}
		accepted.add(key);
		onAccepted();
	}
}

test("SIGTERM under load ends cleanly and at once, and what was accepted is applied by the next start", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	const first = startProgram(["serve"], environment);
	cleanups.push(() => first.end("SIGKILL"));
	await first.printed("Muster is ready");
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
	const accepted = new Set<string>();
	let onEnough = (): void => undefined;
	const enough = new Promise<void>((resolve) => {
		onEnough = resolve;
	});
	const clients = Array.from({ length: 8 }, (_, client) =>
		sendUntilRefused(MUSTER_URL, MUSTER_TOKEN, `client-${client}`, accepted, () => {
			if (accepted.size >= 100) onEnough();
		}),
	);
	await enough;
	const ended = await first.end("SIGTERM");
	await Promise.all(clients);
	expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 0, signal: null });

	const second = startProgram(["serve"], environment);
	cleanups.push(() => second.end("SIGKILL"));
	await second.printed("Muster is ready");
	const after = (await readDevEnvironment(folder.path)).MUSTER_URL ?? "";
	const get = async (path: string) =>
		(await fetch(`${after}/api/v1/${path}`, { headers: { authorization: `Bearer ${MUSTER_TOKEN}` } })).json();
	const unfinished = await get("tasks?status=PROCESSING&limit=1");
	if (unfinished.results.length > 0) await get(`tasks/${unfinished.results[0].taskId}?wait=20`);
	for (const key of accepted) {
		expect((await get(`customers?email=${key}@acme.com`)).results).toHaveLength(1);
	}
});

test("a second signal ends at once, and requests that were cut by it are accepted once by the next start", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	const first = startProgram(["serve", "--no-worker"], environment);
	cleanups.push(() => first.end("SIGKILL"));
	await first.printed("Muster is ready");
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder.path);
	const submit = (url: string, key: string): Promise<number> =>
		fetch(`${url}/api/v1/customer/bulk`, {
			method: "POST",
			headers: {
				authorization: `Bearer ${MUSTER_TOKEN}`,
				"content-type": "application/json",
				"idempotency-key": key,
			},
			body: JSON.stringify({ customers: [{ email: `${key}@acme.com` }] }),
		}).then(
			(answer) => answer.status,
			() => 0,
		);
	// What is being saved waits for this, so that the first signal alone would take as long.
	const holder = new pg.Client({ connectionString: database.url });
	await holder.connect();
	cleanups.push(() => holder.end());
	await holder.query("begin");
	await holder.query("lock table muster.task in share mode");
	const keys = ["one", "two", "three"];
	const cut = Promise.all(keys.map((key) => submit(MUSTER_URL, key)));
	await until(async () => {
		// Within a transaction PostgreSQL goes on showing what it showed first.
		await holder.query("select pg_stat_clear_snapshot()");
		const waiting = await holder.query(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		return waiting.rowCount !== 0;
	});
	first.process.kill("SIGTERM");
	await until(() =>
		fetch(`${MUSTER_URL}/readyz`).then(
			({ status }) => status !== 200,
			() => true,
		),
	);
	const ended = await first.end("SIGTERM");
	expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 1, signal: null });
	expect(await cut).toEqual([0, 0, 0]);
	await holder.query("rollback");

	const second = startProgram(["serve", "--no-worker"], environment);
	cleanups.push(() => second.end("SIGKILL"));
	await second.printed("Muster is ready");
	const after = (await readDevEnvironment(folder.path)).MUSTER_URL ?? "";
	expect(await Promise.all([...keys, ...keys].map((key) => submit(after, key)))).toEqual(Array(6).fill(202));
	const tasks = await holder.query<{ key: string }>(
		"select idempotency_key as key from muster.task order by 1",
	);
	expect(tasks.rows.map(({ key }) => key)).toEqual(["one", "three", "two"]);
});

/** Looks again and again, in the time that the test has. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a program whose npx was ended ends too, with its database", async () => {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	// As npx does it: npm, a shell that waits, and the program.
	const npx = spawn("npx", ["muster", "worker"], {
		cwd: fileURLToPath(new URL("../../..", import.meta.url)),
		env: { ...process.env, MUSTER_DATA: folder.path },
		stdio: ["ignore", "pipe", "ignore"],
	});
	let printed = "";
	for await (const data of npx.stdout) {
		printed += String(data);
		if (printed.includes("worker is ready")) break;
	}
	npx.kill("SIGTERM");
	await once(npx, "exit");
	const isRunning = (): Promise<boolean> =>
		access(join(folder.path, "data", "postmaster.pid")).then(
			() => true,
			() => false,
		);
	for (let tries = 0; tries < 200 && (await isRunning()); tries += 1) {
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	expect(await isRunning()).toBe(false);
});
