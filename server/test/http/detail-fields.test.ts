import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routes } from "../../src/http/route-table.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const bases = (site: TestSite): readonly string[] => [guideBase, site.referenceBase];
const plan = { name: "Plan", type: { name: "SELECT", options: ["Free", "Premium"] } };

describe.each(["customer", "organization"] as const)("the detail fields of a %s", (entity) => {
	const path = `${entity}/details`;

	test("are listed in their order, made at the end, and moved by position", async () => {
		const site = await muster.aSite();
		for (const name of ["A", "B", "C", "D"]) await site.post(path, { name });
		for (const base of bases(site)) {
			const move = async (name: string, position: number): Promise<string[]> => {
				const body = { configuration: { position } };
				const answer = await site.ask("PUT", `${path}/${name}`, { base, body });
				expect(answer.body).toEqual({
					id: name.toLowerCase(),
					name,
					type: { name: "TEXT" },
					configuration: { position },
				});
				return namesOf(site, path);
			};
			expect(await move("D", 0)).toEqual(["D", "A", "B", "C"]);
			expect(await move("A", 3)).toEqual(["D", "B", "C", "A"]);
			expect(await move("B", 1)).toEqual(["D", "B", "C", "A"]);
			expect(await move("D", 3)).toEqual(["B", "C", "A", "D"]);
			expect(await move("A", 0)).toEqual(["A", "B", "C", "D"]);
		}
	});

	test("keep their places when one goes and another comes", async () => {
		const site = await muster.aSite();
		for (const name of ["A", "B", "C"]) await site.post(path, { name });
		expect((await site.ask("DELETE", `${path}/b`)).status).toBe(204);
		await site.post(path, { name: "E" });
		const { results } = (await site.get(path)).body;
		expect(results).toEqual(
			["A", "C", "E"].map((name, position) => ({
				id: name.toLowerCase(),
				name,
				type: { name: "TEXT" },
				configuration: { position },
			})),
		);
	});

	test("are renamed while records keep their values, under the same id", async () => {
		const site = await muster.aSite();
		await site.post(path, plan);
		const { read } = await aRecord(site, entity, { Plan: "Premium" });
		const renamed = await site.ask("PUT", `${path}/plan`, { body: { name: "Support tier" } });
		expect(renamed.body).toEqual({
			...plan,
			id: "plan",
			name: "Support tier",
			configuration: { position: 0 },
		});
		expect(await read()).toEqual({ plan: "Premium" });
		expect((await site.ask("PUT", `${path}/SUPPORT%20TIER`, { body: {} })).status).toBe(200);
	});

	test("are refused a place that there is not, another type, and a key that nobody knows", async () => {
		const site = await muster.aSite();
		await site.post(path, plan);
		const refused = async (body: unknown): Promise<unknown> => {
			const answer = await site.ask("PUT", `${path}/Plan`, { body });
			expect(answer.status).toBe(400);
			return [answer.body.code, answer.body.errors?.[0]?.pointer, answer.body.detail];
		};
		const place = "a whole number from 0 to 0 is expected, the first place being 0. Nothing was saved.";
		const at = "/configuration/position";
		for (const [position, shown] of [
			[1, "1"],
			[-1, "-1"],
			[0.5, "0.5"],
			["0", '"0"'],
			[null, "null"],
		] as const) {
			const expected = ["invalid_detail_field", at, `position is ${shown}; ${place}`];
			expect(await refused({ configuration: { position } })).toEqual(expected);
		}
		expect(await refused({ configuration: { place: 0 } })).toEqual([
			"invalid_detail_field",
			"/configuration/place",
			'The key "place" is not known here. Nothing was saved.',
		]);
		expect(await refused({ type: "TEXT" })).toEqual([
			"invalid_detail_field",
			"/type",
			'The type of "Plan" is SELECT and stays so; make another field for another type. Nothing was saved.',
		]);
		expect(await refused({ title: "Tier" })).toEqual([
			"unknown_key",
			undefined,
			'The body has the key "title", which is not known here. Known: name, options, renameOptions, configuration. Nothing was saved.',
		]);
		expect((await site.get(path)).body.results).toEqual([
			{ ...plan, id: "plan", configuration: { position: 0 } },
		]);
	});
});

describe("options", () => {
	test("are renamed with the records that have them, in fields of one and of several", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		const tags = { name: "Tags", type: { name: "MULTISELECT", options: ["a", "b", "c"] } };
		await site.post("customer/details", tags);
		const { read } = await aRecord(site, "customer", { Plan: "Premium", Tags: ["a", "b"] });
		await put(site, "Plan", { renameOptions: { premium: "Gold" } });
		await put(site, "Tags", { options: ["B!", "c", "A!"], renameOptions: { a: "A!", b: "B!" } });
		expect(await read()).toEqual({ plan: "Gold", tags: ["A!", "B!"] });
		expect((await site.get("customer/details")).body.results.map(optionsOf)).toEqual([
			["Free", "Gold"],
			["B!", "c", "A!"],
		]);
	});

	test("that are in use are not dropped, and all of them are told of with their records", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		await site.run("customer/profile/bulk", {
			customers: ["Free", "Premium", "Premium"].map((value, number) => ({
				email: `${number}@acme.com`,
				details: { Plan: value },
			})),
		});
		const refused = await site.ask("PUT", "customer/details/Plan", { body: { options: ["Gold"] } });
		expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
			400,
			"invalid_detail_field",
			[
				["Free", "1 customer has"],
				["Premium", "2 customers have"],
			].map(([option, who]) => ({
				code: "invalid_type",
				pointer: "/options",
				message: `The option "${option}" of "Plan" cannot be dropped: ${who} it.`,
				hint: "Rename it with renameOptions, or change those records first.",
			})),
		]);
	});

	test("do not swap their names in one request, for records that follow could not be told apart", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		const swap = { renameOptions: { Free: "Premium", Premium: "Free" } };
		const refused = await site.ask("PUT", "customer/details/Plan", { body: swap });
		expect([refused.status, refused.body.errors.map((error: { message: string }) => error.message)]).toEqual([
			400,
			[
				'"Free" cannot become "Premium" in the request that gives "Premium" another name; send two requests.',
				'"Premium" cannot become "Free" in the request that gives "Free" another name; send two requests.',
			],
		]);
	});
});

describe("deleting a field", () => {
	test("with values needs a word for it, and says how many would go", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		const { read } = await aRecord(site, "customer", { Plan: "Premium", phone: "+1-555-0123" });
		for (const base of bases(site)) {
			for (const query of ["", "?confirm=false"]) {
				const asked = await site.ask("DELETE", `customer/details/Plan${query}`, { base });
				expect([asked.status, asked.body.code, asked.body.values, asked.body.detail]).toEqual([
					409,
					"values_at_stake",
					1,
					'1 customer has a value in "Plan", which would go with it. Nothing was deleted; send the same request with ?confirm=true if they may go.',
				]);
			}
		}
		expect(await read()).toEqual({ plan: "Premium", phone: "+1-555-0123" });
		expect((await site.ask("DELETE", "customer/details/Plan?confirm=true")).status).toBe(204);
		expect(await read()).toEqual({ phone: "+1-555-0123" });
		expect((await site.ask("DELETE", "customer/details/Plan?confirm=true")).status).toBe(404);
	});

	test("without values needs none", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		await aRecord(site, "customer", { Plan: "Premium" });
		await aRecord(site, "customer", { Plan: null });
		expect((await site.ask("DELETE", "customer/details/Plan")).status).toBe(204);
		expect((await site.get("customer/details")).body.results).toEqual([]);
	});

	test("gives its name and its id free, and nothing of before comes back", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", plan);
		const { read } = await aRecord(site, "customer", { Plan: "Premium" });
		await site.ask("DELETE", "customer/details/Plan?confirm=true");
		const again = await site.post("customer/details", { name: "Plan" });
		expect(again.body).toEqual({
			id: "plan",
			name: "Plan",
			type: { name: "TEXT" },
			configuration: { position: 0 },
		});
		expect(await read()).toEqual({});
	});
});

describe("a name that is a word of an address", () => {
	/** What stands where the name of a field would. */
	const addressWords = [
		...new Set(
			routes.flatMap(({ path }) => /^(?:customer|organization)\/details\/(\w+)$/.exec(path)?.[1] ?? []),
		),
	];

	test("is known: bulk", () => expect(addressWords).toEqual(["bulk"]));

	test.each(addressWords)("%s gets another id, by which it is reached", async (word) => {
		const site = await muster.aSite();
		expect((await site.post("customer/details", { name: word })).body.id).toBe(`${word}-2`);
		const { read } = await aRecord(site, "organization", { [word]: "made by an item" });
		expect(await read()).toEqual({ [`${word}-2`]: "made by an item" });
		for (const entity of ["customer", "organization"]) {
			const answer = await site.ask("PUT", `${entity}/details/${word}-2`, { body: { name: "Size" } });
			expect([answer.status, answer.body.name]).toEqual([200, "Size"]);
		}
	});
});

async function namesOf(site: TestSite, path: string): Promise<string[]> {
	return (await site.get(path)).body.results.map((field: { name: string }) => field.name);
}

function optionsOf(field: { type: { options: string[] } }): string[] {
	return field.type.options;
}

async function put(site: TestSite, name: string, body: unknown): Promise<void> {
	const answer = await site.ask("PUT", `customer/details/${name}`, { body });
	expect(answer.status, answer.text).toBe(200);
}

/** Sends one record with details; `read` gives its details. */
async function aRecord(
	site: TestSite,
	entity: "customer" | "organization",
	details: unknown,
): Promise<{ read(): Promise<unknown> }> {
	const who = entity === "customer" ? { email: "jane.smith@acme.com" } : { name: "Acme" };
	const task = await site.run(`${entity}/profile/bulk`, { [`${entity}s`]: [{ ...who, details }] });
	expect(task.failures).toEqual([]);
	const [{ id }] = await site.results(task.taskId);
	return { read: async () => (await site.get(`${entity}/profile/${id}`)).body.details };
}
