import fc from "fast-check";
import { expect, test } from "vitest";
import { looksLikeToken, makeToken } from "../../src/domain/token.ts";

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("a token is mst_ and 49 letters and digits, different for different bytes", () => {
	fc.assert(
		fc.property(bytes, bytes, (one, other) => {
			expect(makeToken(one)).toMatch(/^mst_[0-9A-Za-z]{49}$/);
			expect(makeToken(one) === makeToken(other)).toBe(Buffer.compare(one, other) === 0);
		}),
	);
});

test("a token with one character changed is refused by its checksum", () => {
	fc.assert(
		fc.property(bytes, fc.nat({ max: 48 }), (random, place) => {
			const token = makeToken(random);
			expect(looksLikeToken(token)).toBe(true);
			const at = "mst_".length + place;
			const other = token[at] === "a" ? "b" : "a";
			expect(looksLikeToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
		}),
	);
});

test.each(["", "mst_", "mst_short", `mst_${"0".repeat(49)}`, "x".repeat(53), "a".repeat(1_000_000)])(
	"garbage is refused: %.20s",
	(garbage) => {
		expect(looksLikeToken(garbage)).toBe(false);
	},
);
