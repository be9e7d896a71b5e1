import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

// After RFC 8259, RFC 7493 and the cases that the known suites of JSON parsers agree on (JSONTestSuite: n_ must be refused,
// y_ must be taken, i_ may be either). Each stands by itself as a body, and as a detail value inside of one.

let muster: TestMuster;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	site = await muster.aSite();
});
afterAll(() => muster.close());

const path = "customer/profile/bulk";

/** A text in bytes: what stands in it above U+00FF is written as UTF-8, and "\x.." below it as that byte. */
function bytes(...parts: readonly (string | readonly number[])[]): Buffer {
	return Buffer.concat(
		parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))),
	);
}

/** The value in the place of a detail value. */
function inItem(value: string | Buffer): Buffer {
	return bytes(
		'{"customers":[{"email":"jane.smith@acme.com","details":{"note":',
		[...Buffer.from(value)],
		"}}]}",
	);
}

const notJson: readonly string[] = [
	...[
		"[1 true]",
		'["": 1]',
		'[""],',
		"[1,,2]",
		"[1,,]",
		'["x"]]',
		'["",]',
		'["x"',
		"[x",
		"[3[4]]",
		"[1:2]",
		"[,1]",
	],
	...[
		"[,]",
		"[-]",
		'[   , ""]',
		'["a",\n4\n,1,',
		"[1,]",
		'["\va"\\f]',
		"[*]",
		"[1,\n1\n,1",
		"[{}",
		"[fals]",
		"[nul]",
	],
	...[
		"[tru]",
		"[True]",
		"[NULL]",
		"[nan]",
		"[NaN]",
		"[Infinity]",
		"[-Infinity]",
		"[undefined]",
		"[None]",
		"[++1234]",
	],
	...[
		"[+1]",
		"[+Inf]",
		"[-01]",
		"[-1.0.]",
		"[-2.]",
		"[.-1]",
		"[.2e-3]",
		"[0.1.2]",
		"[0.3e+]",
		"[0.3e]",
		"[0.e1]",
		"[0e+]",
	],
	...[
		"[0e]",
		"[0E]",
		"[1.0e+]",
		"[1.0e-]",
		"[1.0e]",
		"[1 000.0]",
		"[1eE2]",
		"[2.e+3]",
		"[2.e3]",
		"[9.e+]",
		"[0x1]",
		"[0x42]",
	],
	...[
		"[1+2]",
		"[-foo]",
		"[- 1]",
		"[-012]",
		"[-.123]",
		"[-1x]",
		"[1ea]",
		"[.123]",
		"[1.]",
		"[1.2a]",
		"[012]",
		"[1_000]",
		"[1n]",
	],
	...["[1.8011670033376514H-308]", "[\uff11]", "[1e1\u00e5]", "[e1]", "[1,0", "[0b1]", "[0o7]"],
	...[
		'["x", truth]',
		'{"a": true} "x"',
		'{[: "x"}',
		'{"x", null}',
		'{"x"::"b"}',
		'{"a":"a" 123}',
		'{key: "v"}',
		"{1:1}",
	],
	...[
		'{"a" b}',
		'{:"b"}',
		'{"a"',
		'{"a":',
		'{"a":"a',
		'{"id":0,}',
		'{"id":0,,,,,}',
		"{'a':0}",
		'{"a":"b"}/**/',
		'{"a":"b"}#',
	],
	...[
		'{"a":"b",,"c":"d"}',
		'{a: "b"}',
		'{"a":"a',
		'{"foo":"bar", "a"}',
		'{"a":"b"}#{}',
		"{null:null,null:null}",
		'{"a":1 "b":2}',
	],
	...[
		'["\\uD800\\"]',
		'["\\uD800\\u"]',
		'["\\uD800\\u1"]',
		'["\\uD800\\u1x"]',
		'["\\a"]',
		'["\\u00A"]',
		'["\\x00"]',
		'["\\\\\\"]',
	],
	...[
		'["\\\t"]',
		'["\\"]',
		'["\\uqqqq"]',
		'["\\u{1F600}"]',
		'["\\U0001F600"]',
		'["\\\u0000"]',
		'["a\u0000a"]',
		'["new\nline"]',
	],
	...[
		'["\t"]',
		'["\u001f"]',
		"['single']",
		"[\u201cx\u201d]",
		'["x" "y"]',
		'[\\n"]',
		'[\\u0020"x"]',
		'["',
		"['",
		"abc",
	],
	...[
		"<.>",
		"[<null>]",
		"[1]x",
		"[1]]",
		'["asd]',
		"aå",
		"[True]",
		"1]",
		'{"x": true,',
		"[][]",
		"]",
		"2@",
		"{}}",
		'{"":',
	],
	...[
		'{"a":/*comment*/"b"}',
		'{"a": true} // x',
		"[\u000c]",
		"\u2060[]",
		"[\u00a0]",
		"[\u3000]",
		"[\u2028]",
		"*",
		'{"a":"b"}#{',
		"[",
		"{",
	],
	...[
		'["a',
		"[a",
		"{]",
		"[}",
		'[{"":[{"":',
		"",
		" ",
		"\n",
		"// only a comment",
		"@",
		"\\",
		"\\u005b\\u005d",
		'"\\',
		"callback({})",
	],
	...[
		")]}',\n{}",
		"{}\u0000",
		"\u0000{}",
		"--1",
		"yes",
		"0,1",
		"key=value",
		"<?xml version='1.0'?>",
		"a: 1\nb: 2",
		"{'a':1}",
	],
];

const json: readonly string[] = [
	...[
		"[[] ]",
		"[]",
		'[""]',
		'["a"]',
		"[false]",
		'[null, 1, "1", {}]',
		"[null]",
		"[1\n]",
		" [1]",
		"[1,null,null,2]",
		"[2] ",
	],
	...[
		"[123e65]",
		"[0e+1]",
		"[0e1]",
		"[ 4]",
		"[-0.000000000000000000000000000000000000000000000000000000000000000000000000001]",
	],
	...[
		"[20e1]",
		"[-0]",
		"[-123]",
		"[-1]",
		"[1E22]",
		"[1E-2]",
		"[1E+2]",
		"[123e45]",
		"[123.456e78]",
		"[1e-2]",
		"[1e+2]",
		"[123.456789]",
	],
	...[
		'{"asd":"sdf", "dfg":"fgh"}',
		'{"a":"b","a":"c"}',
		'{"a":"b","a":"b"}',
		"{}",
		'{"":0}',
		'{"foo\\u0000bar": 42}',
		'{"min": -1.0e+28}',
	],
	...[
		'{"a":[]}',
		'{"title":"\\u041f\\u043e"}',
		'{\n"a": "b"\n}',
		'["\\u0060\\u012a\\u12AB"]',
		'["\\uD801\\udc37"]',
		'["\\ud83d\\ude39"]',
	],
	...[
		'["\\"\\\\\\/\\b\\f\\n\\r\\t"]',
		'["\\\\u0000"]',
		'["\\""]',
		'["a/*b*/c/*d//e"]',
		'["\\\\a"]',
		'["\\\\n"]',
		'["\\u0012"]',
		'["\uffff"]',
	],
	...[
		'["asd"]',
		'[ "asd"]',
		'["\\uDBFF\\uDFFF"]',
		'["new\\u00A0line"]',
		'["\u{10ffff}"]',
		'["\\u0000"]',
		'["\\u002c"]',
		'["\u03c0"]',
		'["\u{1bfff}"]',
	],
	...[
		'" "',
		'["\\uD834\\uDd1e"]',
		'["\\u0821"]',
		'["\u2028"]',
		'["\u2029"]',
		'["\\u0061\\u30af"]',
		'["new\u007fline"]',
		'["\\uA66D"]',
		'["\u2342"]',
	],
	...[
		'["\\u005C"]',
		'["\\u200B"]',
		'["\\u2064"]',
		'["\\uFDD0"]',
		'["\\uFFFE"]',
		'["\\u0022"]',
		'["\u20ac\ud834\udd1e"]',
		'["a\u007fa"]',
	],
	...["false", "42", "-0.1", "null", '"asd"', "true", '""', '["a"]\n', "[true]", " [] ", "\t\r\n {} \r\n"],
];

const either: readonly string[] = [
	...[
		"[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999]",
	],
	...[
		"[-1e+9999]",
		"[1.5e+9999]",
		"[-123123e100000]",
		"[123123e100000]",
		"[123e-10000000]",
		"[-123123123123123123123123123123]",
	],
	...[
		"[100000000000000000000]",
		"[-237462374673276894279832749832423479823246327846]",
		'{"\\uDFAA":0}',
		'["\\uDADA"]',
		'["\\uD888\\u1234"]',
	],
	...[
		'["\\uD800\\n"]',
		'["\\uDd1ea"]',
		'["\\uD800\\uD800\\n"]',
		'["\\ud800"]',
		'["\\ud800abc"]',
		'["\\uDd1e\\uD834"]',
		'["\\uDFAA"]',
	],
	...[
		'{"__proto__":{"a":1}}',
		'{"constructor":{"prototype":{"a":1}}}',
		'{"toString":1}',
		'{"toJSON":1}',
		'{"length":-1}',
		'{"then":1}',
	],
];

/** Bytes that are no UTF-8, or another encoding's: RFC 8259, 8.1; RFC 7493, 2.1. */
const otherBytes: readonly (readonly [string, Buffer])[] = [
	["a byte order mark", bytes([0xef, 0xbb, 0xbf], "{}")],
	["a byte order mark alone", bytes([0xef, 0xbb, 0xbf])],
	["half a byte order mark", bytes([0xef, 0xbb], "{}")],
	["UTF-16 with its mark", bytes([0xff, 0xfe], "[\u0000]\u0000")],
	["UTF-16, the other way round", bytes([0xfe, 0xff], "\u0000[\u0000]")],
	["UTF-32", bytes("[\u0000\u0000\u0000]\u0000\u0000\u0000")],
	["UTF-7", bytes('{"a":"+ACI-"}+')],
	["Latin-1", bytes('["', [0xe9], '"]')],
	["an overlong slash", bytes('["', [0xc0, 0xaf], '"]')],
	["an overlong NUL", bytes('["', [0xc0, 0x80], '"]')],
	["six bytes of a null", bytes('["', [0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf], '"]')],
	["past U+10FFFF", bytes('["', [0xf4, 0xbf, 0xbf, 0xbf], '"]')],
	["a surrogate as bytes", bytes('["', [0xed, 0xa0, 0x80], '"]')],
	["a pair of surrogates as bytes (CESU-8)", bytes('["', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], '"]')],
	["a lone byte of the middle", bytes('["', [0x81], '"]')],
	["a character cut off", bytes('["', [0xe2, 0x82], '"]')],
	["a character cut off by the end", bytes('["', [0xf0, 0x9f, 0x98])],
	["0xff", bytes('["', [0xff], '"]')],
	["bad bytes behind an escape", bytes('["\\u', [0xe5], '"]')],
	["bad bytes in a number", bytes("[0", [0xe5], "]")],
	["bad bytes in a key", bytes('{"', [0xb9], '":"0",}')],
	["gzip", bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0])],
	["CBOR", bytes([0xa1, 0x61, 0x61, 0x01])],
];

const shown = (text: string): string => JSON.stringify(text).slice(0, 60);

describe("what is no JSON is refused with 400, and nothing is saved", () => {
	test.each(notJson.map((text) => [shown(text), text] as const))("%s", async (_shown, text) => {
		for (const body of [text, inItem(text)]) {
			// An empty body is none, and is said to be.
			if (body === "") continue;
			const refused = await site.post(path, body);
			expect([refused.status, refused.body.code]).toEqual([400, "invalid_json"]);
		}
	});

	test.each(otherBytes)("%s", async (_what, body) => {
		for (const each of [body, inItem(body)]) {
			const refused = await site.post(path, each);
			expect(refused.status).toBe(400);
			expect(["invalid_json", "invalid_encoding", "body_not_object"]).toContain(refused.body.code);
		}
	});

	afterAll(async () => {
		expect((await site.get("tasks")).body).toEqual({ results: [] });
	});
});

describe("what is JSON is read: by itself it is no list of items, and in an item it is a value or a failure", () => {
	const all = [...json, ...either].map((text) => [shown(text), text] as const);

	test.each(all)("%s", async (_shown, text) => {
		const own = await muster.aSite();
		const refused = await own.post(path, text);
		expect(refused.status).toBe(400);
		expect(["body_not_object", "missing_items", "unknown_key"]).toContain(refused.body.code);
		const task = await own.run(path, inItem(text));
		expect([task.status, task.summary.total]).toEqual(["COMPLETED", 1]);
		// The customer is there with the value, or not at all.
		const { results } = (await own.get("customers")).body;
		expect(results.length).toBe(task.summary.created);
		expect(({} as Record<string, unknown>).a).toBe(undefined);
		expect(muster.troubles).toEqual([]);
	});
});

test("a text is given back as it was sent, whatever its escapes", async () => {
	const own = await muster.aSite();
	const sent = '"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\ \u2028\u2029\u007f\ufeff\uffff"';
	await own.run(path, inItem(sent));
	const [{ customerId }] = (await own.get("customers")).body.results;
	const profile = await own.get(`customer/profile/${customerId}`, { base: guideBase });
	expect(profile.body.details).toEqual({ note: JSON.parse(sent) });
});
