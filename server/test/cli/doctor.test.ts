import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../command.ts";
import { aDatabase, anEmptyDatabase, startMuster, type TestMuster } from "../muster.ts";
import { aFolder, type Environment, runProgram } from "../program.ts";

let muster: TestMuster;
let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
	muster = await startMuster();
	folder = await aFolder();
});
afterAll(async () => {
	await muster.close();
	await folder.remove();
});

/** Where no service and no database is named, and there is none in the folder. */
const nowhere = (): Environment => ({ MUSTER_DATA: join(folder.path, "none") });

interface Examined {
	readonly code: number | null;
	/** What of each check was found: its state, and what was said of a fault. */
	readonly states: Readonly<Record<string, string>>;
	readonly faults: Readonly<Record<string, string>>;
}

async function examine(environment: Environment, run = runCommand): Promise<Examined> {
	const { code, stdout, stderr } = await run(["doctor", "--json"], { ...nowhere(), ...environment });
	expect(stderr).toBe("");
	const { findings }: { findings: { check: string; state: string; says: string; fix?: string }[] } =
		JSON.parse(stdout);
	const faults = findings.filter(({ state }) => state === "fault");
	// Every fault comes with what to do about it, and nothing else does.
	expect(findings.filter(({ fix }) => fix !== undefined)).toEqual(faults);
	return {
		code,
		states: Object.fromEntries(findings.map(({ check, state }) => [check, state])),
		faults: Object.fromEntries(faults.map(({ check, says }) => [check, says])),
	};
}

test("where all is well, every check is good, one line each, and it ends with 0", async () => {
	const { token } = await muster.aSite();
	await mkdir(join(folder.path, "data-folder"));
	const environment = {
		MUSTER_DATA: join(folder.path, "data-folder"),
		DATABASE_URL: muster.databaseUrl,
		MUSTER_URL: muster.url,
		MUSTER_TOKEN: token,
	};
	const checks = ["node", "database", "migrations", "clock", "disk", "server", "token"];
	expect(await examine(environment)).toEqual({
		code: 0,
		states: Object.fromEntries(checks.map((check) => [check, "good"])),
		faults: {},
	});
	const shown = await runCommand(["doctor"], environment);
	expect(shown.stdout.split("\n").map((line) => line.slice(0, 4 + 12).trim())).toEqual([
		...checks.map((check) => `✓ ${check}`),
		"",
	]);
});

test("what is not here is said and is no fault, and looking makes nothing", async () => {
	expect(await examine({})).toEqual({
		code: 0,
		states: { node: "good", database: "absent", clock: "absent", disk: "absent", server: "absent" },
		faults: {},
	});
	const { stdout } = await runCommand(["doctor"], nowhere());
	expect(stdout).toContain("none");
});

test("a server and a database that are out of reach end with 5, and no password is shown", async () => {
	const { code, faults } = await examine({
		DATABASE_URL: "postgres://somebody:secret@127.0.0.1:1/muster",
		MUSTER_URL: "http://127.0.0.1:1",
		MUSTER_TOKEN: "mst_x",
	});
	expect({ code, faults }).toEqual({
		code: 5,
		faults: {
			database: "at 127.0.0.1:1/muster: connect ECONNREFUSED 127.0.0.1:1",
			server: expect.stringContaining("http://127.0.0.1:1 is out of reach"),
		},
	});
});

test("a token that is missing or not valid ends with 4; one that may do little is good", async () => {
	const site = await muster.aSite();
	const environment = { MUSTER_URL: muster.url };
	expect(await examine(environment)).toMatchObject({
		code: 4,
		faults: { token: `there is none for ${muster.url}` },
	});
	expect(await examine({ ...environment, MUSTER_TOKEN: "mst_x" })).toMatchObject({
		code: 4,
		faults: { token: "is not known to the server, revoked, or past its time" },
	});
	const small = await site.aToken(["read:customer:jira-service-management"]);
	expect(await examine({ ...environment, MUSTER_TOKEN: small })).toMatchObject({ code: 0, faults: {} });
});

test("migrations that are missing, or that only a newer program has, are named", async () => {
	const empty = await anEmptyDatabase();
	const newer = await aDatabase();
	const client = new pg.Client({ connectionString: newer.url });
	await client.connect();
	await client.query("insert into muster.migration (number, name) values (9000, '9000-from-the-future')");
	await client.end();
	expect(await examine({ DATABASE_URL: empty.url })).toMatchObject({
		code: 1,
		faults: { migrations: expect.stringMatching(/^(\d+) of \1 are missing: 0001-/) },
	});
	expect(await examine({ DATABASE_URL: newer.url })).toMatchObject({
		code: 1,
		faults: { migrations: "the database is of a newer Muster: 9000-from-the-future" },
	});
	await empty.drop();
	await newer.drop();
});

test("a clock that is an hour off is told against the database and the server", async () => {
	const anHourAhead = "const now=Date.now;Date.now=()=>now()+3600000";
	const { token } = await muster.aSite();
	expect(
		await examine(
			{
				DATABASE_URL: muster.databaseUrl,
				MUSTER_URL: muster.url,
				MUSTER_TOKEN: token,
				NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(anHourAhead)}`,
			},
			runProgram,
		),
	).toMatchObject({
		code: 1,
		faults: {
			clock: expect.stringMatching(
				/^3\d{3} s ahead of that of the database, 3\d{3} s ahead of that of the server$/,
			),
		},
	});
});
