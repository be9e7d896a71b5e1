import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freeSlug, slug, slugCharactersMax } from "../../src/domain/slug.ts";

const anyText = fc.string({ unit: "binary", maxLength: 300 });

describe("a slug", () => {
	test.each([
		["Support Tier", "support-tier"],
		["support-tier", "support-tier"],
		["  --A__b  ", "a-b"],
		["Größe", "grosse"],
		["GRÖSSE", "grosse"],
		["Łódź / Ærø", "lodz-aero"],
		["İstanbul", "istanbul"],
		["ＡＢＣ №5", "abc-no5"],
		["Renewal (2026)", "renewal-2026"],
		["__proto__", "proto"],
		["日本", ""],
		["👍 - !", ""],
		["", ""],
	])("of %j is %j", (name, expected) => {
		expect(slug(name)).toBe(expected);
	});

	test("is words of ASCII letters and digits with single hyphens between, 64 characters at most", () => {
		fc.assert(
			fc.property(anyText, (name) => {
				expect(slug(name)).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
				expect(slug(name).length).toBeLessThanOrEqual(slugCharactersMax);
			}),
		);
	});

	test("is its own slug", () => {
		fc.assert(
			fc.property(anyText, (name) => {
				expect(slug(slug(name))).toBe(slug(name));
			}),
		);
	});

	test.each([
		["a", "a".repeat(64)],
		["a ", "a-".repeat(32).slice(0, -1)],
		["\u0301\u0327", ""],
		["\ufdfa", ""],
		["-", ""],
	])("of a megabyte of %j looks at its beginning alone", (piece, expected) => {
		expect(slug(piece.repeat(1_000_000 / piece.length))).toBe(expected);
	});
});

describe("a free slug", () => {
	const among =
		(...ids: string[]) =>
		(id: string): boolean =>
			ids.includes(id);

	test("is the slug where that is free", () => {
		expect(freeSlug("Support Tier", among())).toBe("support-tier");
	});

	test("counts from 2 where it is taken", () => {
		expect(freeSlug("Support Tier", among("support-tier"))).toBe("support-tier-2");
		expect(freeSlug("Support Tier", among("support-tier", "support-tier-2"))).toBe("support-tier-3");
	});

	test("is field, field-2 and so on where nothing is left of the name", () => {
		expect(freeSlug("日本", among())).toBe("field");
		expect(freeSlug("日本", among("field"))).toBe("field-2");
	});

	test("stays within 64 characters, and ends in one hyphen and a number", () => {
		const long = "a".repeat(64);
		expect(freeSlug(long, among(long))).toBe(`${"a".repeat(62)}-2`);
		const hyphen = `${"a".repeat(61)}-bb`;
		expect(freeSlug(hyphen, among(hyphen))).toBe(`${"a".repeat(61)}-2`);
	});

	test("is never taken", () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom("Tier", "tier!", "日本", "", "tier-2", "Field 2")), (names) => {
				const ids = new Set<string>();
				for (const name of names) ids.add(freeSlug(name, (id) => ids.has(id)));
				expect(ids.size).toBe(names.length);
			}),
		);
	});

	test("is given up when everything is taken", () => {
		expect(() => freeSlug("Tier", () => true)).toThrow("No free id");
	});
});
