import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Email, emailKey, plainKey, readEmail } from "../../src/domain/email.ts";
import { type Fault, show } from "../../src/domain/fault.ts";

describe("an email", () => {
	test("is shown as sent without surrounding blanks, and unique by its key", () => {
		expect(readEmail(" \tAnn.Lee+Tag@Example.COM\u00a0\n", "/email")).toEqual({
			address: "Ann.Lee+Tag@Example.COM",
			key: "ann.lee+tag@example.com",
		});
	});

	test.each([
		"a@b.co",
		"zunigavanessa@smith.info",
		"first.last@sub.domain.example.com",
		"!#$%&'*+-/=?^_`{|}~@example.com",
		"1@2.com",
		"ann@3com.example",
		"ann@a-b--c.example",
		"用户@例子.广告",
		"अजय@डाटा.भारत",
		"квіточка@пошта.укр",
		"👍@👍.example",
		"ann@xn--p1ai.xn--p1ai",
		`${"a".repeat(64)}@example.com`,
		`a@${"b".repeat(63)}.com`,
		`${"é".repeat(64)}@example.com`,
	])("may be %s", (sent) => {
		expect(readEmail(sent, "/email")).toMatchObject({ address: sent });
	});

	test("never throws, and gives a key that is its own key, or a fault at its place", () => {
		const part = fc.oneof(
			fc.string({ unit: "binary", maxLength: 20 }),
			fc.constantFrom(
				"a",
				"J",
				"\u030c",
				"ü",
				"U\u0308",
				".",
				"@",
				"xn--",
				"com",
				"-",
				"\u212a",
				"ß",
				"1",
				"%41",
				"K\u0327",
			),
		);
		const text = fc.oneof(
			fc.array(part, { maxLength: 8 }).map((parts) => parts.join("")),
			fc.tuple(part, part, part).map(([local, label, top]) => `${local}@${label}.${top}`),
		);
		fc.assert(
			fc.property(text, (sent) => {
				const email = readEmail(sent, "/email");
				if ("code" in email) {
					expect(email).toMatchObject({
						pointer: "/email",
						message: expect.stringMatching(/^Invalid email format: /),
					});
				} else {
					expect(email.address).toBe(sent.trim());
					expect(readEmail(email.key, "/email")).toEqual({ address: email.key, key: email.key });
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("one record has one key", () => {
	test.each([
		["ASCII case", "ANN@EXAMPLE.COM", "ann@example.com"],
		["the normal form of the local part", "jose\u0301@example.com", "josé@example.com"],
		["the normal form of the domain", "ann@bu\u0308cher.example", "ann@bücher.example"],
		["punycode", "ann@xn--bcher-kva.example", "ann@bücher.example"],
		["punycode in capitals", "ann@XN--BCHER-KVA.example", "ann@bücher.example"],
		["the case of a letter beyond ASCII in the domain", "ann@BÜCHER.example", "ann@bücher.example"],
		["an ASCII capital that takes up its accent when lower-cased", "J\u030c@example.com", "ǰ@example.com"],
		["an operator in both normal forms", "a<\u0338b@example.com", "a≮b@example.com"],
	])("across %s", (_what, one, other) => {
		expect(keyOf(one)).toBe(keyOf(other));
	});

	test("across the normal forms and ASCII case of any address", () => {
		const local = fc.string({ unit: fc.constantFrom(..."aZéÉüñж한ệ+_"), minLength: 1, maxLength: 12 });
		const label = fc.string({ unit: fc.constantFrom(..."abZ0éüñж한ệ"), minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(local, label, (before, after) => {
				const sent = `${before}@${after}.example`;
				const key = keyOf(sent);
				expect(keyOf(sent.normalize("NFD"))).toBe(key);
				expect(
					keyOf(
						`${before.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}@${after.toUpperCase()}.EXAMPLE`,
					),
				).toBe(key);
			}),
		);
	});
});

describe("addresses that only look alike stay apart", () => {
	test.each([
		["dotless i", "ısabel@example.com", "isabel@example.com"],
		["a capital I with a dot", "İsabel@example.com", "isabel@example.com"],
		["long s before the @", "ſam@example.com", "sam@example.com"],
		["sharp s before the @", "strauß@example.com", "strauss@example.com"],
		["sharp s in the domain", "ann@strauß.example", "ann@strauss.example"],
		["dotless i in the domain", "ann@ısp.example", "ann@isp.example"],
		["Cyrillic a", "аnn@example.com", "ann@example.com"],
		["Cyrillic a in the domain", "ann@exаmple.com", "ann@example.com"],
		["full-width letters before the @", "ａnn@example.com", "ann@example.com"],
		["a ligature before the @", "oﬃce@example.com", "office@example.com"],
		["the case of a letter beyond ASCII before the @", "É@example.com", "é@example.com"],
		["final sigma in the domain", "ann@ας.example", "ann@ασ.example"],
		["an accent", "josé@example.com", "jose@example.com"],
	])("by %s", (_what, one, other) => {
		expect(keyOf(one)).not.toBe(keyOf(other));
	});

	test("for every character, because none beyond ASCII becomes a key of ASCII", () => {
		const merged: string[] = [];
		for (let code = 0x80; code <= 0x1ffff; code += 1) {
			const character = String.fromCodePoint(code);
			const local = readEmail(`a${character}b@example.com`, "");
			if (!("code" in local) && /^[!-~]*$/.test(local.key)) merged.push(character);
			const domain = readEmail(`ann@a${character}b.com`, "");
			if (!("code" in domain) && !/^ann@xn--[a-z0-9-]+\.com$/.test(domain.key)) merged.push(character);
		}
		expect(merged).toEqual([]);
	});
});

describe("an address that would be read as another one is refused", () => {
	test("by the Kelvin sign before the @", () => {
		expect(readEmail("\u212aim@example.com", "/email")).toEqual({
			code: "invalid_email",
			pointer: "/email",
			message: 'Invalid email format: "\u212aim@example.com" holds U+212A, which only looks like "k".',
			hint: 'Write "k" itself.',
		});
	});

	test.each([
		["the Kelvin sign with an accent", "\u212a\u0327im@example.com", "U+212A"],
		["the Greek question mark", "a\u037eb@example.com", "U+037E"],
		["the Greek accent varia", "a\u1fefb@example.com", "U+1FEF"],
		["the Kelvin sign in the domain", "ann@\u212aelvin.example", "U+212A"],
		["long s in the domain", "ann@ſam.example", "U+017F"],
		["full-width letters in the domain", "ann@ｅxample.com", "U+FF45"],
		["mathematical letters in the domain", "ann@\u{1d41a}.com", "U+1D41A"],
		["a circled digit in the domain", "ann@①.com", "U+2460"],
		["a ligature in the domain", "ann@ﬀ.com", "U+FB00"],
		["an ideographic full stop", "ann@example。com", "U+3002"],
		["a half-width ideographic full stop", "ann@example｡com", "U+FF61"],
	])("by %s", (_what, sent, named) => {
		expect(faultOf(sent)).toMatchObject({
			code: "invalid_email",
			message: expect.stringContaining(`holds ${named}, which only looks like`),
		});
	});
});

describe("an email without a sensible form is refused in plain words", () => {
	test.each([
		["invalid-email", "has no @"],
		["ann@example.com@example.org", "has more than one @"],
		["@example.com", "has nothing before the @"],
		["ann@", "has nothing after the @"],
		["@", "has nothing before the @"],
		["ann lee@example.com", "holds a blank at character 4"],
		["👍 @example.com", "holds a blank at character 2"],
		["ann\u00a0lee@example.com", "holds the blank U+00A0 at character 4"],
		["ann\tlee@example.com", "holds the control character U+0009 at character 4"],
		[".ann@example.com", "begins with a dot"],
		["ann.@example.com", "has a dot right before the @"],
		["ann..lee@example.com", "has two dots in a row"],
		["ann@.example.com", "has a dot right after the @"],
		["ann@example.com.", "ends with a dot"],
		["ann@example..com", "has two dots in a row"],
		["ann@1.1", "has a number as its top-level domain"],
		["ann@127.0.0.1", "has a number as its top-level domain"],
		["ann@0x7f.1", "has a number as its top-level domain"],
		["ann@a.0x7f", "has no domain name after the @"],
		["ann@\u0301a.com", "has no domain name after the @"],
		["ann@a℀b.com", "has no domain name after the @"],
		["ann@-a.com", 'has a part of its domain that begins or ends with a hyphen: "-a"'],
		["ann@a-.com", 'has a part of its domain that begins or ends with a hyphen: "a-"'],
		["ann@xn--a-.com", 'has a part of its domain that begins or ends with a hyphen: "xn--a-"'],
		["ann@xn--zz.com", 'has a part of its domain that is not valid punycode: "xn--zz"'],
		["ann@㈀.com", 'has a part of its domain that holds "(" in punycode'],
		[
			`ann@${"b".repeat(64)}.com`,
			"has 64 characters (in punycode) between two dots of its domain; 63 are allowed",
		],
		[`${"a".repeat(65)}@example.com`, "has 65 characters before the @; 64 are allowed"],
		[
			`a@${"ü".repeat(45)}.${"ä".repeat(45)}.${"ö".repeat(45)}.${"é".repeat(45)}.${"à".repeat(45)}.com`,
			"has a domain of 263 characters (in punycode); 253 are allowed",
		],
	])("%s", (sent, trouble) => {
		expect(faultOf(sent)).toEqual({
			code: "invalid_email",
			pointer: "/email",
			message: `Invalid email format: ${show(sent)} ${trouble}.`,
		});
	});

	test("with the value that was seen", () => {
		expect(faultOf("invalid-email").message).toBe('Invalid email format: "invalid-email" has no @.');
	});

	test("with a hint where the domain is not whole", () => {
		expect(faultOf("ann@localhost")).toEqual({
			code: "invalid_email",
			pointer: "/email",
			message: 'Invalid email format: "ann@localhost" has no dot after the @.',
			hint: 'A whole domain is needed, such as "example.com".',
		});
	});

	test.each([
		'"ann"@example.com',
		"ann(work)@example.com",
		"Ann<ann@example.com",
		"ann,bob@example.com",
		"a\\b@example.com",
	])("with a hint where the local part is quoted, commented or listed: %s", (sent) => {
		expect(faultOf(sent)).toMatchObject({
			message: expect.stringMatching(/ before the @, which is not taken\.$/),
			hint: "Quoted local parts and comments are not taken. Before the @ stand letters, digits, dots and !#$%&'*+/=?^_`{|}~-.",
		});
	});

	test.each([
		"[127.0.0.1]",
		"ex%61mple.com",
		"example.com:25",
		"a/b.com",
		"a?b.com",
		"a#b.com",
		"a\\b.com",
		"a_b.com",
	])("with a hint where no domain name follows the @: %s", (domain) => {
		expect(faultOf(`ann@${domain}`)).toMatchObject({
			message: expect.stringMatching(/ after the @, which is not taken\.$/),
			hint: 'After the @ stands a domain name such as "example.com"; address literals are not taken.',
		});
	});

	test.each([
		"\u0001",
		"\u007f",
		"\u0085",
		"\u00ad",
		"\u034f",
		"\u061c",
		"\u180e",
		"\u200b",
		"\u200c",
		"\u200d",
		"\u200e",
		"\u200f",
		"\u2028",
		"\u202a",
		"\u202e",
		"\u2060",
		"\u2066",
		"\u2069",
		"\u3164",
		"\ufe0f",
		"\ufeff",
		"\ufff9",
		"\u{e0041}",
	])("where it holds what nobody sees, before the @ and behind it: %j", (character) => {
		for (const sent of [`a${character}b@example.com`, `ann@a${character}b.com`]) {
			expect(faultOf(sent)).toMatchObject({
				code: "invalid_email",
				message: expect.stringMatching(
					/ holds the (blank|control character|invisible character) U\+[0-9A-F]{4,6} at /,
				),
			});
		}
	});

	test.each(["", " ", "\t\r\n\u3000", " ".repeat(1_000_000)])("where it is blank", (sent) => {
		expect(faultOf(sent)).toEqual({
			code: "invalid_email",
			pointer: "/email",
			message: "Invalid email format: email is blank.",
		});
	});
});

describe("an email that cannot be kept", () => {
	test.each([
		[
			"U+0000",
			"a\0@example.com",
			'Invalid email format: "a\\u0000@example.com" holds U+0000 at character 2, which cannot be kept.',
		],
		[
			"half of a surrogate pair",
			"a@\ud800.com",
			'Invalid email format: "a@\\ud800.com" holds half of a surrogate pair at character 3, which cannot be kept.',
		],
	])("is refused for %s", (_what, sent, message) => {
		expect(faultOf(sent)).toEqual({ code: "invalid_text", pointer: "/email", message });
	});
});

test("the short way to the key of a plain address says what the long way says", () => {
	const part = fc.string({ unit: fc.constantFrom(..."aZ09-.+_'xn"), minLength: 1, maxLength: 70 });
	const label = fc.string({ unit: fc.constantFrom(..."aZ9-xn"), minLength: 1, maxLength: 66 });
	const domain = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
	let short = 0;
	fc.assert(
		fc.property(fc.oneof(fc.tuple(part, domain), fc.tuple(fc.constant("ann"), domain)), ([local, host]) => {
			const key = plainKey(`${local}@${host}`);
			if (key === null) return;
			short += 1;
			expect(key).toBe(emailKey(`${local}@${host}`));
		}),
		{ numRuns: 2_000 },
	);
	expect(short).toBeGreaterThan(50);
	expect(plainKey("Ann.Lee+Tag@Example.COM")).toBe("ann.lee+tag@example.com");
	for (const odd of [
		"ann@xn--p1ai.com",
		"ann@b\u00fccher.example",
		"\u212aelvin@example.com",
		"ann@example.c0m",
		"a..b@c.de",
	]) {
		expect(plainKey(odd)).toBeNull();
	}
});

describe("the length of an email", () => {
	test("is 254 characters at most", () => {
		const domain = `${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(57)}.com`;
		const longest = `${"a".repeat(64)}@${domain.slice(0, 189)}`;
		expect(readEmail(longest, "/email")).toEqual({ address: longest, key: longest });
		expect(longest.length).toBe(254);
		expect(faultOf(`${longest}x`)).toMatchObject({
			code: "invalid_email",
			message: expect.stringMatching(/" is 255 characters long; 254 are allowed\.$/),
		});
	});

	test.each(["a@", "(", "9", "a ", "\u0301\u0327", ".", "@", "👍", "\0", "\ud800", "xn--", "%41"])(
		"is judged before anything else about a megabyte of %j",
		(piece) => {
			expect(faultOf(piece.repeat(1_000_000 / piece.length))).toMatchObject({
				code: "invalid_email",
				message: expect.stringMatching(/ is at least \d+ characters long; 254 are allowed\.$/),
			});
		},
	);
});

function keyOf(sent: string): string {
	const email: Email | Fault = readEmail(sent, "/email");
	if ("code" in email) throw new Error(email.message);
	return email.key;
}

function faultOf(sent: string): Fault {
	const email = readEmail(sent, "/email");
	if ("code" in email) return email;
	throw new Error(`${JSON.stringify(sent)} was taken as ${email.key}`);
}
