import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Two that nobody has set up but for where they listen. Every test looks at them, and the last one ends them. */
let usual: FirstStart;
let open: FirstStart;
beforeAll(async () => {
	[usual, open] = await Promise.all([aFirstStart(), aFirstStart({ HOST: "0.0.0.0" })]);
});

type FirstStart = Awaited<ReturnType<typeof aFirstStart>>;

/** A first start on a database of its own, in a folder that is open to everybody. */
async function aFirstStart(environment: Record<string, string> = {}) {
	const database = await aDatabase();
	cleanups.push(database.drop);
	const folder = await aFolder();
	cleanups.push(folder.remove);
	const program = startProgram(["serve"], {
		MUSTER_DATA: join(folder.path, "data"),
		DATABASE_URL: database.url,
		...environment,
	});
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	const written = await readDevEnvironment(join(folder.path, "data"));
	return {
		program,
		folder: join(folder.path, "data"),
		url: written.MUSTER_URL ?? "",
		token: written.MUSTER_TOKEN ?? "",
	};
}

test("a data folder that was open to others is closed by the first start with the bundled database", async () => {
	const folder = await aFolder();
	cleanups.push(folder.remove);
	await chmod(folder.path, 0o755);
	const program = startProgram(["serve"], { MUSTER_DATA: folder.path });
	cleanups.push(() => program.end("SIGKILL"));
	await program.printed("Muster is ready");
	expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
	await program.end("SIGTERM");
});

test.each([
	["only the loopback address until told otherwise", () => usual, "0100007F"],
	["another address where HOST names it", () => open, "00000000"],
])("a server listens on %s", async (_what, start, address) => {
	expect(await listeningAddresses(Number(new URL(start().url).port))).toEqual([address]);
});

test("a server that nobody has set up shows a stranger that it runs, and its documentation", async () => {
	const statusOf = async (path: string): Promise<number> => (await fetch(`${usual.url}${path}`)).status;
	for (const path of ["/livez", "/readyz", "/openapi.json", "/docs"]) expect(await statusOf(path)).toBe(200);
	for (const path of ["/api/v1/tasks", "/api/v1/customers", "/jsm/csm/api/v1/tasks"]) {
		expect(await statusOf(path)).toBe(401);
	}
});

test("each first start makes a token of its own, for its owner's eyes alone, and prints it nowhere", async () => {
	const starts = [usual, open];
	expect(new Set(starts.map(({ token }) => token)).size).toBe(2);
	for (const { program, folder, token } of starts) {
		expect(token).toMatch(/^mst_[0-9A-Za-z]{49}$/);
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		expect((await stat(join(folder, "dev.env"))).mode & 0o777).toBe(0o600);
		const { stdout, stderr } = await program.end("SIGTERM");
		expect(stdout + stderr).not.toContain(token);
	}
});

/** The addresses, in the kernel's hexadecimal, on which a port of this machine is listened on. */
async function listeningAddresses(port: number): Promise<readonly string[]> {
	const tables = await Promise.all(
		["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
	);
	const listening = "0A";
	return tables
		.flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
		.filter(([, , , state]) => state === listening)
		.map(([, local = ""]) => local.split(":"))
		.filter(([, hex = ""]) => Number.parseInt(hex, 16) === port)
		.map(([address = ""]) => address);
}
