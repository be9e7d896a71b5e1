import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { aFolder, type Environment, startProgram } from "../program.ts";

interface Temporary {
	readonly path: string;
	readonly environment: Environment;
	/** What the demo has left behind; Node keeps a cache of its own there. */
	left(): Promise<string[]>;
}

async function aTemporary(): Promise<Temporary> {
	const { path, remove } = await aFolder();
	onTestFinished(remove);
	return {
		path,
		// What a developer has set for a server of their own must not reach the demo's.
		environment: { TMPDIR: path, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", HOST: "203.0.113.1" },
		left: async () => (await readdir(path)).filter((name) => name.startsWith("muster")),
	};
}

/** The rows of the table of counts, without the space between. */
function row(stdout: string, label: string): string[] | undefined {
	return new RegExp(`^ {2}${label}((?: +[\\d,]+){5})$`, "m").exec(stdout)?.[1]?.trim().split(/ +/);
}

test("the demo shows the guide's example and a whole export, and leaves nothing behind", {
	timeout: 60_000,
}, async () => {
	const { environment, left } = await aTemporary();
	const { code, stdout, stderr } = await startProgram(["demo"], environment).ended;
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	// Off a terminal nothing is drawn again, and nothing is coloured.
	expect(stdout).not.toContain("\r");
	expect(stdout).not.toContain("\x1b");

	expect(stdout).toContain('"failures":[]');
	expect(stdout).toContain('{"index":1, "message":"Invalid email format: \\"invalid-email\\" has no @."');

	expect(row(stdout, "organizations")).toEqual(["1,093", "1,088", "0", "0", "5"]);
	expect(row(stdout, "customers")).toEqual(["101", "96", "0", "1", "4"]);
	expect(row(stdout, "sent again")).toEqual(["1,194", "0", "0", "1,185", "9"]);
	expect(stdout.match(/^ {4}\w+\.csv:\d+/gm)?.map((place) => place.trim())).toEqual([
		"customers.csv:13",
		"customers.csv:13",
		"customers.csv:71",
		"organizations.csv:169",
		"organizations.csv:317",
		"organizations.csv:608",
		"organizations.csv:745",
		"customers.csv:38",
		"customers.csv:58",
		"organizations.csv:59",
	]);
	expect(stdout).toContain('Did you mean "Cosmetics"?');
	expect(stdout).toMatch(/a request is the same task: [0-9a-f-]{36}\./);
	expect(stdout).toMatch(/^ {2}[\d,]+ customers per second$/m);
	expect(stdout).toMatch(/Measured here: \d+ cores?/);
	expect(await left()).toEqual([]);
	await expectToWork(/^ {2}\. \.muster\/dev\.env\n(?: {2}.*\n)+/m.exec(stdout)?.[0] ?? "");
});

/** Runs the commands that the demo proposes, beside a server as `npm start` starts it. */
async function expectToWork(commands: string): Promise<void> {
	const { path, remove } = await aFolder();
	onTestFinished(remove);
	const server = startProgram(["serve"], { MUSTER_DATA: join(path, ".muster") });
	try {
		await server.printed("Muster is ready");
		const { stdout } = await promisify(execFile)("sh", ["-c", commands], { cwd: path });
		expect(JSON.parse(stdout)).toMatchObject({ status: "COMPLETED", summary: { created: 1 } });
	} finally {
		await server.end("SIGTERM");
	}
}

test("Ctrl-C ends the demo and its server, and leaves nothing behind", { timeout: 60_000 }, async () => {
	const { environment, left } = await aTemporary();
	const demo = startProgram(["demo"], environment);
	await demo.printed("detail fields");
	const { code, stdout, stderr } = await demo.end("SIGINT");
	expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
	expect(stdout).toMatch(/Stopped after [\d.]+\ss\. The server and its folder are gone\.\n/);
	expect(await left()).toEqual([]);
});

test("a demo whose server cannot start says so, with the end of the server's log", async () => {
	const { path, environment, left } = await aTemporary();
	// The server is started by `env`; here is another one.
	await writeFile(join(path, "env"), "#!/bin/sh\necho 'no room on this disk'\nexit 7\n", { mode: 0o755 });
	const { code, stdout, stderr } = await startProgram(["demo"], { ...environment, PATH: path }).ended;
	expect(code).toBe(1);
	expect(stderr).toContain("The demo could not go on: the server ended by itself.");
	expect(stderr).toContain("no room on this disk");
	expect(stdout).toContain("The server and its folder are gone.");
	expect(await left()).toEqual([]);
});
