import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameCharactersMax, textFault, textValueCharactersMax } from "../../src/domain/text.ts";

const megabyte = 1_000_000;

describe("a text", () => {
	test("of any well-formed characters but U+0000 is kept, within its limit", () => {
		const text = fc.string({ unit: "binary", maxLength: 255 }).filter((sent) => !sent.includes("\0"));
		fc.assert(fc.property(text, (sent) => textFault(sent, 255, "/displayName", "displayName") === null));
	});

	test.each([
		["control characters", "a\u0001\u001f\u007f\u0085\r\n\tb"],
		["bidi marks", "\u202eevil\u202c \u2066x\u2069 \u061c"],
		["emoji and their joiners", "👩‍👩‍👧‍👦 🇩🇪 ❤️"],
		["right-to-left text", "שלום مرحبا"],
		["noncharacters", "\ufffe\uffff\u{10ffff}"],
		["code of other languages", "'; drop table customer; -- <script>{{7*7}}%00=cmd|'/c calc'!A1"],
	])("keeps %s as sent", (_what, sent) => {
		expect(textFault(sent, 255, "/displayName", "displayName")).toBeNull();
	});

	test("is measured in code points, not in UTF-16 units", () => {
		expect(textFault("👍".repeat(255), nameCharactersMax, "/displayName", "displayName")).toBeNull();
		expect(textFault("👍".repeat(256), nameCharactersMax, "/displayName", "displayName")).toEqual({
			code: "text_too_long",
			pointer: "/displayName",
			message: "displayName is 256 characters long; 255 are allowed.",
		});
	});

	test("is too long exactly when it has more code points than allowed", () => {
		const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
		fc.assert(
			fc.property(text, fc.integer({ min: 1, max: 40 }), (sent, charactersMax) => {
				const tooLong = textFault(sent, charactersMax, "", "name")?.code === "text_too_long";
				expect(tooLong).toBe(Array.from(sent).length > charactersMax);
			}),
		);
	});

	test("that is too long is told by its length", () => {
		expect(textFault("a".repeat(300), nameCharactersMax, "/displayName", "displayName")).toEqual({
			code: "text_too_long",
			pointer: "/displayName",
			message: "displayName is 300 characters long; 255 are allowed.",
		});
		expect(textFault("a".repeat(10_001), textValueCharactersMax, "/value", "value")).toEqual({
			code: "text_too_long",
			pointer: "/value",
			message: "value is 10001 characters long; 10000 are allowed.",
		});
	});

	test.each(["a", "\0", "\ud800", "\u0301", " "])(
		"of a megabyte of %j is judged by its length, not counted to its end",
		(piece) => {
			expect(textFault(piece.repeat(megabyte), nameCharactersMax, "", "name")).toEqual({
				code: "text_too_long",
				pointer: "",
				message: "name is at least 100000 characters long; 255 are allowed.",
			});
		},
	);

	test("with U+0000 is refused with its place in characters", () => {
		expect(textFault("Ann\0", nameCharactersMax, "/displayName", "displayName")).toEqual({
			code: "invalid_text",
			pointer: "/displayName",
			message: "displayName holds U+0000 at character 4, which cannot be kept.",
		});
		expect(textFault("👍\0", nameCharactersMax, "/displayName", "displayName")?.message).toBe(
			"displayName holds U+0000 at character 2, which cannot be kept.",
		);
	});

	test.each([
		["a high one alone", "👍a\ud83d", 3],
		["a low one alone", "\udc4da", 1],
		["two the wrong way round", "ab\udc4d\ud83d", 3],
	])("with half of a surrogate pair is refused with its place: %s", (_what, sent, place) => {
		expect(textFault(sent, nameCharactersMax, "/name", "name")).toEqual({
			code: "invalid_text",
			pointer: "/name",
			message: `name holds half of a surrogate pair at character ${place}, which cannot be kept.`,
		});
	});
});
