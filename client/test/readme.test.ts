import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../../server/test/muster.ts";
import { MusterClient } from "../src/index.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const recipes = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
/** Where packages are found by their names. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The recipes as one program, for each goes on from those above it: as printed, but for the address. */
async function runRecipes(
	rows: readonly object[],
	token: string,
): Promise<{ stdout: string; stderr: string }> {
	const address = "http://127.0.0.1:8700";
	const code = [`const rows = ${JSON.stringify(rows)};`, ...recipes].join("\n");
	expect(code.split(address)).toHaveLength(2);
	const program = code.replace(address, muster.url);
	const env = { PATH: process.env.PATH ?? "", MUSTER_TOKEN: token };
	return promisify(execFile)(process.execPath, ["--input-type=module-typescript", "--eval", program], {
		cwd: root,
		env,
	});
}

test("the README's recipes run as printed: one request, and a whole file, in which one row is faulty", async () => {
	const site = await muster.aSite();
	const rows = [
		{ mail: "ada@example.com", fullName: "Ada Lovelace", phone: "+1-555-0199" },
		{ mail: "nobody", fullName: "No Body", phone: "+1-555-0198" },
	];
	const { stdout, stderr } = await runRecipes(rows, site.token);
	const summary =
		"{\n  total: 1,\n  created: 1,\n  updated: 0,\n  unchanged: 0,\n  skipped: 0,\n  failed: 0\n}\n";
	expect(stdout.startsWith(summary)).toBe(true);
	expect(stdout.slice(summary.length)).toMatch(
		/^\{[^}]*mail: 'nobody'[^}]*\} Invalid email format: "nobody"/,
	);
	expect(stderr).toBe("2 0\n2 1\n");
	const { body } = await site.get("customers");
	const stored = body.results.map(({ email, displayName, details }: Record<string, unknown>) => [
		email,
		displayName,
		details,
	]);
	expect(stored.toSorted()).toEqual([
		["ada@example.com", "Ada Lovelace", { phone: "+1-555-0199" }],
		["jane.smith@acme.com", "Jane Smith", { phone: "+1-555-0123" }],
	]);
});

test("every method that the README lists is there", () => {
	const client = new MusterClient({ url: muster.url, token: "none" });
	const owners: Readonly<Record<string, unknown>> = {
		...client,
		client,
		bulk: client.bulk("customer.profile"),
	};
	const calls = Array.from(readme.matchAll(/^\| (`.*?`) \|/gm), ([, cell = ""]) => {
		let owner = "client";
		return Array.from(cell.matchAll(/`([\w.]*?)(?:\(operation\))?\.?(\w+)\(/g), ([, before = "", name]) => {
			// A name behind a point belongs to what stands before it in the cell.
			if (before !== "") owner = before;
			return [owner, name];
		});
	}).flat();
	expect(calls.length).toBeGreaterThan(20);
	const missing = calls.filter(([owner, name]) => {
		const found = Object(owners[owner ?? ""]);
		return typeof found[name ?? ""] !== "function";
	});
	expect(missing).toEqual([]);
});
