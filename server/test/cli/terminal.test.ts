import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aFolder, runProgram } from "../program.ts";

const bin = fileURLToPath(new URL("../../bin/muster.js", import.meta.url));
/** Of util-linux: runs a command in a terminal of its own. */
const script = "/usr/bin/script";
const colour = "\u001b[";

let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
	folder = await aFolder();
});
afterAll(() => folder.remove());

/** Where nothing is to be found, so that what is printed is always the same. */
function environment(): Record<string, string> {
	return { MUSTER_DATA: join(folder.path, "none") };
}

function inTerminal(command: string, more: Record<string, string> = {}): string {
	const { stdout } = spawnSync(script, ["-qec", `"${process.execPath}" "${bin}" ${command}`, "/dev/null"], {
		env: { PATH: process.env.PATH, TERM: "xterm-256color", ...environment(), ...more },
		encoding: "utf8",
	});
	return stdout.replaceAll("\r\n", "\n");
}

describe.runIf(existsSync(script))("in a terminal", () => {
	test.each(["doctor", "--help", "tasks --help"])(
		"muster %s has colours, and none where NO_COLOR is set",
		async (command) => {
			const coloured = inTerminal(command);
			expect(coloured).toContain(colour);
			const plain = inTerminal(command, { NO_COLOR: "1" });
			expect(plain).not.toContain(colour);
			// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
			expect(plain).toBe(coloured.replace(/\u001b\[\d*m/g, ""));
		},
	);
});

test("off a terminal there are no colours, and nothing of what is printed for people is cut", async () => {
	const { stdout, stderr } = await runProgram(["doctor"], environment());
	expect(stdout + stderr).not.toContain(colour);
	expect(stdout).toContain("✓ node");
});
