import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import config from "../vitest.config.ts";

// Every promise of docs/guarantees.md has a test: the file exists, vitest runs it, and a test in it has the name that is given.

const root = fileURLToPath(new URL("../", import.meta.url));
const page = readFileSync(`${root}docs/guarantees.md`, "utf8");

interface Guarantee {
	readonly id: string;
	readonly words: string;
	readonly file: string;
	readonly name: string;
}

describe("a row of the page", () => {
	const source = 'test("two of them: it holds", () => {});\ntest.skip("three of them", () => {});';
	const read = (path: string): string | null => (path === "server/test/a.test.ts" ? source : null);
	const row = (proof: string): string => `| R1 | Something holds. | ${proof} |`;

	test("with a test that is there and runs is kept", () => {
		expect(brokenProofs(row("`server/test/a.test.ts`: two of them: it holds"), read)).toEqual([]);
	});

	test.each([
		["`server/test/b.test.ts`: two of them", "server/test/b.test.ts is not run by vitest"],
		["`server/test/a.test.ts`: four of them", 'server/test/a.test.ts has no test "four of them"'],
		["`server/test/a.test.ts`: three of them", 'server/test/a.test.ts skips "three of them"'],
		["soon", "no test is named"],
	])("with %s is broken", (proof, why) => {
		expect(brokenProofs(row(proof), read)).toEqual([`R1: ${why}`]);
	});
});

test("every promise of docs/guarantees.md has a test that runs", () => {
	expect(rowsOf(page).length).toBeGreaterThan(20);
	expect(brokenProofs(page, readTest)).toEqual([]);
});

test("every id is one of the list, and is promised or named as to come", () => {
	const known = { R: 19, I: 16, S: 10 } as const;
	const ids = [...page.matchAll(/\b([RIS])(\d{1,2})\b/g)].map(([id, letter, number]) => ({
		id,
		isKnown: Number(number) >= 1 && Number(number) <= known[letter as keyof typeof known],
	}));
	expect(ids.filter(({ isKnown }) => !isKnown)).toEqual([]);
});

/** Rows of the page's tables; the head of a table and the line below it are none. */
function rowsOf(text: string): readonly Guarantee[] {
	return [...text.matchAll(/^\| ?([^|]*?) ?\| (.*?) \| (.*) \|$/gm)].flatMap(
		([, id = "", words = "", proof = ""]) => {
			if (id === "id" || id.startsWith("---")) return [];
			const [, file = "", name = ""] = /^`([^`]+)`(?:: (.*))?$/.exec(proof) ?? [];
			return { id, words, file, name };
		},
	);
}

/** @param read the source of a test file that vitest runs, else null */
function brokenProofs(text: string, read: (path: string) => string | null): readonly string[] {
	return rowsOf(text).flatMap(({ id, words, file, name }) => {
		const why = whyBroken(file, name, read);
		return why === null ? [] : `${id === "" ? words : id}: ${why}`;
	});
}

function whyBroken(file: string, name: string, read: (path: string) => string | null): string | null {
	if (file === "") return "no test is named";
	const source = read(file);
	if (source === null) return `${file} is not run by vitest`;
	// All of the file proves it.
	if (name === "") return null;
	// The name, or its beginning, opens a text in the source: that of a test, or of a row of a test's table.
	const place = Math.max(...["'", '"', "`"].map((quote) => source.indexOf(quote + name)));
	if (place < 0) return `${file} has no test "${name}"`;
	const before = source.slice(Math.max(0, place - 20), place);
	return /\.(skip|todo|fails)\($/.test(before.trimEnd()) ? `${file} skips "${name}"` : null;
}

/** The projects of vitest.config.ts say which files run. */
const run = new Set(
	(config.test?.projects ?? []).flatMap((project) =>
		typeof project === "object" && "test" in project
			? globSync([...(project.test?.include ?? [])], { cwd: root })
			: [],
	),
);

function readTest(path: string): string | null {
	return run.has(path) && existsSync(`${root}${path}`) ? readFileSync(`${root}${path}`, "utf8") : null;
}
