import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";

describe("an edit in a details request", () => {
	const tier = { name: "Tier", type: { name: "SELECT", options: ["Free", "Premium"] } };
	const tags = { name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Green", "Blue"] } };
	const before = { tier: "Free", tags: ["Red", "Green"], note: "n", score: 7, active: true };

	/** An edit, and the customer's details after it where they were `before`. */
	const edits: readonly [string, unknown, Readonly<Record<string, unknown>>][] = [
		["UPDATE replaces a text", { fieldId: "note", operation: "UPDATE", value: "m" }, { note: "m" }],
		["UPDATE is meant where no operation is named", { fieldId: "note", value: "m" }, { note: "m" }],
		["UPDATE replaces a list", { fieldId: "tags", operation: "UPDATE", value: ["Blue"] }, { tags: ["Blue"] }],
		["UPDATE takes one text for a list", { fieldId: "tags", value: "blue" }, { tags: ["Blue"] }],
		["UPDATE takes a list of one for a text", { fieldId: "note", value: ["m"] }, { note: "m" }],
		[
			"PATCH adds to a MULTISELECT",
			{ fieldId: "tags", operation: "PATCH", value: ["blue", "RED"] },
			{ tags: ["Red", "Green", "Blue"] },
		],
		["PATCH of nothing adds nothing", { fieldId: "tags", operation: "PATCH", value: null }, {}],
		[
			"PATCH is UPDATE for a SELECT",
			{ fieldId: "tier", operation: "PATCH", value: "premium" },
			{ tier: "Premium" },
		],
		["PATCH is UPDATE for a TEXT", { fieldId: "note", operation: "PATCH", value: "m" }, { note: "m" }],
		["PATCH is UPDATE for a NUMBER", { fieldId: "score", operation: "PATCH", value: 8 }, { score: 8 }],
		[
			"PATCH is UPDATE for a BOOLEAN",
			{ fieldId: "active", operation: "PATCH", value: "FALSE" },
			{ active: false },
		],
		[
			"PATCH of null clears a TEXT",
			{ fieldId: "note", operation: "PATCH", value: null },
			{ note: undefined },
		],
		["DELETE clears a text", { fieldId: "note", operation: "DELETE" }, { note: undefined }],
		["DELETE clears a list", { fieldId: "tags", operation: "DELETE" }, { tags: undefined }],
		[
			"DELETE clears, whatever value it has",
			{ fieldId: "tier", operation: "DELETE", value: "Free" },
			{ tier: undefined },
		],
		["null clears", { fieldId: "score", operation: "UPDATE", value: null }, { score: undefined }],
		["an empty text clears", { fieldId: "note", operation: "UPDATE", value: "" }, { note: undefined }],
		[
			"a blank text clears",
			{ fieldId: "note", operation: "UPDATE", value: " \t\u00a0 " },
			{ note: undefined },
		],
		["an empty list clears", { fieldId: "tags", operation: "UPDATE", value: [] }, { tags: undefined }],
		[
			"a list of blanks clears",
			{ fieldId: "tags", operation: "UPDATE", value: ["", null, " "] },
			{ tags: undefined },
		],
		["blanks in a list are left out", { fieldId: "tags", value: ["", "red", " "] }, { tags: ["Red"] }],
		[
			"a SELECT is stored as its option is spelled",
			{ fieldId: "tier", value: " pREMIUM " },
			{ tier: "Premium" },
		],
		["a value twice in a list is kept once", { fieldId: "tags", value: ["red", "RED"] }, { tags: ["Red"] }],
		["a false is a value", { fieldId: "active", value: false }, { active: false }],
		["a zero is a value", { fieldId: "score", value: 0 }, { score: 0 }],
		[
			"a field is named by its name in any case",
			{ fieldId: "  TIER ", value: "premium" },
			{ tier: "Premium" },
		],
		["a number in a TEXT field is its text", { fieldId: "note", value: 5 }, { note: "5" }],
		["true in a TEXT field is its text", { fieldId: "note", value: true }, { note: "true" }],
		["a TEXT keeps its blanks", { fieldId: "note", value: "  m \n" }, { note: "  m \n" }],
	];

	async function prepare(): Promise<TestSite> {
		const site = await muster.aSite();
		await site.post("customer/details/definitions/bulk", {
			detailFields: [
				tier,
				tags,
				{ name: "Note" },
				{ name: "Score", type: "NUMBER" },
				{ name: "Active", type: { name: "BOOLEAN" } },
			],
		});
		return site;
	}

	test("does what its operation and value say, in the guide's shape and in the reference's", async () => {
		const site = await prepare();
		const emailOf = (shape: string, number: number): string => `${shape}-${number}@acme.com`;
		const all = edits.flatMap((edit, number) => [
			{ edit, shape: "guide", email: emailOf("guide", number) },
			{ edit, shape: "reference", email: emailOf("reference", number) },
		]);
		await site.run("customer/profile/bulk", {
			customers: all.map(({ email }) => ({ email, details: before })),
		});
		const task = await site.run("customer/details/bulk", {
			customers: all.map(({ edit: [, edit], shape, email }) =>
				shape === "guide"
					? { email, details: [edit] }
					: { email, operations: [inReferenceShape(edit as GuideEdit)] },
			),
		});
		expect(task.failures).toEqual([]);
		const { results } = (await site.get("customers?limit=100")).body;
		const found = new Map<string, unknown>();
		for (const customer of results) found.set(customer.email, customer.details);
		expect(all.map(({ edit: [title], shape, email }) => [title, shape, found.get(email)])).toEqual(
			all.map(({ edit: [title, , changed], shape }) => [
				title,
				shape,
				withoutUndefined({ ...before, ...changed }),
			]),
		);
	});

	test("stands in a map of a profile as well as in a list, in either shape of body", async () => {
		const site = await prepare();
		const details = [
			{ tier: "premium", "  TAGS ": ["green"], Note: null },
			[
				{ fieldId: "tier", value: "premium" },
				{ fieldId: "TAGS", value: "green" },
				{ fieldId: "note", operation: "DELETE" },
			],
			[
				{ name: "tier", values: ["premium"] },
				{ name: "TAGS", values: ["green"] },
				{ name: "note", values: [] },
			],
		];
		const items = details.flatMap((each) => [{ details: each }, { payload: { details: each } }]);
		const emails = items.map((_, number) => `customer-${number}@acme.com`);
		await site.run("customer/profile/bulk", {
			customers: emails.map((each) => ({ email: each, details: before })),
		});
		const task = await site.run("customer/profile/bulk", {
			customers: items.map((item, number) =>
				"payload" in item
					? { operationType: "UPDATE", payload: { ...item.payload, email: emails[number] } }
					: { ...item, email: emails[number] },
			),
		});
		expect(task.failures).toEqual([]);
		const { results } = (await site.get("customers")).body;
		expect(results.map((customer: { details: unknown }) => customer.details)).toEqual(
			items.map(() => ({ tier: "Premium", tags: ["Green"], score: 7, active: true })),
		);
	});

	test("is kept in the order of the list: of two edits of one field the later one counts", async () => {
		const site = await prepare();
		await site.run("customer/bulk", { customers: [{ email }] });
		await site.run("customer/details/bulk", {
			customers: [
				{
					email,
					details: [
						{ fieldId: "tags", value: ["Red"] },
						{ fieldId: "note", value: "first" },
						{ fieldId: "Tags", operation: "PATCH", value: ["Blue"] },
						{ fieldId: "NOTE", value: "second" },
					],
				},
			],
		});
		expect(await detailsOf(site)).toEqual({ tags: ["Red", "Blue"], note: "second" });
	});

	test.each<[string, unknown, { code: string; pointer: string; message: string; hint?: string }]>([
		[
			"without a value",
			{ fieldId: "note" },
			{
				code: "invalid_type",
				pointer: "/details/0",
				message: "The edit has no value.",
				hint: 'Send "value" (or "values"), or the operation DELETE to clear the field.',
			},
		],
		[
			"without a field",
			{ value: "m" },
			{
				code: "identity_missing",
				pointer: "/details/0",
				message: "The edit names no detail field: it has neither fieldId nor name.",
			},
		],
		[
			"of a blank field",
			{ fieldId: " ", value: "m" },
			{
				code: "invalid_name",
				pointer: "/details/0/fieldId",
				message: "The name of a detail field is blank.",
			},
		],
		[
			"of an unknown operation",
			{ fieldId: "note", operation: "update", value: "m" },
			{
				code: "invalid_operation_type",
				pointer: "/details/0/operation",
				message: 'operation is "update"; UPDATE, PATCH, DELETE are allowed.',
			},
		],
		[
			"with a list in its list",
			{ fieldId: "tags", value: [["Red"]] },
			{
				code: "invalid_type",
				pointer: "/details/0/value/0",
				message:
					'Invalid detail field value for "Tags": ["Red"] is not a text, a number, true, false or null.',
			},
		],
		[
			"with an object as its value",
			{ fieldId: "note", value: { text: "m" } },
			{
				code: "invalid_type",
				pointer: "/details/0/value",
				message:
					'Invalid detail field value for "Note": {"text":"m"} is not a text, a number, true, false or null.',
			},
		],
		[
			"with several values for one",
			{ fieldId: "note", value: ["m", "n"] },
			{
				code: "invalid_detail_value",
				pointer: "/details/0/value",
				message: 'Invalid detail field value for "Note": it takes one value; 2 were sent.',
			},
		],
		[
			"with an option that is none",
			{ fieldId: "tier", value: "Premum" },
			{
				code: "invalid_detail_value",
				pointer: "/details/0/value",
				message: 'Invalid detail field value for "Tier": "Premum" is not one of its options (Free, Premium).',
				hint: 'Did you mean "Premium"?',
			},
		],
	])("%s is a failure of its item", async (_what, edit, error) => {
		const site = await prepare();
		await site.run("customer/profile/bulk", { customers: [{ email, details: before }] });
		const task = await site.run("customer/details/bulk", { customers: [{ email, details: [edit] }] });
		expect(task.failures).toEqual([{ index: 0, code: error.code, message: error.message, errors: [error] }]);
		expect(await detailsOf(site)).toEqual(before);
	});
});

interface GuideEdit {
	readonly fieldId: string;
	readonly operation?: string;
	readonly value?: unknown;
}

function inReferenceShape({ fieldId, operation, value }: GuideEdit): unknown {
	return {
		...(operation === undefined ? {} : { operationType: operation }),
		payload: {
			name: fieldId,
			...(value === undefined ? {} : { values: Array.isArray(value) ? value : [value] }),
		},
	};
}

function withoutUndefined(details: Readonly<Record<string, unknown>>): unknown {
	return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
}

async function detailsOf(site: TestSite): Promise<unknown> {
	const { results } = (await site.get(`customers?email=${email}`)).body;
	return results[0]?.details;
}
