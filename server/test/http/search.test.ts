import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	site = await aFilledSite(muster);
});
afterAll(() => muster.close());

const fields = [
	{ name: "Tier", type: { name: "SELECT", options: ["Free", "Gold", "Premium"] } },
	{ name: "Seats", type: { name: "NUMBER" } },
	{ name: "Renewal", type: { name: "DATE" } },
	{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Blue", "Gr;een"] } },
	{ name: "Active", type: { name: "BOOLEAN" } },
	{ name: "Notes (a<b)" },
];

const customers = [
	{
		email: "jane.smith@acme.com",
		displayName: "Jane Smith",
		organizations: ["Acme"],
		details: {
			Tier: "Gold",
			Seats: 10,
			Renewal: "2026-01-31",
			Tags: ["Red", "Blue"],
			Active: true,
			"Notes (a<b)": "100%",
		},
	},
	{
		email: "jose@blue.example.com",
		displayName: "JOSÉ GARCÍA",
		details: { Tier: "Free", Seats: "9.50", Renewal: "2025-12-31", Tags: ["Blue"] },
	},
	{
		email: "petra_x@müller.de",
		displayName: "Petra Mu\u0308ller",
		organizations: ["Acme", "Blue"],
		details: { Tier: "Premium", Seats: "1e3", Renewal: "2027-06-01", Tags: ["Gr;een"], Active: false },
	},
	{ email: "petrax@acme.com", displayName: "Smithers", details: { Seats: "-1e99999" } },
	{ email: "odysseus@ithaca.gr", displayName: "Οδυσσεύς" },
];

async function aFilledSite(on: TestMuster): Promise<TestSite> {
	const filled = await on.aSite();
	await filled.post("customer/details/definitions/bulk", { detailFields: fields });
	await filled.post("organization/details/definitions/bulk", { detailFields: fields.slice(0, 2) });
	await filled.run("organization/profile/bulk", {
		organizations: [{ name: "Acme", details: { Tier: "Gold" } }, { name: "Blue" }, { name: "BLÜTE & Co" }],
	});
	const { summary } = await filled.run("customer/profile/bulk", { customers });
	expect(summary).toMatchObject({ created: customers.length });
	return filled;
}

/** The beginnings of the emails or names that a search finds, in the order of the answer. */
async function found(query: Readonly<Record<string, string | readonly string[]>>, entity = "customer") {
	const parameters = new URLSearchParams();
	for (const [name, values] of Object.entries(query)) {
		for (const value of [values].flat()) parameters.append(name, value);
	}
	const answer = await site.get(`${entity}s?${parameters}`);
	expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
	return answer.body.results.map(
		(record: { email?: string; name?: string }) => record.email?.split("@")[0] ?? record.name,
	);
}

const all = customers.map(({ email }) => email.split("@")[0]);

describe("words", () => {
	test.each([
		["jane", ["jane.smith"]],
		["SMITH", ["jane.smith", "petrax"]],
		["mit", ["jane.smith", "petrax"]],
		["smith acme", ["jane.smith", "petrax"]],
		["  jane   acme.com ", ["jane.smith"]],
		["jane petra", []],
		// The blank between email and name is nobody's: no word runs over it.
		["comJane", []],
		["garcía", ["jose"]],
		["GARCÍA", ["jose"]],
		["arcí", ["jose"]],
		["garcia", []],
		["müller", ["petra_x"]],
		["MÜLLER", ["petra_x"]],
		["Mu\u0308ller", ["petra_x"]],
		["οδυσσεύσ", ["odysseus"]],
		["ΟΔΥΣΣΕΎΣ", ["odysseus"]],
		// What LIKE takes for patterns is text here.
		["a_x", ["petra_x"]],
		["%", []],
		["\\", []],
		["'", []],
		["", all],
	])("search=%s", async (search, expected) => {
		expect(await found({ search })).toEqual(expected);
	});

	test.each([
		["acm", ["Acme"]],
		["lüt", ["BLÜTE & Co"]],
		["& bl", ["BLÜTE & Co"]],
		["bl", ["Blue", "BLÜTE & Co"]],
	])("search=%s among organizations", async (search, expected) => {
		expect(await found({ search }, "organization")).toEqual(expected);
	});
});

describe("beginnings", () => {
	test.each([
		[{ email: "PETRA" }, ["petra_x", "petrax"]],
		[{ email: "petra_" }, ["petra_x"]],
		[{ email: "smith" }, []],
		[{ name: "josé g" }, ["jose"]],
		[{ name: "smith" }, ["petrax"]],
		[{ name: " petra mü" }, ["petra_x"]],
		[{ email: "petra", name: "smith" }, ["petrax"]],
	])("%o", async (query, expected) => {
		expect(await found(query)).toEqual(expected);
	});

	test("of an organization's name", async () => {
		expect(await found({ name: "blü" }, "organization")).toEqual(["BLÜTE & Co"]);
	});
});

describe("filters by detail field", () => {
	test.each([
		["equal", "tier=Gold", ["jane.smith"]],
		["an option in any case, a field by name in any case", "TIER=gold", ["jane.smith"]],
		["one of", ["tier=Gold", "tier=Free"], ["jane.smith", "jose"]],
		["one of, or empty", ["tier=Gold", "tier="], ["jane.smith", "petrax", "odysseus"]],
		["another, or empty", "tier!=Gold", ["jose", "petra_x", "petrax", "odysseus"]],
		["none of", ["tier!=Gold", "tier!=Free"], ["petra_x", "petrax", "odysseus"]],
		["empty", "tier=", ["petrax", "odysseus"]],
		["not empty", "tier!=", ["jane.smith", "jose", "petra_x"]],
		["a number, however it is written", "seats=9.5", ["jose"]],
		["another number", "seats!=10.0", ["jose", "petra_x", "petrax", "odysseus"]],
		["numbers by value, not as texts", "seats>9.5", ["jane.smith", "petra_x"]],
		["a range of numbers", ["seats>=9.5", "seats<1000"], ["jane.smith", "jose"]],
		["a number with an exponent", "seats>=1e3", ["petra_x"]],
		["a day and those before it", "renewal<=2026-01-31", ["jane.smith", "jose"]],
		["a range of days", ["renewal>2025-12-31", "renewal<2027-01-01"], ["jane.smith"]],
		["one option of several", "tags=Blue", ["jane.smith", "jose"]],
		["both options are alternatives", ["tags=Red", "tags=Gr;een"], ["jane.smith", "petra_x"]],
		["without an option", "tags!=Blue", ["petra_x", "petrax", "odysseus"]],
		["no options at all", "tags=", ["petrax", "odysseus"]],
		["true or false", "active=false", ["petra_x"]],
		["a field whose name holds an operator, by its id", "notes-a-b=100%", ["jane.smith"]],
		["several fields", ["tags=Blue", "seats<10"], ["jose"]],
	])("%s: %s", async (_what, filter, expected) => {
		expect(await found({ filter })).toEqual(expected);
	});

	test("of organizations", async () => {
		expect(await found({ filter: "tier=Gold" }, "organization")).toEqual(["Acme"]);
	});

	test("beside every other way to search", async () => {
		const query = { search: "acme", organization: "1", filter: "tier=Gold", changedSince: "2026-01-01" };
		expect(await found(query)).toEqual(["jane.smith"]);
		expect(await found({ ...query, search: "blue" })).toEqual([]);
	});

	test.each([
		["tier", /^The query parameter filter is "tier"; a field, one of = != < <= > >=, and a value/],
		[
			"tire=Gold",
			/"tire=Gold"; there is no field "tire"\. Did you mean "Tier"\? Fields are: "Tier", "Seats"/,
		],
		["=Gold", /there is no field ""\./],
		["tier=Golf", /"tier=Golf"\. Invalid detail field value for "Tier": "Golf" is not one of its options/],
		["tier>Gold", /"Tier" is a SELECT, and > compares a NUMBER or a DATE; = and != are allowed/],
		["seats>many", /Invalid detail field value for "Seats": "many" is not a number/],
		["seats>", /> needs a value to compare with/],
		["seats<1e99999", /a number with an exponent of up to four digits is allowed/],
		["renewal<2026-02-30", /Invalid detail field value for "Renewal": "2026-02-30" is not a day/],
		["active=yes", /Invalid detail field value for "Active": "yes" is not true or false/],
	])("%s is refused in words that name field, value and what is allowed", async (filter, words) => {
		const answer = await site.get(`customers?filter=${encodeURIComponent(filter)}`);
		expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
			400,
			"invalid_request",
			expect.stringMatching(words),
		]);
	});
});

describe("by organization and by change", () => {
	test("customers of an organization, none of one that is not there", async () => {
		expect(await found({ organization: "1" })).toEqual(["jane.smith", "petra_x"]);
		expect(await found({ organization: "2" })).toEqual(["petra_x"]);
		expect(await found({ organization: "99" })).toEqual([]);
	});

	test("what was written since a moment, that moment included", async () => {
		const other = await aFilledSite(muster);
		const { results } = (await other.get("customers?email=jose")).body;
		await other.run("customer/profile/bulk", {
			customers: [{ email: "jane.smith@acme.com", displayName: "J" }],
		});
		const [changed] = (await other.get("customers?email=jane")).body.results;
		const since = (moment: string) => other.get(`customers?changedSince=${encodeURIComponent(moment)}`);
		expect(
			(await since(changed.updatedDate)).body.results.map(({ email }: { email: string }) => email),
		).toEqual(["jane.smith@acme.com"]);
		expect((await since(results[0].createdDate)).body.results).toHaveLength(customers.length);
		expect((await since("9999-12-31T23:59:59+00:00")).body.results).toEqual([]);
	});

	test.each([
		["organization", "Acme", /organization is "Acme"; an organization's id, a number, is allowed/],
		[
			"changedSince",
			"yesterday",
			/changedSince is "yesterday"; a date or a date-time with its offset is allowed/,
		],
		["changedSince", "2026-02-30", /changedSince is "2026-02-30"/],
		["changedSince", "2026-01-01T00:00:00", /changedSince is "2026-01-01T00:00:00"/],
		["search", "a b c d e f g h i j k", /up to 10 words in 255 characters are allowed/],
	])("%s=%s is refused in words", async (name, value, words) => {
		const answer = await site.get(`customers?${name}=${encodeURIComponent(value)}`);
		expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(words)]);
	});

	test("what only customers have is not known of organizations", async () => {
		for (const name of ["email", "organization"]) {
			expect((await site.get(`organizations?${name}=1`)).status).toBe(400);
		}
	});

	test("one parameter alone may be repeated, twenty times", async () => {
		expect((await site.get("customers?search=a&search=b")).body.detail).toBe(
			"The query parameter search came more than once.",
		);
		const answer = await site.get(`customers?${"filter=tier!=&".repeat(21)}`);
		expect(answer.body.detail).toBe("The query parameter filter came 21 times; 20 are allowed.");
	});
});
