import { afterEach, expect, test } from "vitest";
import { readMigrations } from "../../src/store/migrate.ts";
import { runCommand } from "../command.ts";
import { anEmptyDatabase } from "../muster.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test("a check says what is missing and changes nothing, and a migration is one of all that there are", async () => {
	const { url, drop } = await anEmptyDatabase();
	cleanups.push(drop);
	const names = (await readMigrations()).map(({ name }) => name).join(", ");
	const run = async (...parameters: string[]) => {
		const { code, stdout, stderr } = await runCommand(["migrate", ...parameters], { DATABASE_URL: url });
		return { code, stdout, stderr };
	};
	const missing = {
		code: 1,
		stdout: `Missing: ${names}. \`muster migrate\`, or the next start, applies them.\n`,
		stderr: "",
	};
	const whole = { code: 0, stdout: "The database has every migration of this program.\n", stderr: "" };
	expect(await run("--check")).toEqual(missing);
	expect(await run("--check")).toEqual(missing);
	expect(await run()).toEqual({ code: 0, stdout: `Applied: ${names}.\n`, stderr: "" });
	expect(await run("--check")).toEqual(whole);
	expect(await run()).toEqual(whole);
});
