import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fileOf } from "../../src/cli/import/rows.ts";
import { openSource } from "../../src/cli/import/source.ts";
import { aFolder } from "../program.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function linesOf(text: string): Promise<readonly (readonly [line: number, first: string])[]> {
	const { path: folder, remove } = await aFolder();
	cleanups.push(remove);
	const path = join(folder, "people.csv");
	await writeFile(path, text);
	const found: [number, string][] = [];
	for await (const piece of fileOf(await openSource(path)).rows())
		for (const { line, cells } of piece) found.push([line, cells[0] ?? ""]);
	return found;
}

test.each([
	["LF", "\n"],
	["CR LF", "\r\n"],
])("a row is told of by the line that it begins in, whatever its cells hold: %s", async (_, end) => {
	const rows = [
		"Name,Note",
		`first,"one${end}two${end}"`,
		"second,plain",
		"",
		`third,"${end}${end}"`,
		"fourth,",
	];
	expect(await linesOf(rows.join(end))).toEqual([
		[2, "first"],
		[5, "second"],
		[7, "third"],
		[10, "fourth"],
	]);
});

test("a file of many pieces gives every row once, in its place", async () => {
	const rows = Array.from(
		{ length: 20_000 },
		(_, place) => `person ${place} ä€😀,"${place % 7 === 0 ? "\n" : ""}"`,
	);
	const found = await linesOf(`Name,Note\n${rows.join("\n")}\n`);
	expect(found.map(([, first]) => first)).toEqual(rows.map((_, place) => `person ${place} ä€😀`));
	expect(found.at(-1)?.[0]).toBe(2 + 19_999 + Math.ceil(19_999 / 7));
});

test("a quote that is never closed is told of by where its row begins", async () => {
	await expect(linesOf('Name,Note\r\nfirst,"a\r\nb"\r\nsecond,"open\r\nthird,x\r\n')).rejects.toThrow(
		"people.csv cannot be read to its end: a quote is opened in the row that begins behind line 3, and never closed. Close it, or write it twice where it belongs to the text.",
	);
});
