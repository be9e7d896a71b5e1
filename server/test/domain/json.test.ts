import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectJson, isRawNumber, parseJson } from "../../src/domain/json.ts";

describe("numbers come back as they were sent", () => {
	test.each([
		"9007199254740993",
		"1e400",
		"-0",
		"1.50",
		"-0.0",
		"123456789012345678901234567890",
		"1E5",
		"0.1e-7",
		"1.0",
	])("%s", (digits) => {
		const text = `{"a":[${digits}],"b":"${digits}"}`;
		expect(JSON.stringify(parseJson(text))).toBe(text);
		const parsed = parseJson(`[${digits}]`);
		expect(Array.isArray(parsed) && isRawNumber(parsed[0])).toBe(true);
	});

	test.each(["0", "-1", "1.5", "42", "999999999999999"])("%s is a plain number", (digits) => {
		expect(parseJson(digits)).toBe(Number(digits));
	});
});

test("any JSON reads as JSON.parse reads it", () => {
	fc.assert(
		fc.property(fc.json(), (text) => {
			expect(JSON.parse(JSON.stringify(parseJson(text)))).toEqual(JSON.parse(text));
		}),
	);
});

test("the same key twice in one object: the last wins", () => {
	expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
	expect(parseJson('{"a":1.50,"a":2}')).toEqual({ a: 2 });
});

test("__proto__ is a key like any other, and reaches no prototype", () => {
	const parsed = parseJson('{"__proto__":{"polluted":1.50}}') as object;
	expect(Object.keys(parsed)).toEqual(["__proto__"]);
	expect("polluted" in parsed).toBe(false);
});

test("depth counts brackets outside texts, whatever stands in the texts", () => {
	expect(inspectJson('[{"a":["[[[[\\"[["]}]').depth).toBe(3);
	expect(inspectJson("[".repeat(100_000)).depth).toBe(100_000);
});

test("text that is no JSON does no harm to the look at it", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (text) => {
			inspectJson(text);
			inspectJson(`"${text}`);
		}),
	);
});
