import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

test("a product is made, read, renamed and deleted, the same under both bases", async () => {
	for (const reference of [false, true]) {
		const site = await muster.aSite();
		const at = reference ? { base: site.referenceBase } : {};
		const made = await site.post("product", { name: "  Premium support " }, at);
		expect([made.status, made.body]).toEqual([200, { id: uuid, name: "Premium support" }]);
		const { id } = made.body;
		expect((await site.get(`product/${id}`, at)).body).toEqual(made.body);
		const renamed = await site.ask("PUT", `product/${id}`, { ...at, body: { name: "Gold" } });
		expect([renamed.status, renamed.body]).toEqual([200, { id, name: "Gold" }]);
		expect((await site.get(`product/${id}`, at)).body).toEqual({ id, name: "Gold" });
		const deleted = await site.ask("DELETE", `product/${id}`, at);
		expect([deleted.status, deleted.text]).toEqual([204, ""]);
		expect((await site.get(`product/${id}`, at)).status).toBe(404);
		expect((await site.ask("DELETE", `product/${id}`, at)).status).toBe(404);
		expect((await site.ask("PUT", `product/${id}`, { ...at, body: { name: "Gold" } })).status).toBe(404);
	}
});

test("a name is a product's alone, whatever its case; its own it may take anew", async () => {
	const site = await muster.aSite();
	await site.post("product", { name: "Straße" });
	const { body: other } = await site.post("product", { name: "Silver" });
	const taken = {
		status: 409,
		code: "conflict",
		detail: 'Another product of this site has the name "STRAßE". Nothing was saved.',
	};
	expect((await site.post("product", { name: "STRAßE" })).body).toMatchObject(taken);
	const renaming = await site.ask("PUT", `product/${other.id}`, { body: { name: "STRAßE" } });
	expect(renaming.body).toMatchObject(taken);
	const respelled = await site.ask("PUT", `product/${other.id}`, { body: { name: "SILVER" } });
	expect(respelled.body).toEqual({ id: other.id, name: "SILVER" });
	const { results } = (await site.get("products")).body;
	expect(results.map(({ name }: { name: string }) => name).sort()).toEqual(["SILVER", "Straße"]);
});

test.each<[string, unknown, string, string]>([
	["without a name", {}, "invalid_request", "name is blank. Nothing was saved."],
	["with a blank name", { name: "  " }, "invalid_request", "name is blank. Nothing was saved."],
	[
		"with a name that is no text",
		{ name: 5 },
		"invalid_request",
		"name is 5; a text is expected. Nothing was saved.",
	],
	[
		"with a name that is too long",
		{ name: "a".repeat(256) },
		"invalid_request",
		"name is 256 characters long; 255 are allowed. Nothing was saved.",
	],
	[
		"with a key that is unknown",
		{ name: "Gold", nmae: "Gold" },
		"unknown_key",
		'The body has the key "nmae", which is not known here. Did you mean "name"? Nothing was saved.',
	],
])("a product %s is refused", async (_what, body, code, detail) => {
	const site = await muster.aSite();
	const { body: gold } = await site.post("product", { name: "Silver" });
	for (const refused of [
		await site.post("product", body),
		await site.ask("PUT", `product/${gold.id}`, { body }),
	]) {
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([400, code, detail]);
	}
	expect((await site.get("products")).body.results).toEqual([gold]);
});

test("products are listed page by page, oldest first, in the words of both lists", async () => {
	const site = await muster.aSite();
	const made = [];
	for (const name of ["C", "A", "B"]) made.push((await site.post("product", { name })).body);
	// In time order to the millisecond, which two of them may share.
	made.sort((one, other) => (one.id < other.id ? -1 : 1));
	for (const [path, key] of [
		["products", "nextCursor"],
		["product", "nextPageCursor"],
	] as const) {
		const first = await site.get(`${path}?limit=2`);
		const second = await site.get(`${path}?limit=2&cursor=${first.body[key]}`);
		expect([...first.body.results, ...second.body.results]).toEqual(made);
		expect(Object.keys(first.body)).toEqual(["results", key]);
		expect(Object.keys(second.body)).toEqual(["results"]);
	}
});

test("a site sees, changes and deletes its own products alone", async () => {
	const [site, other] = [await muster.aSite(), await muster.aSite()];
	const { body: gold } = await site.post("product", { name: "Gold" });
	const unknown = await other.get("product/00000000-0000-7000-8000-000000000000", {
		headers: { "x-request-id": "1" },
	});
	const seen = await other.get(`product/${gold.id}`, { headers: { "x-request-id": "1" } });
	expect(seen.text.replace(gold.id, "00000000-0000-7000-8000-000000000000")).toBe(unknown.text);
	expect((await other.ask("PUT", `product/${gold.id}`, { body: { name: "Mine" } })).status).toBe(404);
	expect((await other.ask("DELETE", `product/${gold.id}`)).status).toBe(404);
	expect((await other.get("products")).body).toEqual({ results: [] });
	expect((await other.post("product", { name: "Gold" })).status).toBe(200);
	expect((await site.get(`product/${gold.id}`)).body).toEqual(gold);
});
