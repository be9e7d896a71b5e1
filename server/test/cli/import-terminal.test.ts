import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";
import { aFolder } from "../program.ts";

const bin = fileURLToPath(new URL("../../bin/muster.js", import.meta.url));
const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));
/** Of util-linux: runs a command in a terminal of its own. */
const script = "/usr/bin/script";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Desk {
	readonly files?: Readonly<Record<string, string>>;
	/** Keys that are typed as soon as the terminal shows the text. */
	readonly typed?: { readonly at: string; readonly keys: string };
}

/** @returns what a terminal of so many columns is given, without colours */
async function inTerminal(columns: number, parameters: string, { files = {}, typed }: Desk = {}) {
	const { path: folder, remove } = await aFolder();
	cleanups.push(remove);
	for (const name of ["customers.csv", "organizations.csv"])
		await copyFile(join(examples, name), join(folder, name));
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	const { token } = await muster.aSite();
	const command = `stty cols ${columns}; "${process.execPath}" "${bin}" ${parameters}`;
	const terminal = spawn(script, ["-qec", command, "/dev/null"], {
		cwd: folder,
		env: { PATH: process.env.PATH, TERM: "xterm-256color", MUSTER_URL: muster.url, MUSTER_TOKEN: token },
		stdio: ["pipe", "pipe", "inherit"],
	});
	let shown = "";
	terminal.stdout.setEncoding("utf8");
	terminal.stdout.on("data", (text: string) => {
		const wasShown = typed !== undefined && shown.includes(typed.at);
		shown += text;
		if (!wasShown && typed !== undefined && shown.includes(typed.at)) terminal.stdin.write(typed.keys);
	});
	const [code] = await once(terminal, "close");
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal's commands begin with
	return { code, shown: shown.replace(/\u001b\[[\d;]*[mKGJ]/g, "") };
}

describe.runIf(existsSync(script))("in a terminal", () => {
	test.each([
		[60, "task status failed"],
		[100, "task accepted (UTC) status items failed operation"],
		[160, "task accepted (UTC) status items failed operation"],
	])(
		"of %i columns no line of an import is broken, and a list of tasks shows what there is room for: %s",
		async (columns, titles) => {
			const { code, shown } = await inTerminal(
				columns,
				`import organizations.csv customers.csv --create-fields yes; code=$?; "${process.execPath}" "${bin}" tasks list --limit 2; exit $code`,
			);
			expect(code).toBe(3);
			const lines = shown.split(/[\r\n]+/);
			// A command that is to be typed stays whole.
			const tooLong = lines.filter(
				(line) => line.trimEnd().length > columns && !line.includes("muster import"),
			);
			expect(tooLong).toEqual([]);
			expect(shown).toContain(columns === 60 ? "1,000 rows, 995 created, 5 failed" : "organizations.csv ");
			expect(lines.map((line) => line.trim().replace(/\s+/g, " "))).toContain(titles);
		},
	);

	test.each([
		["Ctrl-C", "\u0003"],
		["Ctrl-D", "\u0004"],
	])("%s at a question ends the import, and nothing was changed", async (_, keys) => {
		const question = 'dates.csv: is 03/04 in "Since" 3 April (dmy) or March 4 (mdy)?';
		const { code, shown } = await inTerminal(80, "import dates.csv", {
			files: { "dates.csv": "Email,Since\njane@example.com,03/04/2026\n" },
			typed: { at: question, keys },
		});
		expect(shown).toContain("muster: interrupted; nothing was changed.");
		expect(code).toBe(130);
	});

	test("what a file holds cannot move the cursor", async () => {
		const { shown } = await inTerminal(100, "import odd.csv --create-fields yes", {
			files: { "odd.csv": "Email,Na\u001b]0;title\u0007me\nno \u001b[2Jaddress,x\njane@example.com,y\n" },
		});
		expect(shown).toContain("no \ufffd[2Jaddress");
		expect(shown).not.toContain("\u001b");
	});
});
