import { afterAll, beforeAll, expect, test } from "vitest";
import { readEmulation } from "../../src/cli/emulation-flags.ts";
import { emulatedSettings } from "../../src/domain/first-site.ts";
import { settingsFrom } from "../../src/domain/settings.ts";
import { runCommand } from "../command.ts";
import { aDatabase } from "../muster.ts";
import { aFolder, readDevEnvironment, startProgram } from "../program.ts";

let database: Awaited<ReturnType<typeof aDatabase>>;
let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
	database = await aDatabase();
	folder = await aFolder();
});
afterAll(async () => {
	await database.drop();
	await folder.remove();
});

test("`muster serve --emulate` makes a site with the real service's limits, again after a restart, with its faults", async () => {
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	for (const round of ["first", "second"]) {
		const program = startProgram(
			["serve", "--emulate", "--faults", "429=0,slow=.5", "--seed", "42"],
			environment,
		);
		try {
			await program.printed("Muster is ready");
			expect(program.output()).toContain(
				"429=0,slow=0.5 by seed 42; slow is 5 s, a task times out after 1800 s",
			);
			const { MUSTER_URL: url, MUSTER_TOKEN: token } = await readDevEnvironment(folder.path);
			const authorization = `Bearer ${token}`;
			const ask = (headers: Record<string, string>): Promise<Response> =>
				fetch(`${url}/api/v1/settings`, { headers: { authorization, ...headers } });
			expect([round, (await ask({})).status]).toEqual([round, 412]);
			const shown = await ask({ "x-experimentalapi": "true" });
			expect(await shown.json()).toEqual({ ...settingsFrom({}), ...emulatedSettings });
			const refused = await ask({ "x-experimentalapi": "true", "x-emulate-fault": "503" });
			expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
		} finally {
			expect((await program.end("SIGTERM")).code).toBe(0);
		}
	}
});

test("nothing is emulated upon a database that has other sites", async () => {
	const other = await aDatabase();
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: other.url, PORT: "0" };
	try {
		await runCommand(["site", "create", "acme"], environment);
		const ended = await runCommand(["serve", "--emulate"], environment);
		expect(ended.code).toBe(1);
		expect(ended.stderr).toContain("this database has sites that are not emulated");
	} finally {
		await other.drop();
	}
});

test.each([
	[["--faults", "429=0.1"], "--faults belongs to --emulate"],
	[["--emulate", "--no-worker"], "--emulate needs the worker in the same process"],
])("%j is refused in plain words before anything is begun", async (flags, message) => {
	const ended = await runCommand(["serve", ...flags], {
		MUSTER_DATA: folder.path,
		DATABASE_URL: database.url,
	});
	expect(ended.code).toBe(2);
	expect(ended.stderr).toContain(message);
});

test.each([
	[{ faults: "500=0.1" }, '"500=0.1" is no fault with its probability'],
	[{ faults: "429=2" }, '"429=2" is no fault with its probability'],
	[{ faults: "429=.1,429=.2" }, '"429=.2" is no fault with its probability'],
	[{ faults: "429=0.6,503=0.5" }, "may come to 1 together"],
	[{ seed: "x" }, '--seed is "x"; a whole number from 0 to 999999999 is expected.'],
	[{ slow: "0" }, '--slow is "0"; a whole number from 1 to 999999999 is expected.'],
])("an emulation by %j is refused in the same way", (flags, message) => {
	expect(() => readEmulation({ emulate: true, ...flags })).toThrow(message);
});
