import { describe, expect, test } from "vitest";
import { editsBetween, meant } from "../src/import/edits.ts";
import {
	ColumnTally,
	checkRow,
	type DateOrder,
	FaultGroups,
	type FilePlan,
	faultOfError,
	findEncoding,
	itemOfRow,
	keyOfRow,
	matchColumns,
	sniffFormat,
} from "../src/import/index.ts";
import { readDay, readValue, suggestValue } from "../src/import/value.ts";

const plan: FilePlan = {
	entity: "customer",
	columns: [
		{ column: "Mail", target: "email", confidence: 1 },
		{ column: "First", target: "firstName", confidence: 1 },
		{ column: "Last", target: "lastName", confidence: 1 },
		{ column: "Company", target: "organization", confidence: 1 },
		{
			column: "Since",
			target: { detail: "Member since", type: "DATE", options: [], isKnown: true, dates: "dmy" },
			confidence: 1,
		},
		{
			column: "Tier",
			target: { detail: "Tier", type: "SELECT", options: ["Platinum", "Gold"], isKnown: true, dates: null },
			confidence: 1,
		},
		{ column: "Index", target: "skip", confidence: 1 },
	],
};
const row = [" a@example.com ", "Ann", "Smith", "Acme", "31.12.2026", "gold", "1"];

test("a row becomes an item: names joined, days turned round, blank cells left out", () => {
	expect(itemOfRow(plan, row, { dialect: "guide", ref: "a.csv:2" })).toEqual({
		clientRef: "a.csv:2",
		email: "a@example.com",
		displayName: "Ann Smith",
		details: { "Member since": "2026-12-31", Tier: "Gold" },
		organizations: ["Acme"],
	});
	expect(itemOfRow(plan, ["a@example.com"], { dialect: "guide", ref: "a.csv:3" })).toEqual({
		clientRef: "a.csv:3",
		email: "a@example.com",
	});
});

test("in the reference's shape, details are a list and organizations are named by their ids", () => {
	const organizationIds = new Map([["acme", "17"]]);
	expect(itemOfRow(plan, row, { dialect: "reference", ref: "a.csv:2", organizationIds })).toEqual({
		operationType: "UPSERT",
		payload: {
			email: "a@example.com",
			displayName: "Ann Smith",
			details: [
				{ name: "Member since", values: ["2026-12-31"] },
				{ name: "Tier", values: ["Gold"] },
			],
			associateOrganizations: { organizationIds: ["17"] },
		},
	});
});

test("a check finds every fault of a row, with the column, the value and what was probably meant", () => {
	expect(checkRow(plan, row)).toEqual([]);
	expect(checkRow(plan, ["ann at example.com", "Ann", "", "", "2026-02-30", "Platnum"])).toEqual([
		{ code: "invalid_email", column: "Mail", value: "ann at example.com", message: expect.any(String) },
		{ code: "invalid_detail_value", column: "Since", value: "2026-02-30", message: expect.any(String) },
		{
			code: "invalid_detail_value",
			column: "Tier",
			value: "Platnum",
			message: '"Platnum" does not fit the field Tier, a SELECT.',
			hint: "Did you mean Platinum?",
		},
	]);
	expect(checkRow(plan, [...row, "more"])).toMatchObject([{ code: "too_many_cells", value: "more" }]);
	expect(keyOfRow(plan, row)).toBe(keyOfRow(plan, ["A@Example.com"]));
});

test.each([
	["/email", "Mail"],
	["/displayName", "First"],
	["/organizations/0", "Company"],
	["/details/Member since", "Since"],
	["/payload/details/1/values/0", "Tier"],
	["/payload/email", "Mail"],
	["", null],
])("what the service says of %s is told of the column %s", (pointer, column) => {
	const dialect = pointer.startsWith("/payload") ? "reference" : "guide";
	const item = itemOfRow(plan, row, { dialect, ref: "a.csv:2" });
	const error = { code: "x", pointer, message: "No." };
	expect(faultOfError(plan, row, item, error).column).toBe(column);
});

test("faults are counted by code and column, and the first few are kept with their places", () => {
	const groups = new FaultGroups();
	for (let line = 2; line < 20; line += 1) {
		const fault = { code: "invalid_email", column: "Mail", value: `v${line}`, message: "No." };
		groups.add({ file: "a.csv", line }, fault);
	}
	const [group, ...others] = groups.list();
	expect(others).toEqual([]);
	expect({ count: group?.count, lines: group?.first.map(({ line }) => line) }).toEqual({
		count: 18,
		lines: [2, 3, 4, 5, 6],
	});
});

describe("days", () => {
	test.each<[string, DateOrder, string | null]>([
		["2026-12-31", "mdy", "2026-12-31"],
		["2026/1/5", "ymd", "2026-01-05"],
		["2026-12-31T10:22:00Z", "ymd", "2026-12-31"],
		["31.12.2026", "dmy", "2026-12-31"],
		["12/31/2026", "mdy", "2026-12-31"],
		["3/4/2026", "dmy", "2026-04-03"],
		["3/4/2026", "mdy", "2026-03-04"],
		["31.12.2026", "ymd", null],
		["2026-02-30", "ymd", null],
		["29.02.2025", "dmy", null],
		["12/31/26", "mdy", null],
	])("%s in the order %s is %s", (text, order, day) => {
		expect(readDay(text, order)).toBe(day);
	});

	test.each<[readonly string[], DateOrder | null]>([
		[["2026-12-31", "2026-01-02"], "ymd"],
		[["31/12/2026", "01/02/2026"], "dmy"],
		[["12/31/2026", "01/02/2026"], "mdy"],
		[["01/02/2026", "03/04/2026"], null],
		[["31/12/2026", "12/31/2026"], null],
	])("the order of %j is %s", (values, order) => {
		const tally = new ColumnTally();
		for (const value of values) tally.add(value);
		expect(tally.dates()).toBe(order);
	});
});

test("yes and no are true and false, and a list is a list", () => {
	const form = { options: ["Red", "Blue"], dates: null };
	expect(readValue("Yes", { ...form, type: "BOOLEAN" })).toBe("true");
	expect(readValue("Red;blue", { ...form, type: "MULTISELECT" })).toEqual(["Red", "blue"]);
	expect(readValue("Red;green", { ...form, type: "MULTISELECT" })).toBeNull();
	expect(suggestValue("1,234.5", { ...form, type: "NUMBER" })).toBe("Did you mean 1234.5?");
	expect(suggestValue("many", { ...form, type: "NUMBER" })).toBeUndefined();
});

test("edits count letters more, less, changed and swapped", () => {
	expect(editsBetween("emial", "email")).toBe(1);
	expect(editsBetween("", "abc")).toBe(3);
	expect(editsBetween("kitten", "sitting")).toBe(3);
	expect(meant("Cosmetcis", ["Dairy", "Cosmetics"])).toBe("Cosmetics");
	expect(meant("no", ["yes", "na"])).toBeNull();
});

describe("how a file is written", () => {
	test.each([
		["a,b\n1,2\n", { kind: "csv", delimiter: "," }],
		['a;b\n"x,y,z";2\n', { kind: "csv", delimiter: ";" }],
		["a\tb, and c\n1\t2\n", { kind: "csv", delimiter: "\t" }],
		["email\na@example.com\n", { kind: "csv", delimiter: "," }],
		['{"a":1}\n{"a":2}\n', { kind: "jsonl" }],
		['[\n{"a":1}]', { kind: "json" }],
		['{\n"a":1}', { kind: "json" }],
	])("%j", (text, format) => {
		expect(sniffFormat(text, true)).toEqual(format);
	});

	test("text is UTF-8 where every byte fits, however late one does not", async () => {
		async function* chunks(...parts: readonly (string | number[])[]): AsyncGenerator<Uint8Array> {
			for (const part of parts)
				yield typeof part === "string" ? new TextEncoder().encode(part) : Uint8Array.from(part);
		}
		expect(await findEncoding(chunks("name\nJos", [0xc3], [0xa9]))).toBe("utf-8");
		expect(await findEncoding(chunks("a".repeat(100_000), [0xe9, 0x0a]))).toBe("windows-1252");
		expect(await findEncoding(chunks([0xff, 0xfe, 0x61, 0]))).toBe("utf-16le");
		expect(await findEncoding(chunks([0, 0x61, 0, 0x62]))).toBe("utf-16be");
	});
});

test("columns that failed.csv adds are left out when it is imported", () => {
	const columns = ["email", "code", "line", "code (2)", "error", "hint"];
	const fed = ["email", "line", "code", "error", "hint"];
	const targets = (names: readonly string[]) =>
		matchColumns(
			"customer",
			names,
			names.map(() => new ColumnTally()),
			{ fields: [], createFields: true },
		).columns.map(({ target }) => (typeof target === "string" ? target : target.detail));
	expect(targets(fed)).toEqual(["email", "skip", "skip", "skip", "skip"]);
	expect(targets(columns)).toEqual(["email", "code", "line", "code (2)", "error", "hint"]);
});

test("a column that counts rows is left out, also where only some of the rows are fed back", () => {
	const columns = ["Index", "email", "line", "code", "error", "hint"];
	const targets = (counted: readonly string[], names: readonly string[]) => {
		const tallies = names.map(() => new ColumnTally());
		for (const text of counted) tallies[0]?.add(text);
		return matchColumns("customer", names, tallies, { fields: [], createFields: true }).columns[0]?.target;
	};
	expect(targets(["12", "37", "57"], columns)).toBe("skip");
	expect(targets(["1", "2", "3"], columns.slice(0, 2))).toBe("skip");
	// Of a whole file, numbers with gaps may mean something.
	expect(targets(["12", "37", "57"], columns.slice(0, 2))).toMatchObject({ detail: "Index" });
	expect(targets(["57", "12", "37"], columns)).toMatchObject({ detail: "Index" });
});
