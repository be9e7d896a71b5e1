import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const unknownId = "00000000-0000-7000-8000-000000000000";
const date = expect.any(String);

interface Prepared {
	readonly site: TestSite;
	readonly janeId: string;
	readonly goldId: string;
	readonly silverId: string;
}

/** A site with the customer Jane, who belongs to the organization 1 Acme, and the products Gold and Silver. */
async function prepare(): Promise<Prepared> {
	const site = await muster.aSite();
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	const task = await site.run("customer/profile/bulk", {
		customers: [{ email: "jane@acme.com", organizations: ["Acme"] }],
	});
	const [jane] = await site.results(task.taskId);
	const { body: gold } = await site.post("product", { name: "Gold" });
	const { body: silver } = await site.post("product", { name: "Silver" });
	return { site, janeId: jane.id, goldId: gold.id, silverId: silver.id };
}

/** In order: to the millisecond it is that in which they were made. */
async function idsOf(site: TestSite, path: string): Promise<string[]> {
	const { status, body } = await site.get(path);
	expect(status).toBe(200);
	const ids = body.results.map(({ id }: { id: string }) => id);
	expect(ids).toEqual(ids.toSorted());
	return ids;
}

describe("an entitlement", () => {
	test("is made with its details, and read back in each dialect", async () => {
		const { site, janeId, goldId } = await prepare();
		await site.post("entitlement/details", { name: "Licenses", type: "NUMBER" });
		const made = await site.post(`customer/${janeId}/entitlement`, {
			productId: goldId,
			details: { licenses: "25.0", "Support tier": "Premium" },
		});
		const { id } = made.body;
		const guide = {
			id,
			product: { id: goldId, name: "Gold" },
			customerId: janeId,
			details: { licenses: 25, "support-tier": "Premium" },
			createdDate: date,
			updatedDate: date,
		};
		expect([made.status, made.body]).toEqual([200, guide]);
		expect(made.text).toContain('"licenses":25.0');
		expect((await site.get(`entitlement/${id}`)).body).toEqual(guide);
		expect((await site.get(`entitlement/${id}`, { base: site.referenceBase })).body).toEqual({
			...guide,
			details: [
				{
					id: "licenses",
					name: "Licenses",
					type: { name: "NUMBER" },
					configuration: { position: 0 },
					values: ["25.0"],
				},
				{
					id: "support-tier",
					name: "Support tier",
					type: { name: "TEXT" },
					configuration: { position: 1 },
					values: ["Premium"],
				},
			],
		});
		const details = [{ name: "LICENSES", values: ["7"] }];
		const ofAcme = await site.post(
			"organization/1/entitlement",
			{ product: "gold", details },
			{ base: site.referenceBase },
		);
		expect(ofAcme.body).toMatchObject({ organizationId: "1", details: [{ id: "licenses", values: ["7"] }] });
		expect(ofAcme.body).not.toHaveProperty("customerId");
	});

	test.each<[string, (goldId: string) => unknown]>([
		["by productId", (productId) => ({ productId })],
		["by name", () => ({ product: " GOLD " })],
		["by name in an object", () => ({ product: { name: "Gold" } })],
		["by id in an object", (id) => ({ product: { id } })],
	])("names its product %s", async (_what, bodyOf) => {
		const { site, goldId } = await prepare();
		const made = await site.post("organization/1/entitlement", bodyOf(goldId));
		expect(made.body.product).toEqual({ id: goldId, name: "Gold" });
	});

	test("is there once for a customer or an organization and a product", async () => {
		const { site, janeId } = await prepare();
		for (const path of [`customer/${janeId}/entitlement`, "organization/1/entitlement"]) {
			expect((await site.post(path, { product: "Gold" })).status).toBe(200);
			const again = await site.post(path, { product: "gold", details: { tier: "Free" } });
			expect([again.status, again.body.code]).toEqual([409, "conflict"]);
			expect(again.body.detail).toMatch(/ has the product "gold" already\. Nothing was saved\.$/);
		}
		expect(await idsOf(site, "entitlements")).toHaveLength(2);
		expect((await site.get("entitlement/details")).body.results).toEqual([]);
	});

	test.each<[string, unknown, string, unknown[]]>([
		[
			"with every fault of it",
			{ product: "Bronze", details: { licenses: "many", " ": "x" } },
			"invalid_request",
			[
				{ code: "invalid_name", pointer: "/details/ ", message: expect.any(String) },
				{
					code: "product_not_found",
					pointer: "/product",
					message: 'No product of this site has the name "Bronze".',
					hint: "Make the product first, with POST product.",
				},
				expect.objectContaining({ code: "invalid_detail_value", pointer: "/details/licenses" }),
			],
		],
		[
			"of an id that is none of ours",
			{ product: { id: "GOLD" } },
			"invalid_request",
			[
				{
					code: "product_not_found",
					pointer: "/product/id",
					message: 'No product of this site has the id "GOLD".',
					hint: "Make the product first, with POST product.",
				},
			],
		],
		[
			"without a product",
			{ details: {} },
			"invalid_request",
			[
				{
					code: "identity_missing",
					pointer: "",
					message: "The body has neither productId nor product; one is expected.",
				},
			],
		],
		[
			"with two",
			{ productId: unknownId, product: "Gold" },
			"invalid_request",
			[
				{
					code: "identity_missing",
					pointer: "",
					message: "The body has both productId and product; one is expected.",
				},
			],
		],
		[
			"with an unknown key in its product",
			{ product: { name: "Gold", nmae: "Gold" } },
			"invalid_request",
			[expect.objectContaining({ code: "unknown_item_key", pointer: "/product/nmae" })],
		],
	])("is refused %s", async (_what, body, code, errors) => {
		const { site, janeId } = await prepare();
		await site.post("entitlement/details", { name: "Licenses", type: "NUMBER" });
		const refused = await site.post(`customer/${janeId}/entitlement`, body);
		expect([refused.status, refused.body.code, refused.body.errors]).toEqual([400, code, errors]);
		expect(await idsOf(site, "entitlements")).toEqual([]);
	});

	test("goes by itself, with its product, and with its customer or organization", async () => {
		const { site, janeId, goldId } = await prepare();
		const path = `customer/${janeId}/entitlement`;
		const gold = await site.post(path, { product: "Gold" });
		const silver = await site.post(path, { product: "Silver" });
		const ofAcme = await site.post("organization/1/entitlement", { product: "Gold" });
		expect((await site.ask("DELETE", `entitlement/${silver.body.id}`)).status).toBe(204);
		expect((await site.ask("DELETE", `entitlement/${silver.body.id}`)).status).toBe(404);
		expect((await site.get(`entitlement/${silver.body.id}`)).status).toBe(404);
		expect(await idsOf(site, "entitlements")).toEqual([gold.body.id, ofAcme.body.id].sort());
		expect((await site.ask("DELETE", `product/${goldId}`)).status).toBe(204);
		expect(await idsOf(site, "entitlements")).toEqual([]);
		await site.post(path, { product: "Silver" });
		await site.post("organization/1/entitlement", { product: "Silver" });
		expect((await site.ask("DELETE", `customer/account/${janeId}`)).status).toBe(204);
		expect((await site.ask("DELETE", "organization/1")).status).toBe(204);
		expect(await idsOf(site, "entitlements")).toEqual([]);
	});
});

describe("lists of entitlements", () => {
	test("of a customer hold its own and those of its organizations, of an organization its own", async () => {
		const { site, janeId, goldId } = await prepare();
		const own = await site.post(`customer/${janeId}/entitlement`, { product: "Gold" });
		const ofAcme = await site.post("organization/1/entitlement", { product: "Silver" });
		await site.run("organization/bulk", { organizations: [{ name: "Globex" }] });
		await site.post("organization/2/entitlement", { product: "Gold" });
		const path = `customer/${janeId}/entitlement`;
		expect(await idsOf(site, path)).toEqual([own.body.id, ofAcme.body.id].sort());
		expect(await idsOf(site, `${path}?product=${goldId}`)).toEqual([own.body.id]);
		expect(await idsOf(site, `${path}?product=none`)).toEqual([]);
		expect(await idsOf(site, "organization/1/entitlement")).toEqual([ofAcme.body.id]);
		expect(await idsOf(site, `organization/1/entitlement?product=${goldId}`)).toEqual([]);
	});

	test("are filtered by product, customer and organization, and come page by page", async () => {
		const { site, janeId, goldId, silverId } = await prepare();
		const made: string[] = [];
		for (const record of [`customer/${janeId}`, "organization/1"]) {
			for (const product of ["Gold", "Silver"]) {
				made.push((await site.post(`${record}/entitlement`, { product })).body.id);
			}
		}
		const [janeGold, janeSilver, acmeGold, acmeSilver] = made;
		const jane = encodeURIComponent(janeId);
		for (const [query, ids] of [
			["", made],
			[`productId=${goldId}`, [janeGold, acmeGold]],
			[`customerId=${jane}`, [janeGold, janeSilver]],
			["organizationId=1", [acmeGold, acmeSilver]],
			[`productId=${silverId}&customerId=${jane}`, [janeSilver]],
			[`customerId=${jane}&organizationId=1`, []],
			[`entityType=CUSTOMER&entityId=${jane}&productId=${goldId}`, [janeGold]],
			["entityType=ORGANIZATION&entityId=1", [acmeGold, acmeSilver]],
			[`productId=${unknownId}`, []],
			["productId=GOLD", []],
			["customerId=jane@acme.com", []],
			["organizationId=01", []],
		] as const) {
			expect([query, await idsOf(site, `entitlements?${query}`)]).toEqual([query, ids.toSorted()]);
		}
		const first = await site.get(`entitlements?limit=3`);
		const second = await site.get(`entitlements?limit=3&cursor=${first.body.nextCursor}`);
		expect([...first.body.results, ...second.body.results].map(({ id }) => id)).toEqual(made.toSorted());
		expect(second.body).not.toHaveProperty("nextCursor");
	});

	test.each([
		[
			"entityType=CUSTOMER",
			"The query parameters entityType and entityId go together; one came without the other.",
		],
		["entityId=1", "The query parameters entityType and entityId go together; one came without the other."],
		[
			"entityType=ORGANIZATION&entityId=1&organizationId=1",
			"The query parameters organizationId and entityId name the same thing twice.",
		],
		[
			"entityType=PERSON&entityId=1",
			'The query parameter entityType is "PERSON"; CUSTOMER, ORGANIZATION are allowed.',
		],
	])("are not asked for by ?%s", async (query, detail) => {
		const { site } = await prepare();
		const refused = await site.get(`entitlements?${query}`);
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"invalid_request",
			detail,
		]);
	});
});

describe("a detail of an entitlement", () => {
	async function entitled(): Promise<Prepared & { readonly path: string }> {
		const prepared = await prepare();
		const made = await prepared.site.post("organization/1/entitlement", { product: "Gold" });
		return { ...prepared, path: `entitlement/${made.body.id}/details` };
	}

	test("is set, read and cleared by the name or the id of its field", async () => {
		const { site, path } = await entitled();
		await site.post("entitlement/details", {
			name: "Support tier",
			type: { name: "SELECT", options: ["Free", "Premium"] },
		});
		const field = {
			id: "support-tier",
			name: "Support tier",
			type: { name: "SELECT", options: ["Free", "Premium"] },
			configuration: { position: 0 },
		};
		expect((await site.get(`${path}?fieldName=support-tier`)).body).toEqual({ ...field, values: [] });
		const set = await site.ask("PUT", `${path}?fieldName=SUPPORT%20TIER`, { body: { values: ["premium"] } });
		expect([set.status, set.body]).toEqual([200, { ...field, values: ["Premium"] }]);
		for (const base of ["/api/v1", site.referenceBase]) {
			const read = await site.get(`${path}?fieldName=Support%20tier`, { base });
			expect(read.body).toEqual({ ...field, values: ["Premium"] });
		}
		const cleared = await site.ask("PUT", `${path}?fieldName=support-tier`, { body: { values: [] } });
		expect(cleared.body).toEqual({ ...field, values: [] });
	});

	test("is judged as in a bulk operation, and nothing is saved of one that is wrong", async () => {
		const { site, path } = await entitled();
		await site.post("entitlement/details", { name: "Licenses", type: "NUMBER" });
		const put = (fieldName: string, body: unknown) =>
			site.ask("PUT", `${path}?fieldName=${fieldName}`, { body });
		expect((await put("licenses", { values: [5] })).body.values).toEqual(["5"]);
		const refused = await put("licenses", { values: ["many"] });
		expect([refused.status, refused.body.errors]).toMatchObject([
			400,
			[{ code: "invalid_detail_value", pointer: "/values" }],
		]);
		expect((await put("licenses", {})).status).toBe(400);
		expect((await put("licenses", { values: { a: 5 } })).status).toBe(400);
		expect((await put("licenses", { value: ["5"] })).body.code).toBe("unknown_key");
		expect((await put("", { values: ["5"] })).body.detail).toBe(
			"The query parameter fieldName is blank; it names the detail field, by name or id.",
		);
		expect((await site.get(`${path}?fieldName=licenses`)).body.values).toEqual(["5"]);
	});

	test("makes a missing field, unless the site refuses such; reading never does", async () => {
		const { site, path } = await entitled();
		expect((await site.get(`${path}?fieldName=Region`)).status).toBe(404);
		const set = await site.ask("PUT", `${path}?fieldName=Region`, { body: { values: ["EU"] } });
		expect(set.body).toMatchObject({ id: "region", type: { name: "TEXT" }, values: ["EU"] });

		const strict = await muster.aSite({ unknownFields: "fail" });
		await strict.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		await strict.post("product", { name: "Gold" });
		const made = await strict.post("organization/1/entitlement", { product: "Gold" });
		const refused = await strict.ask("PUT", `entitlement/${made.body.id}/details?fieldName=Region`, {
			body: { values: ["EU"] },
		});
		expect([refused.status, refused.body.errors]).toMatchObject([400, [{ code: "unknown_detail_field" }]]);
	});

	test("follows its field when that is renamed, loses its options and is deleted", async () => {
		const { site, path } = await entitled();
		await site.post("entitlement/details", {
			name: "Tier",
			type: { name: "SELECT", options: ["Free", "Gold"] },
		});
		await site.ask("PUT", `${path}?fieldName=tier`, { body: { values: ["Gold"] } });
		const dropped = await site.ask("PUT", "entitlement/details/Tier", { body: { options: ["Free"] } });
		expect(dropped.body.detail).toMatch(/1 entitlement has it/);
		await site.ask("PUT", "entitlement/details/Tier", {
			body: { name: "Level", renameOptions: { Gold: "Best" } },
		});
		expect((await site.get(`${path}?fieldName=level`)).body.values).toEqual(["Best"]);
		const atStake = await site.ask("DELETE", "entitlement/details/Level");
		expect([atStake.status, atStake.body.code]).toEqual([409, "values_at_stake"]);
		expect((await site.ask("DELETE", "entitlement/details/Level?confirm=true")).status).toBe(204);
		expect((await site.get(path.replace("/details", ""))).body.details).toEqual({});
		// Fields of entitlements are neither customers' nor organizations'.
		await site.post("entitlement/details", { name: "Own" });
		expect((await site.get("customer/details")).body.results).toEqual([]);
		expect((await site.get("organization/details")).body.results).toEqual([]);
	});
});

test("a site reaches its own entitlements alone, whatever it names", async () => {
	const { site, janeId, goldId } = await prepare();
	const other = await prepare();
	const made = await site.post(`customer/${janeId}/entitlement`, { product: "Gold", details: { tier: "A" } });
	const { id } = made.body;
	for (const [method, path, body] of [
		["GET", `entitlement/${id}`, undefined],
		["DELETE", `entitlement/${id}`, undefined],
		["GET", `entitlement/${id}/details?fieldName=tier`, undefined],
		["PUT", `entitlement/${id}/details?fieldName=tier`, { values: ["B"] }],
		["GET", `customer/${janeId}/entitlement`, undefined],
		["POST", `customer/${janeId}/entitlement`, { product: "Gold" }],
	] as const) {
		const asked = body === undefined ? {} : { body };
		expect([path, (await other.site.ask(method, path, asked)).status]).toEqual([path, 404]);
	}
	const foreign = await other.site.post(`customer/${other.janeId}/entitlement`, { productId: goldId });
	expect(foreign.body.errors).toMatchObject([{ code: "product_not_found" }]);
	for (const query of ["", `productId=${goldId}`, `customerId=${encodeURIComponent(janeId)}`]) {
		expect(await idsOf(other.site, `entitlements?${query}`)).toEqual([]);
	}
	expect((await other.site.get("entitlement/details")).body.results).toEqual([]);
	expect((await site.get(`entitlement/${id}`)).body).toEqual(made.body);
});
