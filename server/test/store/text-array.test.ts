import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { textArray } from "../../src/store/text-array.ts";

let client: pg.Client;
beforeAll(async () => {
	client = new pg.Client({ connectionString: inject("database").adminUrl });
	await client.connect();
});
afterAll(() => client.end());

async function backFromDatabase(texts: readonly (string | null)[]): Promise<unknown> {
	const { rows } = await client.query("select to_json($1::text[]) as texts", [textArray(texts)]);
	return rows[0].texts;
}

const odd = [
	"",
	" ",
	"NULL",
	"null",
	'"',
	"\\",
	'\\"',
	",",
	"{}",
	"{a,b}",
	"a\nb",
	"é",
	"日本",
	"😀",
	"\u{10ffff}",
	"'",
];

test("every odd text comes back from PostgreSQL as it was sent", async () => {
	expect(await backFromDatabase([...odd, null, ...odd])).toEqual([...odd, null, ...odd]);
});

test("an empty list comes back empty", async () => {
	expect(await backFromDatabase([])).toEqual([]);
});

test("any list of texts and nulls comes back from PostgreSQL as it was sent", async () => {
	// PostgreSQL keeps no NUL, and a half of a pair is no character: neither gets past judging.
	const text = fc
		.string({
			unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom(...odd)),
		})
		.filter((each) => !each.includes("\0"));
	await fc.assert(
		fc.asyncProperty(fc.array(fc.option(text), { maxLength: 30 }), async (texts) => {
			expect(await backFromDatabase(texts)).toEqual(texts);
		}),
		{ numRuns: 200 },
	);
});
