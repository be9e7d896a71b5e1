import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";

describe("an item with several faults", () => {
	const item = {
		clientRef: "row 7",
		email: "invalid-email",
		displayName: 5,
		details: { tier: ["Free", "Gold"], "": "x", note: {} },
		organizations: ["Nowhere", 7],
		phone: "+1-555-0123",
	};
	const errors = [
		{
			code: "invalid_email",
			pointer: "/email",
			message: 'Invalid email format: "invalid-email" has no @.',
		},
		{ code: "invalid_type", pointer: "/displayName", message: "displayName is 5; a text is expected." },
		{ code: "invalid_name", pointer: "/details/", message: "The name of a detail field is blank." },
		{
			code: "invalid_type",
			pointer: "/organizations/1",
			message: '7 names no organization; a text, {"name"} or {"id"} is expected.',
		},
		{
			code: "unknown_item_key",
			pointer: "/phone",
			message: 'The key "phone" is not known here.',
			hint: "Known keys are clientRef, payload, sourceUpdatedAt, operationType, customerId, email, displayName, details, organizations, associateOrganizations, products, associateProducts.",
		},
		{
			code: "invalid_detail_value",
			pointer: "/details/tier",
			message: 'Invalid detail field value for "Tier": it takes one value; 2 were sent.',
		},
		{
			code: "invalid_type",
			pointer: "/details/note",
			message: 'Invalid detail field value for "note": {} is not a text, a number, true, false or null.',
		},
		{
			code: "organization_not_found",
			pointer: "/organizations/0",
			message: 'No organization of this site has the name "Nowhere".',
			hint: "Send the organizations first, with organization/bulk or organization/profile/bulk.",
		},
	];
	const message = errors.map((error) => error.message).join(" ");

	async function prepare(): Promise<TestSite> {
		const site = await muster.aSite();
		await site.post("customer/details", {
			name: "Tier",
			type: { name: "SELECT", options: ["Free", "Gold"] },
		});
		return site;
	}

	test("is one failure that names them all, in the guide's dialect with a list of them", async () => {
		const site = await prepare();
		const task = await site.run("customer/profile/bulk", { customers: [{ email }, item] });
		expect(task.failures).toEqual([{ index: 1, message, code: "invalid_email", clientRef: "row 7", errors }]);
		expect(await site.results(task.taskId)).toEqual([
			{ index: 0, id: expect.any(String), key: email, outcome: "created" },
			{ index: 1, clientRef: "row 7", key: "invalid-email", outcome: "failed", errors },
		]);
	});

	test("is one failure that names them all in the reference's dialect, with the fields at fault", async () => {
		const site = await prepare();
		const { clientRef, ...payload } = item;
		const body = { customerProfiles: [{ operationType: "CREATE", clientRef, payload }] };
		const task = await site.run("customer/profile/bulk", body, { base: site.referenceBase });
		expect(task.failures).toEqual([
			{
				entity: "CUSTOMER",
				entityId: "invalid-email",
				operation: "CREATE",
				operatedOn: "CUSTOMER_ACCOUNT",
				operatedOnIds: ["Tier", "note"],
				error: message,
				index: 0,
				code: "invalid_email",
				clientRef: "row 7",
			},
		]);
	});

	test("of a details request shows the operation of the first edit at fault", async () => {
		const site = await prepare();
		await site.run("customer/bulk", { customers: [{ email }] });
		const operations = [
			{ operationType: "UPDATE", payload: { name: "Tier", values: ["Free"] } },
			{ operationType: "PATCH", payload: { name: "Tier", values: ["Silver"] } },
			{ operationType: "DELETE", payload: { name: "Note" } },
		];
		const body = { customers: [{ email, operations }] };
		const task = await site.run("customer/details/bulk", body, { base: site.referenceBase });
		expect(task.failures).toMatchObject([{ operation: "PATCH", operatedOnIds: ["Tier"] }]);
	});

	test.each<[string, string, string]>([
		["unknown keys", '"email": "x@acme.com", ', manyTimes((number) => `"key ${number}": 1`)],
		[
			"unknown organizations",
			'"email": "x@acme.com", "organizations": [',
			manyTimes((number) => `"${number}"`),
		],
		["wrong organizations", '"email": "x@acme.com", "organizations": [', manyTimes(() => "5")],
		[
			"details beyond the limit",
			'"email": "x@acme.com", "details": {',
			manyTimes((number) => `"f${number}": 1`),
		],
		["wrong edits", '"email": "x@acme.com", "details": [', manyTimes(() => "5")],
	])("of 70,000 %s fails alone, and the first hundred are told", async (_what, start, faults) => {
		const site = await prepare();
		const end = start.endsWith("[") ? "]" : start.endsWith("{") ? "}" : "";
		const body = `{"customers": [{"email": "${email}"}, {${start}${faults}${end}}, {"email": "bob@acme.com"}]}`;
		const task = await site.run("customer/profile/bulk", body);
		expect(task.summary).toMatchObject({ total: 3, created: 2, failed: 1 });
		expect(task.failures[0].errors.length).toBeGreaterThanOrEqual(100);
		expect(task.failures[0].errors.length).toBeLessThan(110);
		expect(task.failures[0].message).toMatch(/ Further faults are not listed\.$/);
		expect(muster.troubles).toEqual([]);
	});

	test("shows the id of a record that is known, however the item named it", async () => {
		const site = await prepare();
		const made = await site.run("customer/bulk", { customers: [{ email }] });
		const [{ id }] = await site.results(made.taskId);
		const details = { tier: "Silver" };
		const customers = [
			{ email, details },
			{ customerId: id, details },
			{ customerId: id, email: "new@acme.com", details },
		];
		const task = await site.run("customer/profile/bulk", { customers }, { base: site.referenceBase });
		expect(task.failures.map((failure: { entityId: string }) => failure.entityId)).toEqual([id, id, id]);
		expect((await site.results(task.id)).map((result) => [result.id, result.key])).toEqual([
			[id, email],
			[id, id],
			[id, "new@acme.com"],
		]);
	});
});

function manyTimes(write: (number: number) => string): string {
	return Array.from({ length: 70_000 }, (_, number) => write(number)).join(", ");
}

describe("an unknown key in an item", () => {
	test("fails the item by name, with what was probably meant", async () => {
		const site = await muster.aSite();
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ emial: email },
				{ email, displayname: "Jane" },
				{ operationType: "UPSERT", email, payload: { email, detail: {} } },
				{ email, details: [{ fieldId: "note", value: "n", op: "UPDATE" }] },
				{ email, details: [{ operationType: "UPDATE", payload: { name: "note", value: "n", vales: [] } }] },
				{ email, organizations: [{ name: "Acme", nmae: "Acme" }] },
				{ email, associateOrganizations: { organizationIds: [], organizationNames: [] } },
				{ email, details: [{ fieldId: "note", name: "note", value: "n", values: ["n"] }] },
				{ email, __proto__x: 1, constructor: 2, siteId: site.siteId },
			],
		});
		const found = task.failures.map(
			({ index, errors }: { index: number; errors: { code: string; pointer: string; hint?: string }[] }) => [
				index,
				...errors
					.filter((error) => error.code === "unknown_item_key")
					.map(({ pointer, hint }) => `${pointer}: ${hint?.replace(/^Known keys are .*/, "known")}`),
			],
		);
		expect(found).toEqual([
			[0, '/emial: Did you mean "email"?'],
			[1, '/displayname: Did you mean "displayName"?'],
			[2, "/email: known", '/payload/detail: Did you mean "details"?'],
			[3, "/details/0/op: known"],
			[4, '/details/0/payload/vales: Did you mean "values"?'],
			[5, '/organizations/0/nmae: Did you mean "name"?'],
			[6, '/associateOrganizations/organizationNames: Did you mean "organizationIds"?'],
			[7, "/details/0/name: known", '/details/0/value: Did you mean "values"?'],
			[8, "/__proto__x: known", "/constructor: known", "/siteId: known"],
		]);
		expect((await site.get("customers")).body.results).toEqual([]);
	});

	test("fails a details item that has edits in two places, since one would be dropped in silence", async () => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email }] });
		const edits = [{ fieldId: "note", value: "n" }];
		const task = await site.run("customer/details/bulk", {
			customers: [
				{ email, details: edits, operations: edits },
				{ operations: edits, payload: { email, details: edits } },
			],
		});
		const pointers = task.failures.map(({ errors }: { errors: { code: string; pointer: string }[] }) =>
			errors.map((error) => [error.code, error.pointer]),
		);
		expect(pointers).toEqual([[["unknown_item_key", "/details"]], [["unknown_item_key", "/operations"]]]);
	});

	test("is refused by name also where it is __proto__", async () => {
		const site = await muster.aSite();
		const task = await site.run(
			"customer/bulk",
			`{"customers": [{"email": "${email}", "__proto__": {"displayName": "Polluted"}}]}`,
		);
		expect(task.failures).toMatchObject([{ code: "unknown_item_key", errors: [{ pointer: "/__proto__" }] }]);
	});

	test("is ignored where the site is set so, at every depth of the item", async () => {
		const site = await muster.aSite({ unknownKeys: "ignore" });
		await site.run("organization/bulk", { organizations: [{ name: "Acme", since: 1999 }] });
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "a@acme.com", phone: "1", organizations: [{ name: "Acme", since: 1999 }] },
				{ email: "b@acme.com", details: [{ fieldId: "note", value: "n", comment: "c" }] },
				{
					operationType: "CREATE",
					comment: "c",
					payload: {
						email: "c@acme.com",
						comment: "c",
						details: [
							{
								operationType: "UPDATE",
								comment: "c",
								payload: { name: "note", values: ["n"], comment: "c" },
							},
						],
						associateOrganizations: { organizationIds: ["1"], comment: "c" },
					},
				},
			],
		});
		expect(task.failures).toEqual([]);
		expect(task.summary.created).toBe(3);
		const { results } = (await site.get("customers?email=c@")).body;
		expect(results).toMatchObject([{ details: { note: "n" }, organizations: [{ id: "1", name: "Acme" }] }]);
	});

	test("at the top level is refused all the same where items' keys are ignored", async () => {
		const site = await muster.aSite({ unknownKeys: "ignore" });
		const refused = await site.post("customer/bulk", { customers: [{ email }], comment: "c" });
		expect([refused.status, refused.body.code]).toEqual([400, "unknown_key"]);
	});
});

describe("a wrong type", () => {
	const wrong = [null, 5, true, {}, [], [email], 1.5];

	test.each(["customer/bulk", "organization/bulk", "customer/details/bulk", "organization/profile/bulk"])(
		"of an item of %s is a failure of that item",
		async (path) => {
			const site = await muster.aSite();
			const key = path.startsWith("customer") ? "customers" : "organizations";
			const items = [null, 5, true, [], "ann@acme.com", [{}]];
			const task = await site.run(path, { [key]: items });
			expect(task.failures).toEqual(
				items.map((item, index) => {
					const message = `The item is ${JSON.stringify(item)}; an object is expected.`;
					const error = { code: "item_not_object", pointer: "", message };
					return { index, code: error.code, message, errors: [error] };
				}),
			);
			expect((await site.results(task.taskId)).map((result) => result.key)).toEqual(
				items.map(() => undefined),
			);
		},
	);

	test.each<[string, string, (value: unknown) => unknown, string, readonly unknown[]]>([
		["an email", "customers", (value) => ({ email: value }), "a text", wrong],
		["a customerId", "customers", (value) => ({ email, customerId: value }), "a text", wrong],
		["a displayName", "customers", (value) => ({ email, displayName: value }), "a text", wrong.slice(1)],
		["a name", "organizations", (value) => ({ name: value }), "a text", wrong],
		[
			"an organization's id",
			"organizations",
			(value) => ({ name: "Acme", id: value }),
			"a text or a whole number",
			wrong.filter((value) => value !== 5),
		],
		["a clientRef", "customers", (value) => ({ email, clientRef: value }), "a text", wrong.slice(1)],
		[
			"a payload",
			"customers",
			(value) => ({ payload: value }),
			"an object",
			wrong.filter((value) => JSON.stringify(value) !== "{}"),
		],
	])(
		"of %s is a fault that names the value and what is expected",
		async (what, key, itemOf, expected, values) => {
			const site = await muster.aSite();
			const path = key === "customers" ? "customer/bulk" : "organization/bulk";
			const task = await site.run(path, { [key]: values.map(itemOf) });
			const messages = task.failures.map(({ errors }: { errors: { code: string; message: string }[] }) =>
				errors.filter((error) => error.code === "invalid_type").map((error) => error.message),
			);
			const name = what.split(" ").at(-1);
			expect(messages).toEqual(
				values.map((value) => [`${name} is ${JSON.stringify(value)}; ${expected} is expected.`]),
			);
		},
	);

	test("of an operationType is a fault that lists what is allowed", async () => {
		const site = await muster.aSite();
		const types = ["MERGE", "create", "", null, 5, ["CREATE"]];
		const task = await site.run("customer/bulk", {
			customers: types.map((operationType) => ({ operationType, payload: { email } })),
		});
		expect(
			task.failures.map(({ code, message }: { code: string; message: string }) => [code, message]),
		).toEqual(
			types.map((type) => [
				"invalid_operation_type",
				`operationType is ${JSON.stringify(type)}; CREATE, UPDATE, UPSERT are allowed.`,
			]),
		);
	});

	test.each<[string, string, unknown]>([
		["a profile's details", "customer/profile/bulk", { email, details: "note" }],
		["a profile's details", "customer/profile/bulk", { email, details: null }],
		["an edit", "customer/profile/bulk", { email, details: ["note"] }],
		["an edit", "customer/details/bulk", { email, details: [null] }],
		["an edit", "customer/details/bulk", { email, operations: [[]] }],
		[
			"an edit's payload",
			"customer/details/bulk",
			{ email, operations: [{ operationType: "UPDATE", payload: "note" }] },
		],
		["an edit's field", "customer/details/bulk", { email, details: [{ fieldId: 5, value: "n" }] }],
		["operations", "customer/details/bulk", { email, operations: "note" }],
		["missing details", "customer/details/bulk", { email }],
	])("of %s is a fault and no more (%s, %j)", async (_what, path, item) => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email }] });
		const task = await site.run(path, { customers: [item] });
		expect(task.failures).toMatchObject([{ code: "invalid_type", errors: [{ code: "invalid_type" }] }]);
	});
});
