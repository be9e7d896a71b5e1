import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// What the documents point at is there. The checks are functions over a text and an `exists`; the last test of each
// block runs them over the real documents, the others show that they can fail.

const root = fileURLToPath(new URL("../", import.meta.url));
/** Without these a stranger cannot begin. */
const requiredDocuments = ["README.md", "ARCHITECTURE.md"];
const otherDocuments = ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

describe("ARCHITECTURE.md names what is there", () => {
	test("a path in a code span that leads nowhere is a breach, once", () => {
		const text = [
			"`client/src/gone.ts` and `server/src/here.ts`, `docs/`, then `client/src/gone.ts` again.",
			"Not paths of ours: `customer/bulk`, `server`, `/api/v1/tasks`, `npm test -- server/test`.",
			"A span of ``two ticks: server/src`` is no path, ``test/gone.ts`` is.",
		].join("\n");
		expect(missingPaths(text, (path) => ["server/src/here.ts", "docs/"].includes(path))).toEqual([
			"client/src/gone.ts",
			"test/gone.ts",
		]);
	});

	test("a pattern and a placeholder stand for at least one file", () => {
		const asked: string[] = [];
		missingPaths(
			"`server/src/domain/judge-*.ts` `docs/decisions/NNNN-title.md` `docs/<page>.md` `server/src/x.ts:12` `.ci/run`",
			(path) => asked.push(path) > 0,
		);
		expect(asked).toEqual([
			"server/src/domain/judge-*.ts",
			"docs/decisions/*.md",
			"docs/*.md",
			"server/src/x.ts",
			".ci/run",
		]);
	});

	test("a block of code is not looked into", () => {
		expect(missingPaths("```\n`server/gone.ts`\n```\n~~~sh\n`server/gone.ts`\n~~~", () => false)).toEqual([]);
	});

	test("the tree has every path", () => {
		expect(missingPaths(read("ARCHITECTURE.md"), existsInTree)).toEqual([]);
	});
});

describe("links lead somewhere", () => {
	test("each kind of link is followed from the folder of its document", () => {
		const text = [
			"[a](gone-a.md) ![b](<gone b.png> 'title') [c](../gone-c.md#part) [d](/gone-d.md)",
			"[e]: gone-e.md",
			'<a href="gone-f.md"><img src="gone-g.svg" alt=""></a> [h](gone%20h.md) [i](../../i.md)',
			"[`code` in it](gone-j.md) [![badge](gone-k.svg)](gone-l.md)",
		].join("\n");
		expect(brokenLinks("docs/page.md", text, () => false)).toEqual([
			"docs/gone-a.md",
			"docs/gone b.png",
			"gone-c.md",
			"gone-d.md",
			"docs/gone h.md",
			"../i.md",
			"docs/gone-j.md",
			"docs/gone-k.svg",
			"docs/gone-l.md",
			"docs/gone-e.md",
			"docs/gone-f.md",
			"docs/gone-g.svg",
		]);
	});

	test("addresses, anchors and code are not links to files", () => {
		const text = [
			"[a](https://example.com/x) [b](#part) [c](mailto:a@example.com) [d](//example.com) [e](here.md?plain=1#x)",
			"`[f](gone.md)`",
			"```md",
			"[g](gone.md)",
			"```",
		].join("\n");
		expect(brokenLinks("README.md", text, (path) => path === "here.md")).toEqual([]);
	});

	test.each(documents())("%s", (document) => {
		expect(brokenLinks(document, read(document), existsInTree)).toEqual([]);
	});
});

/** The paths of our own in code spans that do not exist. */
function missingPaths(text: string, exists: (path: string) => boolean): string[] {
	const spans = Array.from(
		withoutBlocks(text).matchAll(/(`+)([^`]+)\1/g),
		([, , span]) => span?.trim() ?? "",
	);
	const paths = spans
		.filter((span) => /^((client|server|docs|examples|test|bench)\/|\.ci(\/|$))\S*$/.test(span))
		.map((span) => span.replace(/:\d+$/, "").replace(/NNNN-[a-z-]+|<[^>]+>/g, "*"));
	return unique(paths).filter((path) => !exists(path));
}

/** The files that a document links to and that do not exist, from the root; `../` leads out of the repository. */
function brokenLinks(document: string, text: string, exists: (path: string) => boolean): string[] {
	const prose = withoutBlocks(text).replace(/(`+)[^`]+\1/g, "code");
	const targets = [
		...prose.matchAll(/\]\(\s*(?:<([^>]*)>|([^)\s]+))[^)]*\)/g),
		...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*(?:<([^>]*)>|(\S+))/gm),
		...prose.matchAll(/\s(?:href|src)=(?:"([^"]*)"|'([^']*)')/g),
	].map(([, first, second]) => first ?? second ?? "");
	const files = targets
		.filter((target) => !/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(target))
		.map((target) => decodeURIComponent(target.replace(/[?#].*$/, "")))
		.map((target) =>
			target.startsWith("/") ? target.slice(1) : posix.join(posix.dirname(document), target),
		);
	return unique(files).filter((file) => !exists(file));
}

function withoutBlocks(text: string): string {
	return text.replace(/^ *(```+|~~~+)[^\n]*\n[\s\S]*?^ *\1[^\n]*$/gm, "");
}

function documents(): string[] {
	const docs = existsSync(posix.join(root, "docs"))
		? readdirSync(posix.join(root, "docs"), { recursive: true, encoding: "utf8" })
				.filter((name) => name.endsWith(".md"))
				.map((name) => posix.join("docs", name))
				.sort()
		: [];
	const others = otherDocuments.filter((name) => existsSync(posix.join(root, name)));
	return [...requiredDocuments, ...others, ...docs];
}

function read(document: string): string {
	const path = posix.join(root, document);
	if (!existsSync(path)) throw new Error(`${document} is missing: the repository needs one`);
	return readFileSync(path, "utf8");
}

function existsInTree(path: string): boolean {
	if (path.startsWith("../")) return false;
	return existsSync(posix.join(root, path)) || globSync(path, { cwd: root }).length > 0;
}

function unique(values: readonly string[]): string[] {
	return [...new Set(values)];
}
