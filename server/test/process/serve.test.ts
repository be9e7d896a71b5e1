import { randomBytes } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { makeToken } from "../../src/domain/token.ts";
import { runCommand } from "../command.ts";
import { aDoorway } from "../doorway.ts";
import { aDatabase } from "../muster.ts";
import { aFolder, aFreePort, type Program, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function newFolder(): Promise<string> {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	return folder.path;
}

async function serve(environment: Record<string, string>, ...parameters: string[]): Promise<Program> {
	const program = startProgram(["serve", ...parameters], environment);
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	return program;
}

async function post(url: string, token: string, key: string): Promise<Response> {
	return fetch(`${url}/api/v1/customer/bulk`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${token}`,
			"content-type": "application/json",
			"idempotency-key": key,
			prefer: "wait=10",
		},
		body: JSON.stringify({ customers: [{ email: "jane.smith@acme.com" }] }),
	});
}

/** Processes whose command line names the folder. */
async function processesOf(folder: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const lines = await Promise.all(
		pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
	);
	return lines.filter((line) => line.includes(folder));
}

test("a first start makes the default site and a token, written for its owner alone; a later one keeps the token and has everything", async () => {
	const folder = await newFolder();
	const program = await serve({ MUSTER_DATA: folder });
	const first = await readDevEnvironment(folder);
	expect((await stat(join(folder, "dev.env"))).mode & 0o777).toBe(0o600);
	expect((await stat(folder)).mode & 0o777).toBe(0o700);
	expect(first.DATABASE_URL).toMatch(/^postgres:/);
	expect((await post(first.MUSTER_URL ?? "", first.MUSTER_TOKEN ?? "", "k1")).status).toBe(200);
	const ended = await program.end("SIGTERM");
	expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 0, signal: null });
	expect(await processesOf(folder)).toEqual([]);

	await serve({ MUSTER_DATA: folder });
	const { MUSTER_URL = "", MUSTER_TOKEN } = await readDevEnvironment(folder);
	expect(MUSTER_TOKEN).toBe(first.MUSTER_TOKEN);
	const answer = await fetch(`${MUSTER_URL}/api/v1/tasks`, {
		headers: { authorization: `Bearer ${MUSTER_TOKEN}` },
	});
	expect([answer.status, (await answer.json()).results]).toMatchObject([200, [{ summary: { created: 1 } }]]);
	expect(await (await fetch(`${MUSTER_URL}/readyz`)).json()).toEqual({ status: "ok", reasons: [] });

	// Another one at its port is told in plain words.
	const { port } = new URL(MUSTER_URL);
	const second = await runCommand(["serve"], { MUSTER_DATA: folder, PORT: port });
	expect({ code: second.code, stderr: second.stderr }).toEqual({
		code: 2,
		stderr: `muster: port ${port} of 127.0.0.1 is taken; maybe Muster is running already. Stop what listens there, or set PORT to another number.\n`,
	});
}, 120_000);

test("site create works by itself, token create beside a server, which has no token to write and says the line that makes one", async () => {
	const folder = await newFolder();
	const environment = { MUSTER_DATA: folder };
	const made = await runCommand(["site", "create", "acme", "--json"], environment);
	expect(JSON.parse(made.stdout)).toEqual({ siteId: expect.stringMatching(/^[0-9a-f-]{36}$/), name: "acme" });
	const program = await serve(environment);
	const token = JSON.parse(
		(await runCommand(["token", "create", "--site", "acme", "--scope", "*", "--json"], environment)).stdout,
	).token;
	expect(token).toMatch(/^mst_[0-9A-Za-z]{49}$/);
	expect(program.output()).toMatch(/ready at \S+/);
	expect(program.output()).toContain("npx muster token create --site");
	expect(await readdir(folder)).not.toContain("dev.env");
}, 120_000);

test("the API and the worker run as processes of their own", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await newFolder();
	const environment = { MUSTER_DATA: folder, DATABASE_URL: database.url };
	await serve(environment, "--no-worker");
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder);
	const worker = startProgram(["worker"], environment);
	cleanups.push(() => worker.end("SIGKILL"));
	await worker.printed("worker is ready");
	expect((await post(MUSTER_URL, MUSTER_TOKEN, "k1")).status).toBe(200);
	expect((await worker.end("SIGTERM")).code).toBe(0);
});

test("with the bundled database, whoever is left when its first process ends takes it over", async () => {
	const folder = await newFolder();
	const first = startProgram(["worker"], { MUSTER_DATA: folder });
	cleanups.push(() => first.end("SIGKILL"));
	await first.printed("worker is ready");
	const second = await serve({ MUSTER_DATA: folder });
	const database = `embedded PostgreSQL in ${folder}`;
	expect(first.output()).toMatch(new RegExp(`${database}$`, "m"));
	expect(second.output()).toContain(`${database}, which another process of Muster runs; when that ends,`);
	const { MUSTER_URL = "", MUSTER_TOKEN = "" } = await readDevEnvironment(folder);
	await first.end("SIGTERM");
	let status = 0;
	for (let tries = 0; status !== 200 && tries < 100; tries += 1) {
		status = (await post(MUSTER_URL, MUSTER_TOKEN, "k1")).status;
		expect([200, 503]).toContain(status);
		// Retry-After says a second; a twentieth of it keeps the test short.
		if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
	}
	expect(status).toBe(200);
});

test("a setting that cannot be used is told of by name, with what is allowed", async () => {
	const ended = await runCommand(["serve"], { PORT: "http" });
	expect({ code: ended.code, stderr: ended.stderr }).toEqual({
		code: 1,
		stderr: 'muster: PORT is "http"; expected is a number from 0 to 65535, where 0 is any free port.\n',
	});
});

test("a server whose database is away lives, says so with 503, and is ready when it comes", async () => {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await newFolder();
	const doorway = await aDoorway(database.url);
	cleanups.push(doorway.close);
	const port = await aFreePort();
	const environment = { MUSTER_DATA: folder, DATABASE_URL: doorway.url, PORT: `${port}` };
	const program = startProgram(["serve"], environment);
	cleanups.push(() => program.end("SIGKILL"));
	await doorway.knocked;
	const url = `http://127.0.0.1:${port}`;
	const ready = await fetch(`${url}/readyz`);
	expect([ready.status, await ready.json()]).toEqual([
		503,
		{ status: "unavailable", reasons: ["the database is being prepared"] },
	]);
	expect((await fetch(`${url}/livez`)).status).toBe(200);
	const refused = await post(url, makeToken(randomBytes(32)), "k1");
	expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
	doorway.open();
	await program.printed("Muster is ready");
	expect((await fetch(`${url}/readyz`)).status).toBe(200);
	const { MUSTER_TOKEN = "" } = await readDevEnvironment(folder);
	expect((await post(url, MUSTER_TOKEN, "k1")).status).toBe(200);
	const ended = await program.end("SIGTERM");
	// Said once, however often it was tried.
	expect(ended.stderr.match(/the database cannot be reached; waiting for it/g)).toHaveLength(1);
	expect(ended.code).toBe(0);
});

test("a database that will never do is told of at once, in plain words", async () => {
	const database = await aDatabase();
	await database.drop();
	const folder = await newFolder();
	const ended = await runCommand(["serve"], { MUSTER_DATA: folder, DATABASE_URL: database.url });
	expect(ended.code).toBe(2);
	expect(ended.stderr).toMatch(
		/^muster: the database refused to work: database "muster_test_\w+" does not exist/m,
	);
});
