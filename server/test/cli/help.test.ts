import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { runCommand } from "../command.ts";

/** Every command with the words that name it. */
function commandsUnder(command: Command, path: readonly string[] = []): [string, Command][] {
	return command.commands.flatMap((one): [string, Command][] => {
		const here = [...path, one.name()];
		return [[here.join(" "), one], ...commandsUnder(one, here)];
	});
}

const commands = commandsUnder(await makeProgram("0.0.0"));

interface Said {
	out: string;
	err: string;
	code?: string;
}

/** What a command line is answered with; no command is carried out, for each of these fails or is for help. */
async function say(...parameters: string[]): Promise<Said> {
	const program = await makeProgram("0.0.0");
	const said: Said = { out: "", err: "" };
	const catchAll = (command: Command): void => {
		command.configureOutput({
			writeOut: (text) => {
				said.out += text;
			},
			writeErr: (text) => {
				said.err += text;
			},
			getOutHasColors: () => false,
			getErrHasColors: () => false,
		});
		command.commands.forEach(catchAll);
	};
	catchAll(program);
	await program.parseAsync(["node", "muster", ...parameters]).catch((error: { code: string }) => {
		said.code = error.code;
	});
	return said;
}

test("there are commands to look at", () => {
	expect(commands.map(([path]) => path)).toEqual(
		expect.arrayContaining(["tasks retry", "import resume", "doctor"]),
	);
});

describe.each(commands)("muster %s", (path, command) => {
	const words = path.split(" ");

	test("its help has a description and an example of itself", async () => {
		const { out } = await say(...words, "--help");
		expect(out).toMatch(new RegExp(`^Usage: muster ${path}\\b`));
		expect(command.description()).not.toBe("");
		expect(out).toMatch(new RegExp(`\\nExamples?:\\n(  .*\\n)*  .*\\bmuster ${path}\\b`));
		for (const option of command.options) expect(option.description, option.flags).not.toBe("");
	});

	test("a mistyped option of it gets a suggestion", async () => {
		const long = command.options.map((option) => option.long ?? "").find((name) => name.length > 4);
		const asked = long ?? "--help";
		const mistyped = `${asked.slice(0, -2)}${asked.at(-1)}${asked.at(-2)}`;
		const needed = command.options
			.filter(({ mandatory }) => mandatory)
			.flatMap(({ long }) => [long ?? "", "x"]);
		const { err, code } = await say(...words, ...needed, mistyped);
		expect({ err, code }).toEqual({
			err: expect.stringMatching(/^muster: unknown option '.*'\n\(Did you mean (one of )?--/),
			code: "commander.unknownOption",
		});
	});
});

// What stands behind `muster import` is a file.
const groups = commands.filter(([path, { commands: inner }]) => inner.length > 0 && path !== "import");

test.each(groups)("a mistyped command of muster %s gets a suggestion", async (path, { commands: inner }) => {
	const first = inner[0]?.name();
	const { err, code } = await say(path, `${first}x`);
	expect({ err, code }).toEqual({
		err: expect.stringContaining(`(Did you mean ${first}?)`),
		code: "commander.unknownCommand",
	});
});

test.each([
	["help imprt", "unknown command 'imprt'\n(Did you mean import?)"],
	["help tasks lst", "unknown command 'lst'\n(Did you mean list?)"],
	["tasks help lst", "unknown command 'lst'\n(Did you mean list?)"],
	["org", "unknown command 'org'\n(Did you mean organizations?)"],
	["tasks --wit", "unknown option '--wit'\n(Did you mean `muster tasks list --with-failures`?)"],
	[
		"tasks --with-failurs",
		"unknown option '--with-failurs'\n(Did you mean `muster tasks list --with-failures`?)",
	],
	["tasks list --wit", "unknown option '--wit'\n(Did you mean --with-failures?)"],
	["import --cre=yes", "unknown option '--cre=yes'\n(Did you mean --create-fields?)"],
	["import --da dmy", "unknown option '--da'\n(Did you mean --dates?)"],
	["customers --qqqq", "unknown option '--qqqq'"],
])("muster %s is told what was probably meant", async (words, answer) => {
	expect(await say(...words.split(" "))).toMatchObject({ out: "", err: `muster: ${answer}\n` });
});

test("help says more of a command, however deep it lies", async () => {
	const [asked, flag] = [await say("help", "tasks", "list"), await say("tasks", "list", "--help")];
	expect(asked.out).toContain("Usage: muster tasks list");
	expect(asked.out).toBe(flag.out);
	expect((await say("help")).out).toBe((await say("--help")).out);
});

test("a mistyped command of the program gets a suggestion, on standard error and with the code of wrong usage", async () => {
	expect(await runCommand(["custmers"], {})).toMatchObject({
		code: 2,
		stdout: "",
		stderr: "muster: unknown command 'custmers'\n(Did you mean customers?)\n",
	});
	const examples = new URL("../../../examples/", import.meta.url).pathname;
	expect(
		await runCommand(["import", "organizations.csv", "custmers.csv"], {}, { cwd: examples }),
	).toMatchObject({
		code: 2,
		stdout: "",
		stderr: "muster: there is no file custmers.csv. Did you mean customers.csv?\n",
	});
	expect(await runCommand(["import", "resum"], {})).toMatchObject({
		code: 2,
		stdout: "",
		stderr: "muster: there is no file resum. Did you mean `muster import resume`?\n",
	});
});

test("help is asked for on standard output without colours where that is no terminal, and is given on standard error where a command is missing", async () => {
	const asked = await runCommand(["--help"], {});
	expect({ code: asked.code, stderr: asked.stderr }).toEqual({ code: 0, stderr: "" });
	expect(asked.stdout).toContain("\nRecords:\n  import");
	expect(asked.stdout).not.toContain("\u001b");
	const missing = await runCommand([], {});
	expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 2, stdout: "" });
	expect(missing.stderr).toContain("Usage: muster");
});
