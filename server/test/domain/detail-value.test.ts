import { type DetailFieldType, detailFieldTypes, optionsMax } from "@muster/client/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DetailField, readDetailValue } from "../../src/domain/detail-value.ts";
import { type Fault, show } from "../../src/domain/fault.ts";
import { parseJson } from "../../src/domain/json.ts";

const tiers = ["Free", "Premium", "Platinum"];
const singleTypes = detailFieldTypes.filter((type) => type !== "MULTISELECT");
const megabyte = 1_000_000;

describe("any detail value", () => {
	test.each(detailFieldTypes)("of a %s is cleared by null, a blank text and a list of such", (type) => {
		for (const sent of [null, "", "  \t\u3000", [], [""], [null], [null, "", " "]]) {
			expect(read(type, sent)).toEqual({ value: null });
		}
	});

	test.each(singleTypes)("of a %s is one value, and a list of one stands for its element", (type) => {
		const sent = good[type];
		expect(read(type, [sent])).toEqual(read(type, sent));
		expect(read(type, [null, sent, " "])).toEqual(read(type, sent));
		expect(read(type, [sent, sent, sent])).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: 'Invalid detail field value for "Field": it takes one value; 3 were sent.',
			field: "Field",
		});
	});

	test.each(detailFieldTypes)(
		"of a %s that is an object or a nested list is refused by its place",
		(type) => {
			const fault = (pointer: string, shown: string): Fault => ({
				code: "invalid_type",
				pointer,
				message: `Invalid detail field value for "Field": ${shown} is not a text, a number, true, false or null.`,
				field: "Field",
			});
			expect(read(type, { __proto__: null, a: 1 })).toEqual(fault("/details/field", '{"a":1}'));
			expect(read(type, [good[type], {}])).toEqual(fault("/details/field/1", "{}"));
			expect(read(type, [["Free"]])).toEqual(fault("/details/field/0", '["Free"]'));
			expect(read(type, parseJson('{"__proto__":{"a":1}}'))).toEqual(
				fault("/details/field", '{"__proto__":{"a":1}}'),
			);
		},
	);

	test.each(detailFieldTypes)("of a %s that no database can keep is refused by its place", (type) => {
		expect(read(type, "a\0")).toEqual({
			code: "invalid_text",
			pointer: "/details/field",
			message:
				'Invalid detail field value for "Field": the value holds U+0000 at character 2, which cannot be kept.',
			field: "Field",
		});
		expect(read(type, [null, "\ud800"])).toEqual({
			code: "invalid_text",
			pointer: "/details/field/1",
			message:
				'Invalid detail field value for "Field": the value holds half of a surrogate pair at character 1, which cannot be kept.',
			field: "Field",
		});
	});

	describe.each(detailFieldTypes)("of a %s", (type) => {
		test.each(["a@", "(", "9", "a ", "\u0301\u0327", "-", "\0", "http://a", "👍"])(
			"is judged by its length before anything else: a megabyte of %j",
			(piece) => {
				const charactersMax = type === "TEXT" ? 10_000 : 255;
				expect(read(type, piece.repeat(megabyte / piece.length))).toEqual({
					code: "text_too_long",
					pointer: "/details/field",
					message: expect.stringMatching(
						new RegExp(
							`^Invalid detail field value for "Field": the value is at least \\d+ characters long; ${charactersMax} are allowed\\.$`,
						),
					),
					field: "Field",
				});
			},
		);
	});

	test.each(detailFieldTypes)("of a %s is judged by its count before its elements", (type) => {
		expect(read(type, Array(megabyte).fill("Free"))).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": 1000000 values were sent; ${optionsMax} are allowed.`,
			field: "Field",
		});
	});

	test("never throws, and is kept, cleared or a fault of its field", () => {
		const value = fc.oneof(
			fc.jsonValue(),
			fc.string({ unit: "binary" }),
			fc.constantFrom(...Object.values(good)),
		);
		fc.assert(
			fc.property(fc.constantFrom(...detailFieldTypes), value, (type, sent) => {
				const result = read(type, sent);
				if ("code" in result) {
					expect(result.field).toBe("Field");
					expect(result.pointer).toMatch(/^\/details\/field(\/\d+)?$/);
					expect(result.message).toMatch(/^Invalid detail field value for "Field": /);
				} else {
					// What is kept is read again as itself.
					expect(read(type, result.value)).toEqual(result);
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("a TEXT", () => {
	test("is kept as sent, blanks and all", () => {
		expect(read("TEXT", "  a\r\n\u202eb\u0007 👍 ")).toEqual({ value: "  a\r\n\u202eb\u0007 👍 " });
	});

	test.each([
		["5", "5"],
		["-0", "-0"],
		["1.50", "1.50"],
		["1e400", "1e400"],
		["9007199254740993", "9007199254740993"],
		["true", "true"],
		["false", "false"],
	])("takes the JSON %s as its text", (json, kept) => {
		expect(read("TEXT", parseJson(json))).toEqual({ value: kept });
	});

	test("has 10,000 characters at most", () => {
		expect(read("TEXT", "👍".repeat(10_000))).toEqual({ value: "👍".repeat(10_000) });
		expect(read("TEXT", "a".repeat(10_001))).toEqual({
			code: "text_too_long",
			pointer: "/details/field",
			message:
				'Invalid detail field value for "Field": the value is 10001 characters long; 10000 are allowed.',
			field: "Field",
		});
	});
});

describe("a NUMBER", () => {
	test.each([
		"0",
		"-0",
		"7",
		"-12.5",
		"1.50",
		"0.10",
		"1e400",
		"-1E-400",
		"1e+5",
		"9007199254740993",
		"3.14159265358979323846264338",
		"9".repeat(255),
	])("keeps the digits of %s, sent as a number or as a text", (digits) => {
		expect(read("NUMBER", parseJson(digits))).toEqual({ value: digits });
		expect(read("NUMBER", ` ${digits}\n`)).toEqual({ value: digits });
		expect(read("NUMBER", [digits])).toEqual({ value: digits });
	});

	test("keeps every double, -0 among them, so that it is read back as the same", () => {
		const double = fc.double({ noNaN: true, noDefaultInfinity: true });
		fc.assert(
			fc.property(double, (sent) => {
				const result = read("NUMBER", sent);
				if ("code" in result) throw new Error(result.message);
				expect(Number(result.value)).toBe(sent);
			}),
		);
	});

	test("of 20,000 digits is refused, never rounded", () => {
		expect(read("NUMBER", parseJson("9".repeat(20_000)))).toEqual({
			code: "text_too_long",
			pointer: "/details/field",
			message: 'Invalid detail field value for "Field": the value is 20000 characters long; 255 are allowed.',
			field: "Field",
		});
	});

	test("that has lost its digits is refused, not kept as Infinity", () => {
		for (const type of ["NUMBER", "TEXT"] as const) {
			expect(read(type, Number.POSITIVE_INFINITY)).toMatchObject({ code: "invalid_type", field: "Field" });
		}
	});

	test.each([
		"1,000",
		"1 000",
		"1.000,5",
		"+5",
		".5",
		"5.",
		"00",
		"01",
		"0x10",
		"1e",
		"--1",
		"Infinity",
		"NaN",
		"٣",
		"５",
		"1_000",
		"five",
		"5 €",
	])("is not %s", (sent) => {
		expect(read("NUMBER", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": "${sent}" is not a number.`,
			hint: "Write digits, with a point before decimals and nothing between thousands, such as 1000 or -12.5.",
			field: "Field",
		});
	});

	test("is not true", () => {
		expect(read("NUMBER", true)).toMatchObject({ code: "invalid_detail_value" });
	});
});

describe("a DATE", () => {
	test.each(["2026-12-31", "0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2020-08-24"])(
		"may be %s",
		(sent) => {
			expect(read("DATE", ` ${sent} `)).toEqual({ value: sent });
		},
	);

	test("is a day that the calendar has", () => {
		const part = (max: number, width: number): fc.Arbitrary<string> =>
			fc.integer({ min: 0, max }).map((number) => String(number).padStart(width, "0"));
		fc.assert(
			fc.property(part(9999, 4), part(14, 2), part(33, 2), (year, month, day) => {
				const sent = `${year}-${month}-${day}`;
				const time = Date.parse(`${sent}T00:00:00Z`);
				const real = year !== "0000" && !Number.isNaN(time) && new Date(time).toISOString().startsWith(sent);
				expect("value" in read("DATE", sent)).toBe(real);
			}),
			{ numRuns: 2_000 },
		);
	});

	test.each([
		"2026-02-30",
		"2026-13-01",
		"2026-00-10",
		"2026-04-31",
		"2025-02-29",
		"1900-02-29",
		"0000-01-01",
		"2026-01-00",
	])("is not %s, which no calendar has", (sent) => {
		expect(read("DATE", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": "${sent}" is not a day of the calendar.`,
			field: "Field",
		});
	});

	test.each([
		"31.12.2026",
		"12/31/2026",
		"2026-1-1",
		"20261231",
		"2026-12-31T00:00:00Z",
		"10000-01-01",
		"-001-01-01",
		"２０２６-12-31",
		"today",
	])("is not %s, and the hint says how to write it", (sent) => {
		expect(read("DATE", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": "${sent}" is not a date of the form YYYY-MM-DD.`,
			hint: "Write year, month and day as YYYY-MM-DD, such as 2026-12-31.",
			field: "Field",
		});
	});
});

describe("an EMAIL", () => {
	test("is kept as sent, without surrounding blanks", () => {
		expect(read("EMAIL", " Ann@BÜCHER.example ")).toEqual({ value: "Ann@BÜCHER.example" });
	});

	test("is judged as a customer's email is", () => {
		expect(read("EMAIL", "invalid-email")).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: 'Invalid detail field value for "Field": "invalid-email" has no @.',
			field: "Field",
		});
		expect(read("EMAIL", "ann@localhost")).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: 'Invalid detail field value for "Field": "ann@localhost" has no dot after the @.',
			hint: 'A whole domain is needed, such as "example.com".',
			field: "Field",
		});
	});
});

describe("a PHONE", () => {
	test.each([
		"+1-555-0123",
		"229.077.5154",
		"397.884.0519x718",
		"5153435776",
		"001-808-617-6467x12895",
		"(496)978-3969x58947",
		"+1-539-402-0259",
		"+1-077-121-1558x0687",
		"+49 (0)30 123456",
		"(+49) 30 1234",
		"12345 / 67",
		"911",
		"+44 20 7946 0018 ext. 12",
		"555 0123 EXT 4",
		"555-0123 #12",
		"+ 49 30 1",
	])("may be %s, and is kept as sent", (sent) => {
		expect(read("PHONE", ` ${sent} `)).toEqual({ value: sent });
	});

	test("may be a number", () => {
		expect(read("PHONE", 5550123)).toEqual({ value: "5550123" });
	});

	test.each([
		"call me",
		"12",
		"+",
		"()",
		"+1",
		"1-800-FLOWERS",
		"555-0123x",
		"x12",
		"-555-0123",
		"555+0123",
		"１２３４",
		"555\t0123",
		"12 ext. 3456",
	])("is not %j", (sent) => {
		expect(read("PHONE", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": ${JSON.stringify(sent)} is not a phone number.`,
			hint: "Write at least three digits, with blanks and + ( ) - . / among them if you like, and an extension as x12.",
			field: "Field",
		});
	});

	test("has 40 characters at most", () => {
		expect(read("PHONE", "5".repeat(40))).toEqual({ value: "5".repeat(40) });
		expect(read("PHONE", "5".repeat(41))).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": "${"5".repeat(41)}" is longer than a phone number may be, 40 characters.`,
			field: "Field",
		});
	});
});

describe("a URL", () => {
	test.each([
		"http://www.stephenson.com/",
		"https://goodwin-ingram.com/",
		"HTTPS://Example.com",
		"http://localhost:8080/a?b=c#d",
		"https://bücher.example/ä?q=%20",
		"https://[::1]/",
		"https://example.com/@user",
	])("may be %s, and is kept as sent", (sent) => {
		expect(read("URL", ` ${sent}\n`)).toEqual({ value: sent });
	});

	test.each([
		"www.example.com",
		"example.com",
		"//example.com",
		"/a",
		"ftp://example.com",
		"javascript:alert(1)",
		"data:text/html,x",
		"mailto:a@b.co",
		"http:example.com",
		"http:///example.com",
		"http:\\\\example.com",
		"https://",
		"https://?",
		"https://a:99999",
		"https://exa%00mple.com",
		"https://[::1",
	])("is not %j", (sent) => {
		expect(read("URL", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": ${JSON.stringify(sent)} is not an http or https URL.`,
			hint: 'Write it whole, such as "https://www.example.com".',
			field: "Field",
		});
	});

	test.each([
		"https://exa mple.com",
		"https://example.com/a\tb",
		"https://example.com/\nSet-Cookie: a",
		"https://example.com/\u007f",
		"java\u00a0script:x",
	])("holds no blank and no control character: %j", (sent) => {
		expect(read("URL", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": ${show(sent)} holds a blank or a control character, which a URL cannot.`,
			field: "Field",
		});
	});

	test.each(["https://ann:secret@example.com", "https://ann@example.com", "https://:secret@example.com"])(
		"holds no user name and no password, and the message does not show them: %s",
		(sent) => {
			expect(read("URL", sent)).toEqual({
				code: "invalid_detail_value",
				pointer: "/details/field",
				message: 'Invalid detail field value for "Field": a user name or password stands in the URL.',
				hint: "Leave out what stands before the @.",
				field: "Field",
			});
		},
	);
});

describe("a BOOLEAN", () => {
	test.each([
		[true, "true"],
		[false, "false"],
		["true", "true"],
		[" TRUE ", "true"],
		["False", "false"],
	])("may be %j", (sent, kept) => {
		expect(read("BOOLEAN", sent)).toEqual({ value: kept });
	});

	test.each([1, 0, "1", "0", "yes", "no", "on", "t", "falſe"])("is not %j", (sent) => {
		expect(read("BOOLEAN", sent)).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message: `Invalid detail field value for "Field": "${sent}" is not true or false.`,
			hint: "Write true or false; 1, 0, yes and no are not taken.",
			field: "Field",
		});
	});
});

describe("a SELECT", () => {
	test.each(["Premium", "premium", " PREMIUM "])("takes %j as the option is spelled", (sent) => {
		expect(read("SELECT", sent)).toEqual({ value: "Premium" });
	});

	test("takes a number or true for the option of that text", () => {
		const options = ["1", "2", "True"];
		expect(readDetailValue(aField({ type: "SELECT", options }), 2, "/value")).toEqual({ value: "2" });
		expect(readDetailValue(aField({ type: "SELECT", options }), true, "/value")).toEqual({ value: "True" });
	});

	test("takes an option in either normal form, spelled as it is", () => {
		const options = ["Größe\u0301"];
		expect(readDetailValue(aField({ type: "SELECT", options }), "GRO\u0308ßÉ", "/value")).toEqual({
			value: "Größe\u0301",
		});
	});

	test("takes the first of two options that differ by case alone", () => {
		expect(readDetailValue(aField({ type: "SELECT", options: ["b", "A", "a"] }), "a", "/value")).toEqual({
			value: "A",
		});
	});

	test("names the options and the nearest one where a value is none of them", () => {
		const field = aField({ name: "Tier", type: "SELECT", options: tiers });
		expect(readDetailValue(field, "Platnum", "/details/0/value")).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/0/value",
			message:
				'Invalid detail field value for "Tier": "Platnum" is not one of its options (Free, Premium, Platinum).',
			hint: 'Did you mean "Platinum"?',
			field: "Tier",
		});
	});

	test("is searched for what was meant for twenty different slips; the same slip again keeps its hint", () => {
		const field = aField({ name: "Tier", type: "SELECT", options: tiers });
		const hintOf = (sent: string) => {
			const fault = readDetailValue(field, sent, "");
			return "code" in fault ? fault.hint : undefined;
		};
		const slips = Array.from({ length: 20 }, (_, number) => `Platinum${String.fromCharCode(97 + number)}`);
		for (const slip of slips) expect(hintOf(slip)).toBe('Did you mean "Platinum"?');
		expect(hintOf("Platnum")).toBeUndefined();
		expect(hintOf("Platinuma")).toBe('Did you mean "Platinum"?');
	});

	test("gives no hint where no option is near", () => {
		expect(read("SELECT", "Gold")).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message:
				'Invalid detail field value for "Field": "Gold" is not one of its options (Free, Premium, Platinum).',
			field: "Field",
		});
	});

	test("names ten options and 60 characters of each at most, on one line", () => {
		const options = Array.from({ length: 12 }, (_, index) => `${index}\n${"x".repeat(200)}`);
		const fault = readDetailValue(aField({ type: "SELECT", options }), "y", "/value");
		const shown = options.slice(0, 10).map((_, index) => `${index}\\n${"x".repeat(55)}...`);
		expect(fault).toEqual({
			code: "invalid_detail_value",
			pointer: "/value",
			message: `Invalid detail field value for "Field": "y" is not one of its options (${shown.join(", ")} and 2 more).`,
			field: "Field",
		});
	});

	test("without options takes nothing, and says so", () => {
		expect(readDetailValue(aField({ type: "SELECT", options: [] }), "Free", "/value")).toEqual({
			code: "invalid_detail_value",
			pointer: "/value",
			message: 'Invalid detail field value for "Field": "Free" is not one of its options (it has none).',
			field: "Field",
		});
	});

	test.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"])(
		"takes %s as an option like any other",
		(word) => {
			expect(readDetailValue(aField({ type: "SELECT", options: [word] }), word, "/value")).toEqual({
				value: word,
			});
			expect(read("SELECT", word)).toMatchObject({ code: "invalid_detail_value" });
		},
	);
});

describe("a MULTISELECT", () => {
	test("takes a list or a single value, as the options are spelled", () => {
		expect(read("MULTISELECT", ["PLATINUM", "free"])).toEqual({ value: ["Platinum", "Free"] });
		expect(read("MULTISELECT", "free")).toEqual({ value: ["Free"] });
	});

	test("keeps the order sent and no repeats or blanks", () => {
		expect(read("MULTISELECT", ["Premium", null, "Free", "premium", "", "FREE"])).toEqual({
			value: ["Premium", "Free"],
		});
	});

	test("takes all of its two thousand options at once", () => {
		const options = Array.from({ length: optionsMax }, (_, index) => `Option ${index}`);
		expect(readDetailValue(aField({ type: "MULTISELECT", options }), options, "/value")).toEqual({
			value: options,
		});
	});

	test("names every value that is none of its options, three at most", () => {
		expect(read("MULTISELECT", ["Free", "Gold", "Premum"])).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message:
				'Invalid detail field value for "Field": "Gold", "Premum" are not among its options (Free, Premium, Platinum).',
			field: "Field",
		});
		expect(read("MULTISELECT", ["Fre", "b", "c", "d", "e"])).toEqual({
			code: "invalid_detail_value",
			pointer: "/details/field",
			message:
				'Invalid detail field value for "Field": "Fre", "b", "c" and 2 more are not among its options (Free, Premium, Platinum).',
			hint: 'Did you mean "Free"?',
			field: "Field",
		});
	});
});

const good: Readonly<Record<DetailFieldType, string>> = {
	TEXT: "anything",
	NUMBER: "12.50",
	DATE: "2026-12-31",
	EMAIL: "ann@example.com",
	PHONE: "+1-555-0123",
	URL: "https://example.com",
	BOOLEAN: "true",
	SELECT: "Premium",
	MULTISELECT: "Premium",
};

function aField(given: Partial<DetailField>): DetailField {
	// A list of its own: what was searched in it is remembered with the list.
	return { id: "field", name: "Field", type: "TEXT", ...given, options: [...(given.options ?? [])] };
}

function read(type: DetailFieldType, value: unknown): ReturnType<typeof readDetailValue> {
	const options = type === "SELECT" || type === "MULTISELECT" ? tiers : [];
	return readDetailValue(aField({ type, options }), value, "/details/field");
}
