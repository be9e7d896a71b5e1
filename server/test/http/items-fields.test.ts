import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";

describe("a field that does not exist", () => {
	test("is made as TEXT by default, under an id made of its name", async () => {
		const site = await muster.aSite();
		await run(site, { "Support Tier": "Premium", Größe: "XL", 颜色: "red", "support-tier": "Free" });
		expect(await fieldsOf(site)).toEqual([
			{ id: "support-tier", name: "Support Tier", type: { name: "TEXT" }, configuration: { position: 0 } },
			{ id: "grosse", name: "Größe", type: { name: "TEXT" }, configuration: { position: 1 } },
			{ id: "field", name: "颜色", type: { name: "TEXT" }, configuration: { position: 2 } },
		]);
		// "support-tier" is the id of the field that the same item has just made.
		expect(await detailsOf(site)).toEqual({ "support-tier": "Free", grosse: "XL", field: "red" });
	});

	test("is made by an item that succeeds only", async () => {
		const site = await muster.aSite();
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "invalid-email", details: { first: "1" } },
				{ email, details: { second: "2" }, organizations: ["Nowhere"] },
				{ email, details: { third: "3" } },
			],
		});
		expect(task.summary).toMatchObject({ created: 1, failed: 2 });
		expect((await fieldsOf(site)).map((field) => field.id)).toEqual(["third"]);
	});

	test("is made once by many items, and the two entities have fields of their own", async () => {
		const site = await muster.aSite();
		const details = { Region: "EU" };
		await site.run("customer/profile/bulk", {
			customers: ["a", "b", "c"].map((word) => ({ email: `${word}@acme.com`, details })),
		});
		expect(await fieldsOf(site)).toHaveLength(1);
		expect((await site.get("organization/details")).body).toEqual({ results: [] });
	});

	test("fails its item where the site is set so, and tells the nearest name", async () => {
		const site = await muster.aSite({ unknownFields: "fail" });
		await site.post("customer/details", { name: "Support Tier" });
		const task = await run(site, { "support teir": "Premium", Region: "EU", "SUPPORT TIER": "Free" });
		expect(task.failures).toEqual([
			{
				index: 0,
				code: "unknown_detail_field",
				message:
					'Invalid detail field: there is no field "support teir", and this site does not make missing fields. Invalid detail field: there is no field "Region", and this site does not make missing fields.',
				errors: [
					{
						code: "unknown_detail_field",
						pointer: "/details/support teir",
						message:
							'Invalid detail field: there is no field "support teir", and this site does not make missing fields.',
						hint: 'Did you mean "Support Tier"?',
					},
					{
						code: "unknown_detail_field",
						pointer: "/details/Region",
						message:
							'Invalid detail field: there is no field "Region", and this site does not make missing fields.',
					},
				],
			},
		]);
		expect((await site.get("customers")).body.results).toEqual([]);
		const inReference = await site.get(`tasks/${task.taskId}`, { base: site.referenceBase });
		expect(inReference.body.failures[0].operatedOnIds).toEqual(["support teir", "Region"]);
	});

	test("fails its item when the site has fifty", async () => {
		const site = await muster.aSite();
		const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`Field ${number}`, "x"]));
		expect((await run(site, fifty)).summary.created).toBe(1);
		const task = await run(site, { "Field 7": "y", "Field 50": "y" });
		const message = 'Invalid detail field: there is no field "Field 50", and the site has its 50 fields.';
		expect(task.failures).toEqual([
			{
				index: 0,
				code: "detail_field_limit",
				message,
				errors: [{ code: "detail_field_limit", pointer: "/details/Field 50", message }],
			},
		]);
		expect(await detailsOf(site)).toMatchObject({ "field-7": "x" });
		expect(await fieldsOf(site)).toHaveLength(50);
	});

	test("counts towards the limit within its item and across the items of a request", async () => {
		const site = await muster.aSite({ detailFieldsMax: 3 });
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "a@acme.com", details: { one: "1", two: "2", three: "3", four: "4" } },
				{ email: "b@acme.com", details: { one: "1", two: "2" } },
				{ email: "c@acme.com", details: { three: "3", four: "4" } },
				{ email: "d@acme.com", details: { three: "3" } },
				{ email: "e@acme.com", details: { four: "4" } },
			],
		});
		expect(
			task.failures.map((failure: { index: number; code: string }) => [failure.index, failure.code]),
		).toEqual([
			[0, "detail_field_limit"],
			[2, "detail_field_limit"],
			[4, "detail_field_limit"],
		]);
		expect((await fieldsOf(site)).map((field) => field.id)).toEqual(["one", "two", "three"]);
	});

	test("may be called like a member of an object: nothing reaches a prototype", async () => {
		const site = await muster.aSite();
		const names = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf"];
		const details = `{${names.map((name) => `"${name}": "${name}!"`).join(", ")}}`;
		const task = await site.run(
			"customer/profile/bulk",
			`{"customers": [{"email": "${email}", "details": ${details}}]}`,
		);
		expect(task.failures).toEqual([]);
		const ids = ["proto", "constructor", "prototype", "hasownproperty", "tostring", "valueof"];
		expect(await detailsOf(site)).toEqual(
			Object.fromEntries(ids.map((id, place) => [id, `${names[place]}!`])),
		);
		// Read back in lists, and cleared one by one.
		await site.run("customer/details/bulk", {
			customers: [{ email, details: names.map((fieldId) => ({ fieldId, operation: "DELETE" })) }],
		});
		expect(await detailsOf(site)).toEqual({});
		expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
	});
});

describe("a field's name in an item", () => {
	test("takes every character but U+0000 and half surrogates, and 255 of them", async () => {
		const site = await muster.aSite();
		const good = [
			"a/b~c",
			"😀 smile",
			"\u202eright to left",
			"line\nbreak",
			"'; drop table x; --",
			"n".repeat(255),
		];
		expect((await run(site, Object.fromEntries(good.map((name) => [name, "x"])))).failures).toEqual([]);
		expect((await fieldsOf(site)).map((field) => field.name)).toEqual(good);
		for (const [name, code, shown] of [
			["zero\0", "invalid_text", "/details/zero\0"],
			["half\ud83d", "invalid_text", "/details/half\ud83d"],
			["n".repeat(256), "text_too_long", `/details/${"n".repeat(256)}`],
			["", "invalid_name", "/details/"],
			["\t", "invalid_name", "/details/\t"],
		] as const) {
			const task = await run(site, { [name]: "x" });
			expect(task.failures).toMatchObject([{ code, errors: [{ code, pointer: shown }] }]);
		}
		expect(await fieldsOf(site)).toHaveLength(good.length);
	});
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
function run(site: TestSite, details: unknown): Promise<any> {
	return site.run("customer/profile/bulk", { customers: [{ email, details }] });
}

async function detailsOf(site: TestSite): Promise<unknown> {
	const { results } = (await site.get(`customers?email=${email}`)).body;
	return results[0]?.details;
}

async function fieldsOf(site: TestSite): Promise<{ id: string; name: string }[]> {
	return (await site.get("customer/details")).body.results;
}
