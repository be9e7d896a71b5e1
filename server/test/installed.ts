import { existsSync } from "node:fs";
import { describe, type SuiteAPI } from "vitest";

/** Where Debian puts programs; /usr/sbin is not in everybody's PATH. */
const folders = ["/usr/sbin", "/usr/bin"];

/** Where a program of the machine is; null where it is not installed. */
export function placeOf(program: string): string | null {
	return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path)) ?? null;
}

/** Tests that need a program which the machine may lack: left out without it, which is said. In CI they then fail. */
export function describeWith(program: string): SuiteAPI | ReturnType<SuiteAPI["runIf"]> {
	if (placeOf(program) !== null || process.env.CI !== undefined) return describe;
	process.stderr.write(`${program} is not installed (apt-get install ${program}): its tests are left out.\n`);
	return describe.runIf(false);
}
