import { describe, expect, test } from "vitest";
import { ColumnTally, guessEntity, isDetail, matchColumns, type Preset } from "../src/import/index.ts";
import type { Entity } from "../src/index.ts";

/** Rows of a file as a table, first its header; what each column becomes in a word. */
function match(
	table: string,
	options: { entity?: Entity; preset?: Preset; fields?: string[] } = {},
): string[] {
	const [columns = [], ...rows] = table
		.trim()
		.split("\n")
		.map((line) => line.split("|").map((cell) => cell.trim()));
	const tallies = columns.map((_, place) => {
		const tally = new ColumnTally();
		for (const cells of rows) tally.add(cells[place] ?? "");
		return tally;
	});
	const fields = (options.fields ?? []).map((name, position) => ({
		id: name.toLowerCase(),
		name,
		type: { name: "TEXT" as const },
		configuration: { position },
	}));
	const entity = options.entity ?? guessEntity(columns, tallies);
	const plan = matchColumns(entity, columns, tallies, { fields, preset: options.preset, createFields: true });
	return plan.columns.map(({ column, target }) =>
		isDetail(target)
			? `${column} = ${target.isKnown ? "known " : ""}${target.type}`
			: `${column} = ${target}`,
	);
}

describe("headers of known parts are found by their names, whatever their spelling", () => {
	test.each([
		["Email|First Name|Last Name|Company", ["email", "firstName", "lastName", "organization"]],
		["E-mail Address|full_name|Organisation", ["email", "displayName", "organization"]],
		["EMAIL|Vorname|Nachname|Firma", ["email", "firstName", "lastName", "organization"]],
		["Emial|Name|Account Name", ["email", "displayName", "organization"]],
	])("%s", (header, targets) => {
		const columns = header.split("|");
		expect(match(`${header}\na@example.com|x|y|z`)).toEqual(
			columns.map((column, place) => `${column} = ${targets[place]}`),
		);
	});

	test("a header that says nothing is found by its values", () => {
		expect(match("Login|Name\na@example.com|Ann\nb@example.com|Bob")).toEqual([
			"Login = email",
			"Name = displayName",
		]);
	});

	test("each part is taken once: the surer column has it, the other stays a detail", () => {
		expect(match("Organization|Name|Industry\nE84A|Liu-Hoover|Dairy")).toEqual([
			"Organization = TEXT",
			"Name = name",
			"Industry = TEXT",
		]);
	});

	test("ids of another program are no ids of Muster's", () => {
		expect(match("Id|Customer Id|email\n17|DD37|a@example.com")).toEqual([
			"Id = TEXT",
			"Customer Id = TEXT",
			"email = email",
		]);
		expect(match("customerId|email\nqm:1:2|a@example.com")[0]).toBe("customerId = id");
	});

	test("a field of the site takes its column, under its name or its id", () => {
		expect(match("email|support-tier\na@example.com|Gold", { fields: ["Support Tier"] })[1]).toBe(
			"support-tier = known TEXT",
		);
	});
});

describe("presets", () => {
	test.each<[Preset, Entity, string, readonly string[]]>([
		[
			"hubspot",
			"customer",
			"Record ID|First Name|Last Name|Email|Associated Company|Associated Company IDs",
			["TEXT", "firstName", "lastName", "email", "organization", "skip"],
		],
		[
			"salesforce",
			"customer",
			"Id|IsDeleted|FirstName|LastName|Email|Account.Name",
			["TEXT", "skip", "firstName", "lastName", "email", "organization"],
		],
		[
			"zendesk",
			"customer",
			"id|url|name|email|organization|organization_id",
			["TEXT", "skip", "displayName", "email", "organization", "skip"],
		],
		["hubspot", "organization", "Record ID|Company name|Associated Contact", ["TEXT", "name", "skip"]],
	])("%s of a %s", (preset, entity, header, targets) => {
		const columns = header.split("|");
		const cells = columns.map((column) => (/email/i.test(column) ? "a@example.com" : "x"));
		expect(match(`${header}\n${cells.join("|")}`, { preset, entity })).toEqual(
			columns.map((column, place) => `${column} = ${targets[place]}`),
		);
	});
});

describe("a new field has the type that nearly all of its values fit", () => {
	const table = (column: string, values: readonly string[]): string =>
		[`email|${column}`, ...values.map((value, place) => `p${place}@example.com|${value}`)].join("\n");
	const many = (value: string, other: string): string[] => [
		...Array.from({ length: 19 }, () => value),
		other,
	];
	const repeated = (items: number, times: number): string[] =>
		Array.from({ length: items * times }, (_, place) => `Item ${place % items}`);
	test.each<[string, string[], string]>([
		["Employees", many("6852", "6,346"), "NUMBER"],
		["Since", many("2020-08-24", "31.12.2021"), "DATE"],
		["Since", many("24/08/2020", "08/24/2020"), "DATE"],
		["Website", many("http://www.smith.com/", "www.smith.com"), "URL"],
		["VIP", many("yes", "no"), "BOOLEAN"],
		["Phone 1", many("229.077.5154", "n/a"), "PHONE"],
		["Backup mail", ["a@x.com", "b@x.com"], "EMAIL"],
		["Zip", ["94107", "89073"], "TEXT"],
		["Zip of ours", ["01234", "89073"], "TEXT"],
		["Note", ["called twice", "wants a demo"], "TEXT"],
		["Seen", ["2020-08-24 10:22", "2020-08-25 11:30"], "TEXT"],
		["Tier", ["Gold", "Silver"].flatMap((value) => many(value, value)), "SELECT"],
		["Industry", [...repeated(20, 7), "Itme 3"], "SELECT"],
		["Tier", ["Gold", "Silver"].flatMap((value) => Array(10).fill(value)), "TEXT"],
		["City", repeated(20, 7), "TEXT"],
		["Account owner", repeated(20, 7), "TEXT"],
		["Seat", [...repeated(20, 7), "A12", "B77", "C03"], "TEXT"],
		["Nothing", ["", ""], "TEXT"],
	])("%s %#", (column, values, type) => {
		expect(match(table(column, values))[1]).toBe(`${column} = ${type}`);
	});
});
