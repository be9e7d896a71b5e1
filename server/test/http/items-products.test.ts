import { itemOfProfile, itemOfRow } from "@muster/client";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const profiles = "customer/profile/bulk";
const email = "jane@acme.com";

interface Prepared {
	readonly site: TestSite;
	readonly gold: { readonly id: string; readonly name: string };
	readonly silver: { readonly id: string; readonly name: string };
}

/** A site with the products Gold and Silver. */
async function prepare(): Promise<Prepared> {
	const site = await muster.aSite();
	const { body: gold } = await site.post("product", { name: "Gold" });
	const { body: silver } = await site.post("product", { name: "Silver" });
	return { site, gold, silver };
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
async function profileOf(site: TestSite, entity: string, id: string, base = "/api/v1"): Promise<any> {
	return (await site.get(`${entity}/profile/${id}`, { base })).body;
}

describe("the products of an item", () => {
	test.each<[string, (goldId: string) => unknown]>([
		["by name", () => ({ products: ["Gold"] })],
		["by name in another spelling", () => ({ products: ["  gOLD "] })],
		["by name in an object", () => ({ products: [{ name: "Gold" }] })],
		["by id", (id) => ({ products: [{ id }] })],
		["by id in the reference's way", (id) => ({ associateProducts: { productIds: [id] } })],
		[
			"in both ways, and twice",
			(id) => ({ products: ["Gold", { id }, "GOLD"], associateProducts: { productIds: [id] } }),
		],
	])("are named %s, of customers and organizations, in flat and wrapped items", async (_what, formOf) => {
		const { site, gold } = await prepare();
		const form = formOf(gold.id) as object;
		for (const [path, items] of [
			[profiles, { customers: [{ email: "a@acme.com", ...form }] }],
			[
				profiles,
				{ customerProfiles: [{ operationType: "CREATE", payload: { email: "b@acme.com", ...form } }] },
			],
			["organization/profile/bulk", { organizations: [{ name: "Acme", ...form }] }],
			["organization/profile/bulk", { organizationProfiles: [{ payload: { name: "Globex", ...form } }] }],
		] as const) {
			const task = await site.run(path, items);
			const [made] = await site.results(task.taskId);
			expect(made).toMatchObject({ outcome: "created" });
			const entity = path.split("/")[0] ?? "";
			expect((await profileOf(site, entity, made.id)).products).toEqual([gold]);
			expect((await profileOf(site, entity, made.id, site.referenceBase)).products).toEqual([gold]);
		}
		expect((await site.get("entitlements")).body.results).toHaveLength(4);
	});

	test("are added, never removed, and an item that adds none leaves its record unchanged", async () => {
		const { site, gold, silver } = await prepare();
		const task = await site.run(profiles, {
			customers: [
				{ email, products: ["Gold"] },
				{ email, products: ["gold", { id: gold.id }] },
				{ email, products: ["Silver", "Gold"] },
				{ email, products: [] },
				{ email, products: null },
			],
		});
		const results = await site.results(task.taskId);
		expect(results.map(({ outcome }) => outcome)).toEqual([
			"created",
			"unchanged",
			"updated",
			"unchanged",
			"unchanged",
		]);
		expect((await profileOf(site, "customer", results[0].id)).products).toEqual([gold, silver]);
		const before = (await site.get("entitlements")).body;
		const again = await site.run(profiles, { customers: [{ email, products: ["Gold", "Silver"] }] });
		expect(again.summary).toMatchObject({ unchanged: 1 });
		expect((await site.get("entitlements")).body).toEqual(before);
	});

	test("keep their details when they are named again, and may be there from a single write", async () => {
		const { site } = await prepare();
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		const made = await site.post("organization/1/entitlement", { product: "Gold", details: { tier: "A" } });
		const task = await site.run("organization/profile/bulk", {
			organizations: [{ name: "Acme", products: ["Gold"] }],
		});
		expect(task.summary).toMatchObject({ unchanged: 1 });
		expect((await site.get(`entitlement/${made.body.id}`)).body).toEqual(made.body);
	});

	test("that do not exist fail their item, each told, and nothing of it is saved", async () => {
		const { site, gold } = await prepare();
		const unknown = "00000000-0000-7000-8000-000000000000";
		const task = await site.run(profiles, {
			customers: [
				{
					email,
					products: ["Gold", "Bronze", { id: unknown }, { id: gold.id.toUpperCase() }],
					associateProducts: { productIds: ["x"] },
				},
				{ email: "bob@acme.com", products: ["Gold"] },
			],
		});
		expect(task.summary).toMatchObject({ created: 1, failed: 1 });
		const hint = "Make the product first, with POST product.";
		const fault = (pointer: string, named: string) => ({
			code: "product_not_found",
			pointer,
			message: `No product of this site has the ${named}.`,
			hint,
		});
		expect(task.failures[0].errors).toEqual([
			fault("/products/1", 'name "Bronze"'),
			fault("/products/2/id", `id "${unknown}"`),
			fault("/products/3/id", `id "${gold.id.toUpperCase()}"`),
			fault("/associateProducts/productIds/0", 'id "x"'),
		]);
		expect((await site.get("entitlements")).body.results).toHaveLength(1);
		expect((await site.get(`customers?email=${email}`)).body.results).toEqual([]);
	});

	test.each<[string, unknown, unknown]>([
		["no list", { products: "Gold" }, { code: "invalid_type", pointer: "/products" }],
		["a number", { products: [5] }, { code: "invalid_type", pointer: "/products/0" }],
		["an object without a name", { products: [{}] }, { code: "invalid_type", pointer: "/products/0" }],
		["a blank name", { products: [" "] }, { code: "invalid_name", pointer: "/products/0" }],
		["a number as id", { products: [{ id: 5 }] }, { code: "invalid_type", pointer: "/products/0/id" }],
		[
			"an unknown key",
			{ products: [{ name: "Gold", colour: "red" }] },
			{ code: "unknown_item_key", pointer: "/products/0/colour" },
		],
		[
			"ids that are no list",
			{ associateProducts: { productIds: 5 } },
			{ code: "invalid_type", pointer: "/associateProducts/productIds" },
		],
	])("that are %s are a fault of the item", async (_what, form, fault) => {
		const { site } = await prepare();
		const task = await site.run(profiles, { customers: [{ email, ...(form as object) }] });
		expect(task.failures[0].errors).toMatchObject([fault]);
	});

	test("are no part of the other operations, whose items know no such key", async () => {
		const { site } = await prepare();
		const account = await site.run("customer/bulk", { customers: [{ email, products: ["Gold"] }] });
		expect(account.failures[0].errors).toMatchObject([{ code: "unknown_item_key", pointer: "/products" }]);
	});

	test("of another site are unknown", async () => {
		const [{ site }, other] = [await prepare(), await prepare()];
		await other.site.post("product", { name: "Theirs" });
		const task = await site.run(profiles, {
			customers: [
				{ email, products: ["Theirs"] },
				{ email, products: [{ id: other.gold.id }] },
			],
		});
		expect(task.failures.map(({ code }: { code: string }) => code)).toEqual([
			"product_not_found",
			"product_not_found",
		]);
		expect((await other.site.get("entitlements")).body.results).toEqual([]);
	});

	test("stand in the result of a dry run, which entitles nobody", async () => {
		const { site, gold, silver } = await prepare();
		const made = await site.run(profiles, { customers: [{ email, products: ["Gold"] }] });
		const [{ id }] = await site.results(made.taskId);
		const dry = await site.run(`${profiles}?dryRun=true`, {
			customers: [
				{ email, products: ["Gold", "Silver"] },
				{ email, products: ["Silver"] },
				{ email: "new@acme.com", products: ["Gold"] },
				{ email, products: ["Bronze"] },
			],
		});
		const results = await site.results(dry.taskId);
		expect(results.map(({ outcome, changes }) => [outcome, changes])).toEqual([
			["updated", [{ field: "products", before: null, after: [silver.id] }]],
			["unchanged", []],
			[
				"created",
				[
					{ field: "email", before: null, after: "new@acme.com" },
					{ field: "displayName", before: null, after: "new" },
					{ field: "products", before: null, after: [gold.id] },
				],
			],
			["failed", undefined],
		]);
		expect((await profileOf(site, "customer", id)).products).toEqual([gold]);
		expect((await site.get("entitlements")).body.results).toHaveLength(1);
	});

	test("are read in the order of tasks: one that is named is there or not when its task has its turn", async () => {
		const { site } = await prepare();
		const send = async (products: unknown): Promise<string> =>
			(await site.post(profiles, { customers: [{ email, products }] })).body.taskId;
		const taskIds = [await send(["Gold"]), await send(["Bronze"]), await send(["Gold", "Silver"])];
		await site.post("product", { name: "Bronze" });
		expect(await muster.worker.tick()).toBe(3);
		const outcomes = await Promise.all(taskIds.map(async (id) => (await site.results(id))[0].outcome));
		expect(outcomes).toEqual(["created", "updated", "updated"]);
		expect((await site.get("entitlements")).body.results).toHaveLength(3);
	});
});

test("a profile without products says nothing of them", async () => {
	const { site } = await prepare();
	const task = await site.run(profiles, { customers: [{ email }] });
	const [{ id }] = await site.results(task.taskId);
	expect(await profileOf(site, "customer", id)).not.toHaveProperty("products");
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	await site.post("organization/1/entitlement", { product: "Gold" });
	// What an organization has, its customers do not have by themselves.
	await site.run(profiles, { customers: [{ email, organizations: ["Acme"] }] });
	expect(await profileOf(site, "customer", id)).not.toHaveProperty("products");
	expect((await profileOf(site, "organization", "1")).products).toHaveLength(1);
});

test("what is exported, products included, can be imported again unchanged", async () => {
	const { site } = await prepare();
	await site.post("product", { name: "Semi;colon" });
	await site.run("organization/profile/bulk", {
		organizations: [{ name: "Acme", products: ["Gold"] }, { name: "Globex" }],
	});
	await site.run(profiles, {
		customers: [
			{ email, products: ["Silver", "Semi;colon"], organizations: ["Acme"] },
			{ email: "bob@acme.com" },
		],
	});
	for (const entity of ["customer", "organization"]) {
		const lines = (await site.get(`${entity}s/export?format=jsonl`)).text.trim().split("\n");
		const rows: Record<string, string>[] = parse((await site.get(`${entity}s/export`)).text, {
			columns: true,
		});
		expect(rows.map((row) => row["products[]"])).toEqual(
			entity === "customer" ? ["Semi\\;colon;Silver", ""] : ["Gold", ""],
		);
		for (const items of [lines.map((line) => itemOfProfile(JSON.parse(line))), rows.map(itemOfRow)]) {
			const task = await site.run(`${entity}/profile/bulk`, { [`${entity}s`]: items });
			expect(task.summary).toMatchObject({ total: 2, unchanged: 2 });
		}
	}
});

test("a record that is written by itself may name products as an item does", async () => {
	const { site, gold } = await prepare();
	const made = await site.post("customer/profile", { email, products: ["Gold"] });
	expect(made.body).toMatchObject({ email, products: [gold] });
	const refused = await site.post("organization/profile", { name: "Acme", products: ["Bronze"] });
	expect([refused.status, refused.body.errors]).toMatchObject([
		400,
		[{ code: "product_not_found", pointer: "/products/0" }],
	]);
});
