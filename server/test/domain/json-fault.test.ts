import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonFaultIndex } from "../../src/domain/json-fault.ts";

/** A mark stands before the first character that cannot stand there, or at the end where the text ends too early. */
test.each([
	'{"customers": [▮}',
	'{"customers": [{"email": "ann@acme.com",▮}]}',
	"n▮ope",
	"▮'a'",
	"{▮a: 1}",
	'{"a" ▮1}',
	'{"a": 1 ▮"b": 2}',
	'{"a"▮, "b"}',
	"[1 ▮2]",
	"[1,▮]",
	"[1▮}",
	"{▮]",
	"[▮:]",
	"{▮,}",
	"0▮1",
	"-▮x",
	"1▮.e5",
	"1▮e",
	"[tru▮]",
	"[true ▮false]",
	"tru▮th",
	'{"a": "\\▮x"}',
	'{"a": "\\u12▮g4"}',
	'{"a": "line▮\nbreak"}',
	"{} ▮{}",
	"▮\ufeff{}",
	"▮NaN",
	"▮\u00a0{}",
	"▮",
	"  ▮",
	'{"a▮',
	'{"a\\▮',
	'{"a\\u1▮',
	"[1,▮",
	'{"a":▮',
	"tru▮",
	"-▮",
])("%s stops being JSON at the mark", (marked) => {
	const text = marked.replace("▮", "");
	expect(() => JSON.parse(text)).toThrow(SyntaxError);
	expect(jsonFaultIndex(text)).toBe(marked.indexOf("▮"));
});

test("texts have a fault where JSON.parse finds one, and what stands before it could go on", () => {
	const edited = fc
		.tuple(fc.json(), fc.nat(), fc.nat(2), fc.constantFrom(...'{}[]:,"\\ \n\t0-1.eEtu\0x', ""))
		.map(([text, place, cut, character]) => {
			const at = place % (text.length + 1);
			return text.slice(0, at) + character + text.slice(at + cut);
		});
	fc.assert(
		fc.property(edited, (text) => {
			const fault = jsonFaultIndex(text);
			expect(fault === null).toBe(isJson(text));
			if (fault === null) return;
			const before = text.slice(0, fault);
			expect([null, before.length]).toContain(jsonFaultIndex(before));
		}),
		{ numRuns: 2_000 },
	);
});

test("a text of the largest body's size is read without recursion", () => {
	const texts = [
		"[".repeat(8_000_000),
		'"'.padEnd(8_000_001, "\\n"),
		`[${"1,".repeat(4_000_000)}`,
		`"${"\\u0061".repeat(1_000_000)}`,
	];
	expect(texts.map(jsonFaultIndex)).toEqual(texts.map((text) => text.length));
});

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
