import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Runs before the program, and tells in the end which packages were asked for. */
const watch = `
	import { isBuiltin, registerHooks } from "node:module";
	const packages = new Set();
	registerHooks({
		resolve(specifier, context, next) {
			if (!/^(?:\\.|file:)/.test(specifier) && !isBuiltin(specifier)) packages.add(specifier);
			return next(specifier, context);
		},
	});
	process.on("exit", () => console.error([...packages].sort().join(" ")));
`;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

test("an import loads what it needs and nothing of other commands, which would take more memory than its rows", () => {
	const preload = `data:text/javascript,${encodeURIComponent(watch)}`;
	const { stdout, stderr } = spawnSync(process.execPath, ["--import", preload, main, "import", "--help"], {
		encoding: "utf8",
	});
	expect(stdout).toContain("Usage: muster import ");
	expect(stderr.trim()).toBe("@muster/client @muster/client/import commander csv-parse csv-stringify/sync");
});
