import type { Entity } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";

describe("values of each type", () => {
	const fields = [
		{ name: "Text", good: "any text", stored: "any text", shown: "any text", bad: undefined },
		{ name: "Number", good: "-12.50", stored: "-12.50", shown: -12.5, bad: "1,000" },
		{ name: "Date", good: "2028-02-29", stored: "2028-02-29", shown: "2028-02-29", bad: "2027-02-29" },
		{ name: "Email", good: "A@Acme.com", stored: "A@Acme.com", shown: "A@Acme.com", bad: "acme.com" },
		{ name: "Phone", good: "+1-555-0123", stored: "+1-555-0123", shown: "+1-555-0123", bad: "call me" },
		{
			name: "Url",
			good: "https://acme.com",
			stored: "https://acme.com",
			shown: "https://acme.com",
			bad: "acme",
		},
		{ name: "Boolean", good: "TRUE", stored: "true", shown: true, bad: "yes" },
		{ name: "Select", good: "one", stored: "One", shown: "One", bad: "Two" },
		{ name: "Multiselect", good: "one", stored: "One", shown: ["One"], bad: "Two" },
	];
	const definitions = fields.map(({ name }) => ({
		name,
		type: {
			name: name.toUpperCase(),
			...(name.toLowerCase().endsWith("select") ? { options: ["One"] } : {}),
		},
	}));
	const entities: readonly { entity: Entity; key: string; identity: Readonly<Record<string, string>> }[] = [
		{ entity: "customer", key: "customers", identity: { email } },
		{ entity: "organization", key: "organizations", identity: { name: "Acme" } },
	];

	test.each(entities)(
		"are read back plain by the guide, in lists by the reference ($entity)",
		async (each) => {
			const { entity, key, identity } = each;
			const site = await muster.aSite();
			await site.post(`${entity}/details/definitions/bulk`, { detailFields: definitions });
			const details = Object.fromEntries(fields.map(({ name, good }) => [name, good]));
			const task = await site.run(`${entity}/profile/bulk`, { [key]: [{ ...identity, details }] });
			const [{ id }] = await site.results(task.taskId);
			expect((await site.get(`${entity}/profile/${id}`)).body.details).toEqual(
				Object.fromEntries(fields.map(({ name, shown }) => [name.toLowerCase(), shown])),
			);
			const inReference = await site.get(`${entity}/profile/${id}`, { base: site.referenceBase });
			expect(inReference.body.details).toEqual(
				fields.map(({ name, stored }, position) => ({
					...definitions[position],
					id: name.toLowerCase(),
					values: [stored],
					configuration: { position },
				})),
			);
		},
	);

	test.each(entities)(
		"that do not fit are one failure that begins alike in both dialects ($entity)",
		async (each) => {
			const { entity, key, identity } = each;
			const site = await muster.aSite();
			await site.post(`${entity}/details/definitions/bulk`, { detailFields: definitions });
			const misfits = fields.filter(({ bad }) => bad !== undefined);
			const details = Object.fromEntries(misfits.map(({ name, bad }) => [name, bad]));
			const task = await site.run(`${entity}/profile/bulk`, { [key]: [{ ...identity, details }] });
			const [failure] = task.failures;
			expect(
				failure.errors.map((error: { code: string; pointer: string }) => [error.code, error.pointer]),
			).toEqual(misfits.map(({ name }) => ["invalid_detail_value", `/details/${name}`]));
			for (const { message } of failure.errors) expect(message).toMatch(/^Invalid detail field value/);
			expect(failure.message).toBe(
				failure.errors.map((error: { message: string }) => error.message).join(" "),
			);
			const inReference = (await site.get(`tasks/${task.taskId}`, { base: site.referenceBase })).body;
			expect(inReference.failures).toMatchObject([
				{ operatedOnIds: misfits.map(({ name }) => name), error: failure.message },
			]);
			expect((await site.get(key)).body.results).toEqual([]);
		},
	);
});

describe("a number", () => {
	const digits = ["9007199254740993", "1e400", "-0", "1.50", "0.1e-7", "123456789012345678901234567890.5"];

	async function sendNumber(site: TestSite, number: string): Promise<{ failures: { code: string }[] }> {
		return site.run(
			"customer/profile/bulk",
			`{"customers": [{"email": "${email}", "details": {"score": ${number}, "note": ${number}}}]}`,
		);
	}

	test.each(digits)("%s keeps its digits, in a NUMBER field and in a TEXT field", async (number) => {
		const site = await muster.aSite();
		await site.post("customer/details", { name: "Score", type: "NUMBER" });
		expect((await sendNumber(site, number)).failures).toEqual([]);
		const { results } = (await site.get("customers")).body;
		// The text of the answer: reading it as JSON would round.
		const { text } = await site.get(`customer/profile/${results[0].customerId}`);
		expect(text).toContain(`"details":{"score":${number},"note":"${number}"}`);
		const inReference = await site.get("customers", { base: site.referenceBase });
		expect(inReference.body.results[0].details).toMatchObject([{ values: [number] }, { values: [number] }]);
	});

	test("with its digits in a text is the same number", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", { name: "Score", type: "NUMBER" });
		await sendNumber(site, "1.50");
		const task = await sendNumber(site, '" 1.50 "');
		// The TEXT beside it keeps its blanks.
		expect(task).toMatchObject({ summary: { updated: 1 } });
		expect(await detailsOf(site)).toEqual({ score: 1.5, note: " 1.50 " });
	});

	test("of 20,000 digits fails its item, in a field of either type", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", { name: "Score", type: "NUMBER" });
		const task = await sendNumber(site, "9".repeat(20_000));
		expect(task.failures).toMatchObject([
			{
				errors: [
					{ code: "text_too_long", pointer: "/details/score" },
					{ code: "text_too_long", pointer: "/details/note" },
				],
			},
		]);
	});

	test("of 10,000 digits is kept as a text, and 255 digits as a number", async () => {
		const site = await muster.aSite();
		await site.post("customer/details", { name: "Score", type: "NUMBER" });
		await site.run(
			"customer/profile/bulk",
			`{"customers": [{"email": "${email}", "details": {"score": ${"9".repeat(255)}, "note": ${"9".repeat(10_000)}}}]}`,
		);
		expect((await site.get("customers")).text).toContain(
			`"details":{"score":${"9".repeat(255)},"note":"${"9".repeat(10_000)}"}`,
		);
	});
});

async function detailsOf(site: TestSite): Promise<unknown> {
	const { results } = (await site.get(`customers?email=${email}`)).body;
	return results[0]?.details;
}
