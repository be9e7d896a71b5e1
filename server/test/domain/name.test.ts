import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameKey, readName } from "../../src/domain/name.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });

describe("a name", () => {
	test("is shown as sent without surrounding blanks, and unique ignoring case", () => {
		expect(readName(" \t Acme  Corporation\u00a0\n", "/name", "name")).toEqual({
			text: "Acme  Corporation",
			key: "acme  corporation",
		});
	});

	test.each(["", " ", "\u3000\t\r\n\ufeff", " ".repeat(1_000_000)])("that is blank is refused", (sent) => {
		expect(readName(sent, "/name", "name")).toEqual({
			code: "invalid_name",
			pointer: "/name",
			message: "name is blank.",
		});
	});

	test("may have 255 characters after trimming, and no more", () => {
		expect(readName(`  ${"é".repeat(255)}  `, "/name", "name")).toEqual({
			text: "é".repeat(255),
			key: "é".repeat(255),
		});
		expect(readName("é".repeat(256), "/name", "name")).toEqual({
			code: "text_too_long",
			pointer: "/name",
			message: "name is 256 characters long; 255 are allowed.",
		});
	});

	test.each(["a@", "(", "9", "a ", "\u0327\u0301", "İ", "Σ"])(
		"of a megabyte of %j is refused by its length",
		(piece) => {
			expect(readName(piece.repeat(1_000_000 / piece.length), "/name", "name")).toEqual({
				code: "text_too_long",
				pointer: "/name",
				message: "name is at least 100000 characters long; 255 are allowed.",
			});
		},
	);

	test.each(["A\0", "\ud800"])("that no database can keep is refused: %j", (sent) => {
		expect(readName(sent, "/name", "name")).toMatchObject({ code: "invalid_text", pointer: "/name" });
	});

	test.each(["__proto__", "constructor", "prototype", "toString"])("may be %s", (sent) => {
		expect(readName(sent, "/name", "name")).toEqual({ text: sent, key: sent.toLowerCase() });
	});
});

describe("the key of a name", () => {
	test("is its own key", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expect(nameKey(nameKey(text))).toBe(nameKey(text));
			}),
		);
	});

	test("is its own key for every character, also beside those that change with it", () => {
		const changed: string[] = [];
		for (let code = 0; code <= 0x1ffff; code += 1) {
			const character = String.fromCodePoint(code);
			for (const text of [character, `J${character}`, `${character}\u030c`, `a${character}b`]) {
				const key = nameKey(text);
				if (nameKey(key) !== key) changed.push(text);
			}
		}
		expect(changed).toEqual([]);
	});

	test("does not change with lower-casing, normal form or surrounding blanks", () => {
		fc.assert(
			fc.property(anyText, (text) => {
				const key = nameKey(text);
				expect(nameKey(text.normalize("NFC"))).toBe(key);
				expect(nameKey(text.normalize("NFD"))).toBe(key);
				expect(nameKey(`\t ${text}\u3000`)).toBe(key);
			}),
		);
		const letters = fc.string({ unit: fc.constantFrom(..."aBcÄöÜéÑøÅŁжЖΣσςßẞЙ ") });
		fc.assert(
			fc.property(letters, (text) => {
				expect(nameKey(text.toLowerCase())).toBe(nameKey(text));
			}),
		);
	});

	test.each([
		["ACME", "acme"],
		["Café", "CAFE\u0301"],
		["ΟΔΟΣ", "οδος"],
		["ΟΔΟΣ", "οδοσ"],
		["J\u030c", "ǰ"],
		["Åsa", "\u212bsa"],
	])("is one for %j and %j", (one, other) => {
		expect(nameKey(one)).toBe(nameKey(other));
	});

	test.each([
		["Straße", "Strasse"],
		["Straße", "STRASSE"],
		["Acme", "Асme"],
		["ısparta", "isparta"],
		["İsparta", "isparta"],
		["Acme  Inc", "Acme Inc"],
		["ﬁne", "fine"],
	])("is not one for %j and %j, which only look alike", (one, other) => {
		expect(nameKey(one)).not.toBe(nameKey(other));
	});
});
