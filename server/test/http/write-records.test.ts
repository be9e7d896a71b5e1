import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";
const unknownCustomer = (site: TestSite): string => `qm:${site.siteId}:019c2f6e-6b11-7bbb-8ccc-1234567890ab`;
const put = (site: TestSite, path: string, body: unknown): Promise<Answered> =>
	site.ask("PUT", path, { body });
const remove = (site: TestSite, path: string): Promise<Answered> => site.ask("DELETE", path);

describe("a customer", () => {
	test("is created at once, read back, changed and deleted, on every base", async () => {
		const site = await muster.aSite();
		for (const base of ["/api/v1", "/jsm/csm/api/v1", site.referenceBase]) {
			const created = await site.post("customer", { email, displayName: "Jane Smith" }, { base, key: null });
			expect(created.status).toBe(200);
			const { customerId } = created.body;
			expect(created.body).toEqual({ customerId, email, displayName: "Jane Smith" });
			const path = `customer/account/${customerId}`;
			expect((await site.get(path, { base })).body).toEqual(created.body);
			const changed = await site.ask("PUT", path, { base, body: { displayName: "Jane Doe" } });
			expect([changed.status, changed.body]).toEqual([200, { customerId, email, displayName: "Jane Doe" }]);
			const deleted = await site.ask("DELETE", path, { base });
			expect([deleted.status, deleted.text]).toEqual([204, ""]);
			expect((await site.get(path, { base })).status).toBe(404);
			expect((await site.ask("DELETE", path, { base })).status).toBe(404);
		}
	});

	test("gets the name before the @ where none is sent", async () => {
		const site = await muster.aSite();
		expect((await site.post("customer", { email })).body.displayName).toBe("jane.smith");
	});

	test("is found by bulk items at once, and takes a later bulk write", async () => {
		const site = await muster.aSite();
		const { customerId } = (await site.post("customer", { email })).body;
		const item = { customerId, displayName: "Jane", details: { plan: "Gold" } };
		const { summary } = await site.run("customer/profile/bulk", { customers: [item] });
		expect(summary.updated).toBe(1);
	});

	test("keeps details, organizations and what is not named in a change, and may get another email", async () => {
		const site = await muster.aSite();
		await site.post("organization", { name: "Acme" });
		const profile = { email, displayName: "Jane", details: { plan: "Gold" }, organizations: ["Acme"] };
		const { customerId } = (await site.post("customer/profile", profile)).body;
		const account = `customer/account/${customerId}`;
		expect((await put(site, account, { email: "jane.doe@acme.com" })).body).toEqual({
			customerId,
			email: "jane.doe@acme.com",
			displayName: "Jane",
		});
		expect((await site.get(`customer/profile/${customerId}`)).body).toMatchObject({
			details: { plan: "Gold" },
			organizations: [{ id: "1", name: "Acme" }],
		});
		expect((await put(site, account, { email: "JANE.DOE@acme.com" })).body.email).toBe("jane.doe@acme.com");
		expect((await put(site, account, {})).body.displayName).toBe("Jane");
	});

	test("takes back what was read of it, and no id of another", async () => {
		const site = await muster.aSite();
		const jane = (await site.post("customer", { email })).body;
		expect((await put(site, `customer/account/${jane.customerId}`, jane)).body).toEqual(jane);
		const other = { customerId: unknownCustomer(site) };
		const refused = await put(site, `customer/account/${jane.customerId}`, other);
		expect([refused.status, refused.body.errors]).toEqual([
			400,
			[
				{
					code: "identity_conflict",
					pointer: "/customerId",
					message: `customerId is "${other.customerId.slice(0, 57)}...", and the path names another customer.`,
				},
			],
		]);
	});
});

describe("a customer's profile", () => {
	test.each([
		["guide", { plan: "Gold", employees: 500 }, { organizations: ["Acme", { id: "2" }] }],
		[
			"reference",
			[
				{ name: "Plan", values: ["gold"] },
				{ name: "employees", values: ["500"] },
			],
			{ associateOrganizations: { organizationIds: ["1", 2] } },
		],
	])("is created with details and organizations, in the shape of the %s", async (_shape, details, links) => {
		const site = await muster.aSite();
		const detailFields = [
			{ name: "Plan", type: { name: "SELECT", options: ["Gold", "Free"] } },
			{ name: "Employees", type: "NUMBER" },
		];
		await site.post("customer/details/definitions/bulk", { detailFields });
		for (const name of ["Acme", "Globex"]) await site.post("organization", { name });
		const created = await site.post("customer/profile", { email, details, ...links });
		expect(created.status, created.text).toBe(200);
		const { customerId, createdDate, updatedDate } = created.body;
		expect(created.body).toEqual({
			customerId,
			email,
			displayName: "jane.smith",
			details: { plan: "Gold", employees: 500 },
			organizations: [
				{ id: "1", name: "Acme" },
				{ id: "2", name: "Globex" },
			],
			createdDate,
			updatedDate,
		});
		const read = await site.get(`customer/profile/${customerId}`, { base: site.referenceBase });
		expect(
			read.body.details.map(({ name, values }: { name: string; values: string[] }) => [name, values]),
		).toEqual([
			["Plan", ["Gold"]],
			["Employees", ["500"]],
		]);
	});

	test("makes the fields that are missing, and shows them in the answer", async () => {
		const site = await muster.aSite();
		const created = await site.post("customer/profile", { email, details: { "Favourite colour": "red" } });
		expect(created.body.details).toEqual({ "favourite-colour": "red" });
		const again = await site.post("customer/profile", {
			email: "b@acme.com",
			details: { "FAVOURITE COLOUR": 1 },
		});
		expect(again.body.details).toEqual({ "favourite-colour": "1" });
		expect((await site.get("customer/details")).body.results).toMatchObject([{ name: "Favourite colour" }]);
	});

	test("is refused as a whole with every fault of it, pointed at in the body", async () => {
		const site = await muster.aSite({ unknownFields: "fail" });
		const body = {
			email: "jane",
			displayNmae: "Jane",
			details: [{ name: "plan", values: ["Gold"] }],
			organizations: ["Nowhere"],
			sourceUpdatedAt: "yesterday",
		};
		const refused = await site.post("customer/profile", body);
		expect([refused.status, refused.body.code]).toEqual([400, "invalid_request"]);
		const found = refused.body.errors.map((error: { code: string; pointer: string }) => [
			error.code,
			error.pointer,
		]);
		expect(found.toSorted()).toEqual(
			[
				["invalid_date_time", "/sourceUpdatedAt"],
				["invalid_email", "/email"],
				["unknown_item_key", "/displayNmae"],
				["organization_not_found", "/organizations/0"],
				["unknown_detail_field", "/details/0/values"],
			].toSorted(),
		);
		expect(refused.body.detail).toMatch(/Nothing was saved\.$/);
		expect((await site.get("customers")).body.results).toEqual([]);
		const reference = await site.post("customer/profile", body, { base: site.referenceBase });
		expect(reference.body).not.toHaveProperty("errors");
		expect(reference.body.errorMessages).toHaveLength(6);
	});
});

describe("an organization", () => {
	test("is created, read, renamed and deleted", async () => {
		const site = await muster.aSite();
		const created = await site.post("organization", { name: " Acme " });
		expect([created.status, created.body]).toEqual([200, { id: "1", name: "Acme" }]);
		expect((await put(site, "organization/1", { id: 1, name: "Acme Inc" })).body).toEqual({
			id: "1",
			name: "Acme Inc",
		});
		expect((await site.get("organization/1")).body).toEqual({ id: "1", name: "Acme Inc" });
		expect((await remove(site, "organization/1")).status).toBe(204);
		expect((await site.get("organization/1")).status).toBe(404);
		expect((await site.post("organization", { name: "Acme" })).body.id, "a number is given once").toBe("2");
	});

	test("is created with details and members, who are listed", async () => {
		const site = await muster.aSite();
		const jane = (await site.post("customer", { email })).body;
		const created = await site.post("organization/profile", {
			name: "Acme",
			details: { industry: "Retail" },
			customers: [email],
		});
		expect(created.body).toMatchObject({ id: "1", name: "Acme", details: { industry: "Retail" } });
		const members = (await site.get("organization/1/customers")).body.results;
		expect(members).toMatchObject([
			{ customerId: jane.customerId, organizations: [{ id: "1", name: "Acme" }] },
		]);
	});

	test("that is deleted leaves its customers, without their membership", async () => {
		const site = await muster.aSite();
		await site.post("organization", { name: "Acme" });
		const { customerId } = (await site.post("customer/profile", { email, organizations: ["Acme"] })).body;
		await remove(site, "organization/1");
		expect((await site.get(`customer/profile/${customerId}`)).body.organizations).toEqual([]);
	});

	test("several are fetched by id, without their details", async () => {
		const site = await muster.aSite();
		for (const name of ["Acme", "Globex"])
			await site.post("organization/profile", { name, details: { a: "b" } });
		const fetched = await site.post("organization/fetch", { organizationIds: ["2", 7, 1, "x"] });
		expect(fetched.body).toEqual({
			results: [
				{ id: "2", name: "Globex" },
				{ id: "1", name: "Acme" },
			],
		});
		const tooMany = { organizationIds: Array(26).fill("1") };
		expect((await site.post("organization/fetch", tooMany)).body.code).toBe("invalid_request");
	});
});

describe("a clash", () => {
	test("of a new record with one that is there is a 409 that names it", async () => {
		const site = await muster.aSite();
		const jane = (await site.post("customer", { email })).body;
		for (const path of ["customer", "customer/profile"]) {
			const refused = await site.post(path, { email: "Jane.Smith@ACME.com" });
			expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
				409,
				"conflict",
				`The customer "${email}" exists already. Nothing was saved.`,
			]);
			expect(refused.body.errors).toEqual([
				{
					code: "already_exists",
					pointer: "/email",
					message: `The customer "${email}" exists already.`,
					hint: `Its customerId is ${jane.customerId}.`,
				},
			]);
		}
		await site.post("organization", { name: "Acme" });
		expect((await site.post("organization", { name: "ACME" })).body.errors[0].hint).toBe("Its id is 1.");
	});

	test("of a changed email or name with another record's is a 409", async () => {
		const site = await muster.aSite();
		const { customerId } = (await site.post("customer", { email })).body;
		await site.post("customer", { email: "joe@acme.com" });
		for (const name of ["Acme", "Globex"]) await site.post("organization", { name });
		for (const refused of [
			await put(site, `customer/account/${customerId}`, { email: "joe@acme.com", displayName: "Joe" }),
			await put(site, "organization/1", { name: "globex" }),
		]) {
			expect([refused.status, refused.body.code]).toEqual([409, "conflict"]);
			expect(refused.body.errors).toMatchObject([{ code: "identity_conflict" }]);
		}
		expect((await site.get(`customer/${customerId}`)).body.displayName).toBe("jane.smith");
	});

	test("beside another fault is a 400 that tells both", async () => {
		const site = await muster.aSite();
		await site.post("customer", { email });
		const refused = await site.post("customer", { email, displayName: "\u0000" });
		expect([refused.status, refused.body.errors.length]).toEqual([400, 2]);
	});

	test("of many who create the same customer at once: one does, the others are told who it is", async () => {
		const site = await muster.aSite();
		const answers = await Promise.all(Array.from({ length: 20 }, () => site.post("customer", { email })));
		const created = answers.filter(({ status }) => status === 200);
		expect(created).toHaveLength(1);
		const hint = `Its customerId is ${created[0]?.body.customerId}.`;
		for (const answer of answers.filter(({ status }) => status !== 200)) {
			expect([answer.status, answer.body.errors[0].hint]).toEqual([409, hint]);
		}
	});
});

describe("what is not there", () => {
	test("is a 404: an unknown id, another site's, and what is no id", async () => {
		const site = await muster.aSite();
		const other = await muster.aSite();
		const { customerId } = (await other.post("customer", { email })).body;
		const texts = new Set<string>();
		for (const id of [unknownCustomer(site), customerId, "jane", "5b10ac8d82e05b22cc7d4ef5"]) {
			for (const refused of [
				await put(site, `customer/account/${id}`, { displayName: "x" }),
				await remove(site, `customer/account/${id}`),
				await put(site, `customer/${id}/details?fieldName=plan`, { values: ["a"] }),
			]) {
				expect(refused.status).toBe(404);
				texts.add(refused.body.detail);
			}
		}
		expect([...texts]).toEqual(["There is nothing at this address for this token's site."]);
		expect((await other.get(`customer/${customerId}`)).body.displayName).toBe("jane.smith");
		for (const id of ["7", "0", "01", "x"]) {
			expect((await put(site, `organization/${id}`, { name: "x" })).status).toBe(404);
			expect((await remove(site, `organization/${id}`)).status).toBe(404);
		}
	});

	test("stays in the results of the tasks that name it", async () => {
		const site = await muster.aSite();
		const { taskId } = await site.run("customer/bulk", { customers: [{ email }] });
		const before = await site.results(taskId);
		await remove(site, `customer/account/${before[0].id}`);
		expect(await site.results(taskId)).toEqual(before);
		const again = await site.run("customer/bulk", { customers: [{ email }, { customerId: before[0].id }] });
		expect(again.summary).toMatchObject({ created: 1, failed: 1 });
	});
});

test("a key that no item has is refused by name, or ignored where the site says so; what belongs to an item alone is none", async () => {
	const site = await muster.aSite();
	for (const key of ["clientRef", "operationType", "payload", "details"]) {
		const refused = await site.post("customer", { email, [key]: {} });
		expect([refused.status, refused.body.errors]).toMatchObject([
			400,
			[{ code: "unknown_item_key", pointer: `/${key}` }],
		]);
	}
	const lax = await muster.aSite({ unknownKeys: "ignore" });
	expect((await lax.post("customer", { email, shoeSize: 43 })).status).toBe(200);
});

test("a write that is older than what is stored is a 409, in both dialects; an equal or newer one applies", async () => {
	const site = await muster.aSite();
	const at = (minute: number): string => `2026-11-24T09:${minute}:00Z`;
	const created = await site.post("customer/profile", { email, sourceUpdatedAt: at(30) });
	expect(created.body.sourceUpdatedAt).toBe(at(30));
	const { customerId } = created.body;
	const account = `customer/account/${customerId}`;
	const stale = { displayName: "Old", sourceUpdatedAt: at(29) };
	const refused = await put(site, account, stale);
	expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
		409,
		"stale",
		[
			{
				code: "stale",
				pointer: "/sourceUpdatedAt",
				message: `The customer "${email}" is stored as of ${at(30)}; sourceUpdatedAt ${at(29)} is older.`,
			},
		],
	]);
	const reference = await site.ask("PUT", account, { body: stale, base: site.referenceBase });
	expect([reference.status, reference.body.code]).toEqual([409, "stale"]);
	const detail = { values: ["Gold"], sourceUpdatedAt: at(29) };
	expect((await put(site, `customer/${customerId}/details?fieldName=plan`, detail)).body.code).toBe("stale");
	expect((await put(site, account, { displayName: "Same", sourceUpdatedAt: at(30) })).status).toBe(200);
	expect((await put(site, account, { displayName: "New", sourceUpdatedAt: at(31) })).status).toBe(200);
	expect((await put(site, account, { displayName: "Unstamped" })).status).toBe(200);
	expect((await site.get(`customer/profile/${customerId}`)).body).toMatchObject({
		displayName: "Unstamped",
		sourceUpdatedAt: at(31),
	});
});
