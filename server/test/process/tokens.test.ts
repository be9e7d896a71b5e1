import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { aDatabase } from "../muster.ts";
import { aFolder, type Program, readDevEnvironment, runProgram, startProgram } from "../program.ts";

let database: Awaited<ReturnType<typeof aDatabase>>;
const folders: Awaited<ReturnType<typeof aFolder>>[] = [];
const programs: Program[] = [];
const urls: string[] = [];

/** Two processes with the API on one database. */
beforeAll(async () => {
	database = await aDatabase();
	for (let count = 0; count < 2; count += 1) {
		const folder = await aFolder();
		folders.push(folder);
		const program = startProgram(["serve"], { MUSTER_DATA: folder.path, DATABASE_URL: database.url });
		programs.push(program);
		await program.printed("Muster is ready");
		const [, url = ""] = /ready at (\S+)/.exec(program.output()) ?? [];
		urls.push(url);
	}
});
afterAll(async () => {
	for (const program of programs) await program.end("SIGKILL");
	await database.drop();
	for (const folder of folders) await folder.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever is printed
async function muster(...parameters: string[]): Promise<any> {
	const ended = await runCommand([...parameters, "--json"], environment());
	if (ended.code !== 0) throw new Error(ended.stderr);
	return JSON.parse(ended.stdout);
}

const environment = (): Record<string, string> => ({ DATABASE_URL: database.url });

async function statusOf(url: string, token: string): Promise<number> {
	const headers = { authorization: `Bearer ${token}` };
	return (await fetch(`${url}/api/v1/tasks`, { headers })).status;
}

/** Asks until the token is refused. @returns when the last request was sent that was not, by the clock of this machine */
async function lastBelieved(url: string, token: string): Promise<number> {
	for (let last = 0; ; ) {
		const sent = Date.now();
		const status = await statusOf(url, token);
		if (status === 401) return last;
		expect(status).toBe(200);
		last = sent;
		// So often is what a token's second is counted in; without it, both processes are busy with nothing else.
		await delay(20);
	}
}

test("a token is made, listed with its last use, and revoked on every process within a second; the log has it all", async () => {
	const { token } = await muster("token", "create", "--site", "default", "--scope", "*", "--expires", "30d");
	for (const url of urls) expect(await statusOf(url, token)).toBe(200);
	const mine = (each: { prefix: string }): boolean => token.startsWith(each.prefix);
	await expect
		.poll(async () => (await muster("token", "list", "--site", "default")).find(mine))
		.toMatchObject({
			scopes: ["*"],
			createdAt: expect.any(String),
			lastUsedAt: expect.any(String),
			expiresAt: expect.any(String),
			revokedAt: null,
		});
	const { tokenId } = (await muster("token", "list", "--site", "default")).find(mine);

	// Both are asked all the while, so that both believe it as it is revoked.
	const asking = Promise.all(urls.map((url) => lastBelieved(url, token)));
	const ended = await runProgram(["token", "revoke", tokenId, "--site", "default"], environment());
	expect(ended.stdout).toBe(`Token ${tokenId} is revoked.\n`);
	const { revokedAt } = (await muster("token", "list", "--site", "default")).find(mine);
	for (const last of await asking) {
		expect(last - Date.parse(revokedAt)).toBeLessThan(1_000);
	}

	const entries = await muster("audit", "list", "--site", "default");
	expect(entries.map((entry: { action: string }) => entry.action)).toEqual([
		"token.revoked",
		"token.created",
		"token.created",
		"site.created",
	]);
	expect(entries[0]).toMatchObject({
		actor: expect.stringMatching(/, by muster token revoke$/),
		origin: expect.stringMatching(/./),
		details: { tokenId },
	});
});

test("a token expires by itself, on every process within a second", async () => {
	const expires = new Date(Date.now() + 2_500).toISOString();
	const { token } = await muster(
		"token",
		"create",
		"--site",
		"default",
		"--scope",
		"*",
		"--expires",
		expires,
	);
	const last = await Promise.all(urls.map((url) => lastBelieved(url, token)));
	for (const each of last) expect(each - Date.parse(expires)).toBeLessThan(1_000);
});

test("the first start's token is random, and its commands show no token again", async () => {
	const first = await readDevEnvironment(folders[0]?.path ?? "");
	expect(first.MUSTER_TOKEN).toMatch(/^mst_[0-9A-Za-z]{49}$/);
	for (const command of ["token", "audit"]) {
		const { stdout } = await runCommand([command, "list", "--site", "default"], environment());
		expect(stdout).toContain(first.MUSTER_TOKEN?.slice(0, 9));
		expect(stdout).not.toContain(first.MUSTER_TOKEN?.slice(9));
	}
});

test.each([
	[
		["token", "create", "--site", "default", "--scope", "*", "--expires", "soon"],
		'--expires: "soon" is not a time',
	],
	[
		["token", "create", "--site", "default", "--scope", "*", "--expires", "2020-01-01"],
		'"2020-01-01" has passed',
	],
	[["audit", "list", "--site", "default", "--limit", "none"], '--limit is "none"'],
	[["audit", "list", "--site", "nowhere"], 'there is no site "nowhere"'],
])("muster %j is refused in plain words", async (parameters, words) => {
	const ended = await runCommand(parameters, environment());
	expect([ended.code, ended.stdout]).toEqual([2, ""]);
	expect(ended.stderr).toContain(words);
});
