import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** A site with a record of each entity, which has every kind of field. */
async function prepare(): Promise<{
	readonly site: TestSite;
	readonly customer: string;
	readonly organization: string;
}> {
	const site = await muster.aSite();
	const options = ["Free", "Premium"];
	const detailFields = [
		{ name: "Support Tier", type: { name: "SELECT", options } },
		{ name: "Plans", type: { name: "MULTISELECT", options } },
		{ name: "Seats", type: "NUMBER" },
		{ name: "Note", type: "TEXT" },
	];
	for (const entity of ["customer", "organization"]) {
		await site.post(`${entity}/details/definitions/bulk`, { detailFields });
	}
	const { customerId } = (await site.post("customer", { email: "jane@acme.com" })).body;
	const { id } = (await site.post("organization", { name: "Acme" })).body;
	return { site, customer: `customer/${customerId}/details`, organization: `organization/${id}/details` };
}

const set = (site: TestSite, path: string, name: string, body: unknown): Promise<Answered> =>
	site.ask("PUT", `${path}?fieldName=${encodeURIComponent(name)}`, { body });
const get = (site: TestSite, path: string, name: string): Promise<Answered> =>
	site.get(`${path}?fieldName=${encodeURIComponent(name)}`);

describe.each(["customer", "organization"] as const)("one detail of one %s", (entity) => {
	test("is set and read by the field's name in any case, or its id, as its type says", async () => {
		const { site, [entity]: path } = await prepare();
		expect((await get(site, path, "support tier")).body.values).toEqual([]);
		const answer = await set(site, path, "SUPPORT TIER", { values: ["premium"] });
		expect([answer.status, answer.body]).toEqual([
			200,
			{
				id: "support-tier",
				name: "Support Tier",
				type: { name: "SELECT", options: ["Free", "Premium"] },
				configuration: { position: 0 },
				values: ["Premium"],
			},
		]);
		expect((await get(site, path, "support-tier")).body).toEqual(answer.body);
		expect((await set(site, path, "plans", { values: ["premium", "FREE"] })).body.values).toEqual([
			"Premium",
			"Free",
		]);
		expect((await set(site, path, "Seats", { values: ["12.50"] })).body.values).toEqual(["12.50"]);
		expect((await set(site, path, "Seats", { values: [] })).body.values).toEqual([]);
		expect((await get(site, path, "plans")).body.values).toEqual(["Premium", "Free"]);
	});

	test("leaves every other detail as it is", async () => {
		const { site, [entity]: path } = await prepare();
		await set(site, path, "note", { values: ["kept"] });
		await set(site, path, "seats", { values: [5] });
		await set(site, path, "seats", { values: [6] });
		const profile = await site.get(path.replace(entity, `${entity}/profile`).replace("/details", ""));
		expect(profile.body.details).toEqual({ seats: 6, note: "kept" });
	});

	test("that does not fit is a 400 that points at the value", async () => {
		const { site, [entity]: path } = await prepare();
		const refused = await set(site, path, "support tier", { values: ["premum"] });
		expect(refused.status).toBe(400);
		expect(refused.body.errors).toEqual([
			{
				code: "invalid_detail_value",
				pointer: "/values",
				message:
					'Invalid detail field value for "Support Tier": "premum" is not one of its options (Free, Premium).',
				hint: 'Did you mean "Premium"?',
			},
		]);
		const second = await set(site, path, "note", { values: ["fine", { not: "fine" }] });
		expect(second.body.errors).toMatchObject([{ code: "invalid_type", pointer: "/values/1" }]);
	});

	test("of a field that does not exist is made, or refused by the site's setting; reading it is a 404", async () => {
		const { site, [entity]: path } = await prepare();
		expect((await get(site, path, "colour")).status).toBe(404);
		expect((await set(site, path, "Colour", { values: ["red"] })).body).toMatchObject({
			id: "colour",
			type: { name: "TEXT" },
			configuration: { position: 4 },
			values: ["red"],
		});
		const strict = await muster.aSite({ unknownFields: "fail" });
		const { body } = await strict.post(
			entity,
			entity === "customer" ? { email: "a@acme.com" } : { name: "Acme" },
		);
		const refused = await set(strict, `${entity}/${body.customerId ?? body.id}/details`, "Colour", {
			values: ["red"],
		});
		expect([refused.status, refused.body.errors[0].code]).toEqual([400, "unknown_detail_field"]);
	});

	test("needs a field name and values", async () => {
		const { site, [entity]: path } = await prepare();
		const refused = [
			await site.get(path),
			await get(site, path, " "),
			await set(site, path, "note", {}),
			await set(site, path, "x".repeat(256), { values: ["a"] }),
			await set(site, path, "note", { values: ["a"], name: "seats" }),
		];
		expect(refused.map(({ status, body }) => [status, body.detail])).toEqual([
			[400, "The query parameter fieldName is missing; it names the detail field, by name or id."],
			[400, "The query parameter fieldName is blank; it names the detail field, by name or id."],
			[400, "values is missing; a list is expected. Nothing was saved; an empty list clears the field."],
			[400, expect.stringMatching(/^The name of a detail field .* Nothing was saved\.$/)],
			[400, expect.stringMatching(/^The body has the key "name", which is not known here\./)],
		]);
	});
});

describe.each([
	["the contract's body", (name: string, value: unknown) => ({ name, values: [value] })],
	["a live client's body", (name: string, value: unknown) => ({ detailFields: [{ name, value }] })],
])("records are searched by a detail with %s", (_what, body) => {
	test("as the field's type compares", async () => {
		const { site } = await prepare();
		const customers = [
			{ email: "a@acme.com", details: { "support tier": "Premium", plans: ["Free", "Premium"], seats: 5 } },
			{ email: "b@acme.com", details: { "support tier": "Free", plans: ["Free"], note: "Premium" } },
		];
		await site.run("customer/profile/bulk", { customers });
		const found = async (name: string, value: unknown): Promise<string[]> => {
			const { body: page } = await site.post("customer/search-by-detail-field", body(name, value));
			return page.results.map(({ email }: { email: string }) => email);
		};
		expect(await found("Support Tier", "premium")).toEqual(["a@acme.com"]);
		expect(await found("plans", "free")).toEqual(["a@acme.com", "b@acme.com"]);
		expect(await found("plans", "premium")).toEqual(["a@acme.com"]);
		expect(await found("seats", 5)).toEqual(["a@acme.com"]);
		expect(await found("seats", "5.0")).toEqual(["a@acme.com"]);
		expect(await found("note", "Premium")).toEqual(["b@acme.com"]);
		expect(await found("note", "premium")).toEqual([]);
	});
});

describe("a search", () => {
	test("takes any of the values of a field, and every one of several fields", async () => {
		const { site } = await prepare();
		const organizations = [
			{ name: "A", details: { "support tier": "Free", seats: 1 } },
			{ name: "B", details: { "support tier": "Premium", seats: 1 } },
			{ name: "C", details: { seats: 1 } },
		];
		await site.run("organization/profile/bulk", { organizations });
		const found = async (body: unknown): Promise<string[]> =>
			(await site.post("organization/search-by-detail-field", body)).body.results.map(
				({ name }: { name: string }) => name,
			);
		expect(await found({ name: "support-tier", values: ["free", "premium"] })).toEqual(["A", "B"]);
		const detailFields = [
			{ name: "seats", value: 1 },
			{ name: "support tier", value: "Premium" },
		];
		expect(await found({ detailFields })).toEqual(["B"]);
	});

	test("is paged, and shows profiles in the dialect of the base", async () => {
		const { site } = await prepare();
		const customers = Array.from({ length: 5 }, (_, number) => ({
			email: `customer-${number}@acme.com`,
			details: { note: "x" },
		}));
		await site.run("customer/profile/bulk", { customers });
		const pageOf = async (page: number): Promise<unknown[]> => {
			const { body } = await site.post(`customer/search-by-detail-field?page=${page}&maxResults=2`, {
				name: "note",
				values: ["x"],
			});
			return [
				body.page,
				body.maxResults,
				body.nextPage,
				body.results.map(({ email }: { email: string }) => email),
			];
		};
		expect([await pageOf(0), await pageOf(1), await pageOf(2), await pageOf(3)]).toEqual([
			[0, 2, 1, ["customer-0@acme.com", "customer-1@acme.com"]],
			[1, 2, 2, ["customer-2@acme.com", "customer-3@acme.com"]],
			[2, 2, undefined, ["customer-4@acme.com"]],
			[3, 2, undefined, []],
		]);
		const reference = await site.post(
			"customer/search-by-detail-field?maxResults=1",
			{ name: "note", values: ["x"] },
			{ base: site.referenceBase },
		);
		expect(reference.body.results[0].details).toMatchObject([{ name: "Note", values: ["x"] }]);
	});

	test("of an unknown field, a value that does not fit, or in no shape is a 400 that says so", async () => {
		const { site } = await prepare();
		const refused = async (body: unknown): Promise<unknown> => {
			const answer = await site.post("customer/search-by-detail-field", body);
			expect(answer.status).toBe(400);
			return answer.body.errors ?? answer.body.detail;
		};
		expect(await refused({ name: "suport tier", values: ["Free"] })).toMatchObject([
			{ code: "unknown_detail_field", pointer: "/name", hint: 'Did you mean "Support Tier"?' },
		]);
		expect(await refused({ detailFields: [{ name: "seats", value: "many" }] })).toMatchObject([
			{ code: "invalid_detail_value", pointer: "/detailFields/0/value" },
		]);
		expect(await refused({ name: "seats", values: ["1e99999"] })).toMatchObject([
			{ code: "invalid_detail_value", pointer: "/values/0" },
		]);
		expect(await refused({ name: "note", values: [" "] })).toMatchObject([{ pointer: "/values/0" }]);
		expect(await refused({ name: "note", values: [] })).toMatch(/has 0 values; 1 to 100 are expected/);
		expect(await refused({ name: "note", detailFields: [] })).toMatch(/Send either/);
		expect(await refused({ detailFields: ["note"] })).toMatch(/a name with values is expected/);
		expect(await refused({ values: ["a"] })).toMatch(/the name of a detail field is expected/);
	});

	test("sees one site alone", async () => {
		const { site } = await prepare();
		const { site: other, customer } = await prepare();
		await set(other, customer, "note", { values: ["x"] });
		const found = await site.post("customer/search-by-detail-field", { name: "note", values: ["x"] });
		expect(found.body.results).toEqual([]);
	});
});
