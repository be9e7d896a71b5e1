import { afterAll, beforeAll, expect, test } from "vitest";
import { settingsFrom } from "../../src/domain/settings.ts";
import { runCommand } from "../command.ts";
import { aDatabase } from "../muster.ts";
import { aFolder, type Ended } from "../program.ts";

let run: (...parameters: string[]) => Promise<Ended>;
let cleanUp: () => Promise<void>;
beforeAll(async () => {
	const folder = await aFolder();
	const database = await aDatabase();
	const environment = { MUSTER_DATA: folder.path, DATABASE_URL: database.url };
	run = (...parameters) => runCommand(parameters, environment);
	cleanUp = async () => {
		await database.drop();
		await folder.remove();
	};
	await run("site", "create", "acme");
});
afterAll(() => cleanUp());

test("settings are shown and set for one site, by the rules of the API", async () => {
	const shown = await run("settings", "show", "--site", "acme", "--json");
	expect(JSON.parse(shown.stdout)).toEqual(settingsFrom({}));
	const set = await run(
		"settings",
		"set",
		"--site",
		"acme",
		"retentionDays=7",
		"requireOptIn=true",
		"--json",
	);
	const expected = { ...settingsFrom({}), retentionDays: 7, requireOptIn: true };
	expect(JSON.parse(set.stdout)).toEqual(expected);
	const table = await run("settings", "show", "--site", "acme");
	expect(table.stdout).toMatch(/^setting +value\nunknownFields +create\n/);
	expect(table.stdout).toMatch(/^retentionDays +7$/m);
});

test("what is wrong is told in one sentence each, and nothing is set", async () => {
	const refused = await run("settings", "set", "--site", "acme", "retentionDays=soon", "retentiondays=7");
	expect({ code: refused.code, stdout: refused.stdout, stderr: refused.stderr }).toEqual({
		code: 2,
		stdout: "",
		stderr:
			'muster: retentionDays is "soon"; a whole number from 1 to 3650 is expected. There is no setting "retentiondays". Did you mean retentionDays?\n',
	});
	const odd = await run("settings", "set", "--site", "acme", "retentionDays");
	expect(odd.stderr).toBe('muster: "retentionDays" is no setting; write it as name=value.\n');
	const nowhere = await run("settings", "show", "--site", "nowhere");
	expect(nowhere.stderr).toBe('muster: there is no site "nowhere". `muster site list` shows them.\n');
});
