import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** Loads the client, and fails at the first import that is not a file of its own. */
const program = `
	import { registerHooks } from "node:module";
	registerHooks({
		resolve(specifier, context, next) {
			if (!specifier.startsWith(".") && !specifier.startsWith("file:")) throw new Error("imports " + specifier);
			return next(specifier, context);
		},
	});
	await import(${JSON.stringify(new URL("../src/import/index.ts", import.meta.url).href)});
	const client = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
	console.log(Object.keys(client).join(" "));
`;

test("the client and its import engine import nothing but themselves: no package, and nothing of Node", () => {
	const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
		encoding: "utf8",
	});
	expect(stderr).toBe("");
	expect(stdout.trim()).toBe(
		"Interrupted MusterClient MusterError MusterNetworkError MusterTimeoutError failurePlace guardCell itemOfProfile itemOfRow operationNamed operations readScopes scopes sendRows taskOperationNames webhookEvents withValueAt",
	);
});
