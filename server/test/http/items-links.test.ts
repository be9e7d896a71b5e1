import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const jane = "jane.smith@acme.com";
const bob = "bob@acme.com";

/** A site with two customers and the organizations 1 Acme and 2 Globex. */
async function prepare(): Promise<{ site: TestSite; janeId: string; bobId: string }> {
	const site = await muster.aSite();
	const task = await site.run("customer/bulk", { customers: [{ email: jane }, { email: bob }] });
	const [janeResult, bobResult] = await site.results(task.taskId);
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }, { name: "Globex" }] });
	return { site, janeId: janeResult.id, bobId: bobResult.id };
}

describe("a customer's organizations", () => {
	test.each<[string, unknown]>([
		["by name", { organizations: ["Acme"] }],
		["by name in another spelling", { organizations: ["  aCME "] }],
		["by name in an object", { organizations: [{ name: "Acme" }] }],
		["by id as text", { organizations: [{ id: "1" }] }],
		["by id as number", { organizations: [{ id: 1 }] }],
		["by id, whatever the name beside it", { organizations: [{ id: "1", name: "Acme (old)" }] }],
		["by id in the reference's way", { associateOrganizations: { organizationIds: ["1"] } }],
		["by id as number in the reference's way", { associateOrganizations: { organizationIds: [1] } }],
		[
			"in both ways, and twice",
			{ organizations: ["Acme", { id: 1 }, "ACME"], associateOrganizations: { organizationIds: [1, "1"] } },
		],
	])("are named %s, in either shape of body", async (_how, link) => {
		const { site, janeId, bobId } = await prepare();
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ email: jane, ...(link as object) },
				{ operationType: "UPDATE", payload: { email: bob, ...(link as object) } },
			],
		});
		expect(task.summary).toMatchObject({ updated: 2, failed: 0 });
		for (const id of [janeId, bobId]) expect(await organizationsOf(site, id)).toEqual(["1 Acme"]);
		expect(await membersOf(site, "1")).toEqual([bob, jane]);
	});

	test("are added to, and never taken from", async () => {
		const { site, janeId } = await prepare();
		for (const organizations of [["Acme"], ["Globex"], ["Acme"], [], null, undefined]) {
			await site.run("customer/profile/bulk", { customers: [{ email: jane, organizations }] });
		}
		expect(await organizationsOf(site, janeId)).toEqual(["1 Acme", "2 Globex"]);
	});

	test("that are there already leave the customer unchanged", async () => {
		const { site } = await prepare();
		const customers = [{ email: jane, organizations: ["Acme"] }];
		const summaries = [
			(await site.run("customer/profile/bulk", { customers })).summary,
			(await site.run("customer/profile/bulk", { customers })).summary,
		];
		expect(summaries).toMatchObject([{ updated: 1 }, { unchanged: 1 }]);
	});

	test("come with the customer that the item creates", async () => {
		const { site } = await prepare();
		const task = await site.run("customer/profile/bulk", {
			customers: [{ email: "new@acme.com", organizations: ["Acme", "Globex"] }],
		});
		const [result] = await site.results(task.taskId);
		expect(result.outcome).toBe("created");
		expect(await organizationsOf(site, result.id)).toEqual(["1 Acme", "2 Globex"]);
	});

	test.each<[string, unknown, string, string]>([
		["name", { organizations: ["Nowhere"] }, "/organizations/0", 'the name "Nowhere"'],
		[
			"name in an object",
			{ organizations: [{ name: "Nowhere" }] },
			"/organizations/0/name",
			'the name "Nowhere"',
		],
		["id", { organizations: [{ id: 999 }] }, "/organizations/0/id", "the id 999"],
		["id that cannot be one", { organizations: [{ id: "01" }] }, "/organizations/0/id", 'the id "01"'],
		[
			"id in the reference's way",
			{ associateOrganizations: { organizationIds: ["999"] } },
			"/associateOrganizations/organizationIds/0",
			'the id "999"',
		],
		[
			"id beyond every number",
			{ associateOrganizations: { organizationIds: [1e21] } },
			"/associateOrganizations/organizationIds/0",
			"the id 1e+21",
		],
	])("that are unknown by %s fail the item, and nobody is created", async (_how, link, pointer, what) => {
		const { site } = await prepare();
		const task = await site.run("customer/profile/bulk", {
			customers: [{ email: "new@acme.com", displayName: "New", ...(link as object) }],
		});
		expect(task.failures).toEqual([
			{
				index: 0,
				code: "organization_not_found",
				message: `No organization of this site has ${what}.`,
				errors: [
					{
						code: "organization_not_found",
						pointer,
						message: `No organization of this site has ${what}.`,
						hint: "Send the organizations first, with organization/bulk or organization/profile/bulk.",
					},
				],
			},
		]);
		expect((await site.get("customers?email=new")).body.results).toEqual([]);
	});

	test("are unknown by a number that is too long for a double, digits and all", async () => {
		const { site } = await prepare();
		const task = await site.run(
			"customer/profile/bulk",
			`{"customers": [{"email": "${jane}", "organizations": [{"id": 9007199254740993}, {"id": 1.0}],
				"associateOrganizations": {"organizationIds": [9007199254740993]}}]}`,
		);
		expect(task.failures[0].errors.map((error: { message: string }) => error.message)).toEqual([
			"No organization of this site has the id 9007199254740993.",
			"No organization of this site has the id 1.0.",
			"No organization of this site has the id 9007199254740993.",
		]);
	});

	test("are one site's: another site's organization is unknown by its name", async () => {
		const { site } = await prepare();
		const other = await muster.aSite();
		await other.run("organization/bulk", { organizations: [{ name: "Elsewhere" }] });
		const task = await site.run("customer/profile/bulk", {
			customers: [{ email: jane, organizations: ["Elsewhere"] }],
		});
		expect(task.failures).toMatchObject([{ code: "organization_not_found" }]);
	});

	test.each<[string, unknown, { pointer: string; message: string }[]]>([
		[
			"no list",
			{ organizations: "Acme" },
			[{ pointer: "/organizations", message: 'organizations is "Acme"; a list is expected.' }],
		],
		[
			"a list of something else",
			{ organizations: [5, null, ["Acme"], {}] },
			[
				{
					pointer: "/organizations/0",
					message: '5 names no organization; a text, {"name"} or {"id"} is expected.',
				},
				{
					pointer: "/organizations/1",
					message: 'null names no organization; a text, {"name"} or {"id"} is expected.',
				},
				{
					pointer: "/organizations/2",
					message: '["Acme"] names no organization; a text, {"name"} or {"id"} is expected.',
				},
				{
					pointer: "/organizations/3",
					message: '{} names no organization; a text, {"name"} or {"id"} is expected.',
				},
			],
		],
		[
			"an id of another type",
			{ organizations: [{ id: true }], associateOrganizations: { organizationIds: [null] } },
			[
				{
					pointer: "/organizations/0/id",
					message: "true is no organization id; a text or a number is expected.",
				},
				{
					pointer: "/associateOrganizations/organizationIds/0",
					message: "null is no organization id; a text or a number is expected.",
				},
			],
		],
		[
			"no object in the reference's way",
			{ associateOrganizations: ["1"] },
			[
				{
					pointer: "/associateOrganizations",
					message: 'associateOrganizations is ["1"]; an object is expected.',
				},
			],
		],
	])("that are %s are faults, each named", async (_what, link, errors) => {
		const { site } = await prepare();
		const task = await site.run("customer/profile/bulk", {
			customers: [{ email: jane, ...(link as object) }],
		});
		expect(task.failures[0].errors).toEqual(errors.map((error) => ({ code: "invalid_type", ...error })));
	});
});

describe("an organization's customers", () => {
	test("are named by email in any spelling, by object, and by id in the guide's way and the reference's", async () => {
		const { site, janeId, bobId } = await prepare();
		const task = await site.run("organization/profile/bulk", {
			organizations: [
				{ name: "Acme", customers: ["JANE.SMITH@ACME.COM"] },
				{ name: "Globex", customers: [{ email: bob }, { customerId: janeId }] },
				{ name: "Initech", associateCustomers: { customerIds: [janeId, bobId, janeId] } },
				{ payload: { id: "1", associateCustomers: { customerIds: [bobId] } } },
			],
		});
		expect(task.summary).toMatchObject({ created: 1, updated: 3, failed: 0 });
		expect(await membersOf(site, "1")).toEqual([bob, jane]);
		expect(await membersOf(site, "2")).toEqual([bob, jane]);
		expect(await membersOf(site, "3")).toEqual([bob, jane]);
		expect(await organizationsOf(site, janeId)).toEqual(["1 Acme", "2 Globex", "3 Initech"]);
	});

	test("are added to from both sides, and never taken from", async () => {
		const { site } = await prepare();
		await site.run("customer/profile/bulk", { customers: [{ email: jane, organizations: ["Acme"] }] });
		for (const customers of [[bob], [], [jane]]) {
			await site.run("organization/profile/bulk", { organizations: [{ name: "Acme", customers }] });
		}
		expect(await membersOf(site, "1")).toEqual([bob, jane]);
	});

	test("that are unknown fail the item, by email, by id and by another site's id", async () => {
		const { site } = await prepare();
		const other = await prepare();
		const unknownId = `qm:${site.siteId}:${randomUUID()}`;
		const task = await site.run("organization/profile/bulk", {
			organizations: [
				{ name: "New", customers: ["nobody@acme.com", { customerId: unknownId }] },
				{ name: "New", associateCustomers: { customerIds: [other.janeId, "5b10ac8d82e05b22cc7d4ef5"] } },
				{ name: "New", customers: ["no email", jane] },
				{ name: "New", associateCustomers: { customerIds: [5] } },
			],
		});
		const codes = task.failures.map((failure: { errors: { code: string; pointer: string }[] }) =>
			failure.errors.map((error) => [error.code, error.pointer]),
		);
		expect(codes).toEqual([
			[
				["customer_not_found", "/customers/0"],
				["customer_not_found", "/customers/1/customerId"],
			],
			[
				["customer_not_found", "/associateCustomers/customerIds/0"],
				["customer_not_found", "/associateCustomers/customerIds/1"],
			],
			[["invalid_email", "/customers/0"]],
			[["invalid_type", "/associateCustomers/customerIds/0"]],
		]);
		expect((await site.get("organizations?name=New")).body.results).toEqual([]);
	});
});

test("links are the profile operations' alone: the others do not know their keys", async () => {
	const { site } = await prepare();
	const task = await site.run("customer/bulk", { customers: [{ email: jane, organizations: ["Acme"] }] });
	expect(task.failures).toMatchObject([
		{ code: "unknown_item_key", errors: [{ pointer: "/organizations" }] },
	]);
	const other = await site.run("organization/profile/bulk", {
		organizations: [{ name: "Acme", organizations: ["Globex"] }],
	});
	expect(other.failures).toMatchObject([
		{ code: "unknown_item_key", errors: [{ pointer: "/organizations" }] },
	]);
});

async function organizationsOf(site: TestSite, customerId: string): Promise<string[]> {
	const { organizations } = (await site.get(`customer/profile/${customerId}`)).body;
	return organizations.map(
		(organization: { id: string; name: string }) => `${organization.id} ${organization.name}`,
	);
}

async function membersOf(site: TestSite, organizationId: string): Promise<string[]> {
	const { results } = (await site.get(`organization/${organizationId}/customers`)).body;
	return results.map((customer: { email: string }) => customer.email).sort();
}
