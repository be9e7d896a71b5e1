import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest, nearestWordMax } from "../../src/domain/nearest.ts";

const keys = ["email", "customerId", "displayName", "details", "organizations", "clientRef"];

describe("the nearest of some words", () => {
	test.each([
		["emial", "email"],
		["emai", "email"],
		["Email", "email"],
		["e_mail", "email"],
		["display_name", "displayName"],
		["displayname", "displayName"],
		["customerID", "customerId"],
		["organisations", "organizations"],
		["detail", "details"],
	])("to %j is %j", (word, meant) => {
		expect(nearest(word, keys)).toBe(meant);
	});

	test.each(["phone", "name", "x", "", " ", "__proto__", "constructor"])("to %j is none", (word) => {
		expect(nearest(word, keys)).toBeNull();
	});

	test("is none among none", () => {
		expect(nearest("email", [])).toBeNull();
	});

	test("is the first of those equally near", () => {
		expect(nearest("tier 1", ["tier 2", "tier 3"])).toBe("tier 2");
	});

	test("is the nearer one, wherever it stands", () => {
		expect(nearest("platnum", ["platform", "platinum", "planum"])).toBe("platinum");
	});

	test("is not a word of which every letter would have to change", () => {
		expect(nearest("a", ["b"])).toBeNull();
		expect(nearest("a", ["A"])).toBe("A");
	});

	test("is searched for words of 32 characters at most, and a longer one is not looked at", () => {
		const word = "a".repeat(nearestWordMax);
		expect(nearest(word, [`${word.slice(1)}b`])).toBe(`${word.slice(1)}b`);
		expect(nearest(`${word}a`, [`${word}a`])).toBeNull();
		expect(nearest("a".repeat(1_000_000), [`${word}a`])).toBeNull();
	});

	test("is within a third of the word's length in edits, and no candidate is nearer", () => {
		const word = fc.string({
			unit: fc.constantFrom("a", "b", "c", "д"),
			minLength: 1,
			maxLength: nearestWordMax,
		});
		const edited = fc
			.tuple(word, fc.array(fc.tuple(fc.nat(32), fc.nat(3)), { maxLength: 5 }))
			.map(([text, edits]) => ({
				word: text,
				candidates: [edits.reduce(edit, text), edits.slice(0, 2).reduce(edit, text), "c".repeat(5)],
			}));
		fc.assert(
			fc.property(edited, ({ word: asked, candidates }) => {
				const allowed = Math.min(4, Math.max(1, Math.floor(asked.length / 3)), asked.length - 1);
				const distances = candidates.map((candidate) => distance(asked, candidate));
				const least = Math.min(...distances);
				const meant = least <= allowed ? (candidates[distances.indexOf(least)] ?? null) : null;
				expect(nearest(asked, candidates)).toBe(meant);
			}),
			{ numRuns: 2_000 },
		);
	});
});

/** One letter changed, left out or put in, or two swapped. */
function edit(text: string, [place, kind]: readonly [number, number]): string {
	const at = place % (text.length + 1);
	const [before, after] = [text.slice(0, at), text.slice(at)];
	if (kind === 0) return `${before}b${after.slice(1)}`;
	if (kind === 1) return `${before}${after.slice(1)}`;
	if (kind === 2) return `${before}c${after}`;
	return `${before}${after.charAt(1)}${after.charAt(0)}${after.slice(2)}`;
}

/** Optimal string alignment, by the book: the slow table that the bit operations stand for. */
function distance(a: string, b: string): number {
	const table = Array.from({ length: a.length + 1 }, (_, row) =>
		Array.from({ length: b.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
	);
	const cell = (row: number, column: number): number => table[row]?.[column] ?? Number.POSITIVE_INFINITY;
	for (let row = 1; row <= a.length; row += 1) {
		for (let column = 1; column <= b.length; column += 1) {
			const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
			const edits = Math.min(
				cell(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1),
				cell(row - 1, column) + 1,
				cell(row, column - 1) + 1,
				swapped ? cell(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
			);
			table[row]?.splice(column, 1, edits);
		}
	}
	return cell(a.length, b.length);
}
