import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const email = "jane.smith@acme.com";

describe("texts", () => {
	test.each<[string, string, (text: string) => unknown, string]>([
		["a displayName", "customer/bulk", (text) => ({ email, displayName: text }), "/displayName"],
		["a clientRef", "customer/bulk", (text) => ({ email, clientRef: text }), "/clientRef"],
		["an organization's name", "organization/bulk", (text) => ({ name: text }), "/name"],
		[
			"a detail value",
			"customer/profile/bulk",
			(text) => ({ email, details: [{ fieldId: "code", value: text }] }),
			"/details/0/value",
		],
	])(
		"of %s have 255 characters at most, and hold neither U+0000 nor half a surrogate pair",
		async (_what, path, itemOf, pointer) => {
			const site = await muster.aSite();
			await site.post("customer/details", {
				name: "Code",
				type: { name: "SELECT", options: ["😀".repeat(255)] },
			});
			const key = path.startsWith("customer") ? "customers" : "organizations";
			// Code points are counted, not UTF-16 units.
			expect((await site.run(path, { [key]: [itemOf("😀".repeat(255))] })).failures).toEqual([]);
			const task = await site.run(path, {
				[key]: ["😀".repeat(256), "zero\0", "half\ud83d", "\ude00half"].map(itemOf),
			});
			expect(
				task.failures.map(({ errors }: { errors: { code: string; pointer: string }[] }) =>
					errors.map((error) => [error.code, error.pointer]),
				),
			).toEqual([
				[["text_too_long", pointer]],
				[["invalid_text", pointer]],
				[["invalid_text", pointer]],
				[["invalid_text", pointer]],
			]);
		},
	);

	test("of a TEXT value have 10,000 characters at most", async () => {
		const site = await muster.aSite();
		const task = await site.run("customer/profile/bulk", {
			customers: [
				{ email: "a@acme.com", details: { note: "😀".repeat(10_000) } },
				{ email: "b@acme.com", details: { note: "😀".repeat(10_001) } },
			],
		});
		const message =
			'Invalid detail field value for "note": the value is 10001 characters long; 10000 are allowed.';
		expect(task.failures).toEqual([
			{
				index: 1,
				code: "text_too_long",
				message,
				errors: [{ code: "text_too_long", pointer: "/details/note", message }],
			},
		]);
	});

	test("of an email fail the item as no email", async () => {
		const site = await muster.aSite();
		const emails = [
			"",
			" ",
			"a\0@acme.com",
			"\ud83d@acme.com",
			`${"a".repeat(65)}@acme.com`,
			`a@${"b".repeat(300)}.com`,
		];
		const task = await site.run("customer/bulk", { customers: emails.map((each) => ({ email: each })) });
		expect(task.failures.map((failure: { code: string }) => failure.code)).toEqual([
			"invalid_email",
			"invalid_email",
			"invalid_text",
			"invalid_text",
			"invalid_email",
			"invalid_email",
		]);
		// What was sent can be read back, escaped as it was.
		expect((await site.results(task.taskId)).map((result) => result.key)).toEqual(emails);
	});

	test("of every other kind are kept and given back as sent", async () => {
		const site = await muster.aSite();
		const texts = [
			"\u0001\u001f\u007f",
			"\u202eevil\u2066",
			"👩‍👩‍👧‍👦",
			"مرحبا",
			"'; drop table customer; --",
			"<script>",
			"\ufeffx",
			"a\u2028b",
			"\\u0000",
			"{{x}}",
			"%00",
			"=1+1",
		];
		const task = await site.run("customer/profile/bulk", {
			customers: texts.map((text, number) => ({
				email: `customer-${number}@acme.com`,
				displayName: text,
				clientRef: text,
				details: { note: text, [`field ${text}`]: "x" },
			})),
		});
		expect(task.failures).toEqual([]);
		for (const { index, id, clientRef } of await site.results(task.taskId)) {
			const { body } = await site.get(`customer/profile/${id}`);
			expect([clientRef, body.displayName, body.details.note]).toEqual(Array(3).fill(texts[index]));
		}
		const names = (await site.get("customer/details")).body.results.map(
			(field: { name: string }) => field.name,
		);
		expect(names).toEqual(["note", ...texts.map((text) => `field ${text}`.trim())]);
	});
});

describe("a displayName", () => {
	test("is kept when it is absent, null or blank, and is the part before the @ of a new customer", async () => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email, displayName: " Jane  Smith " }] });
		const task = await site.run("customer/bulk", {
			customers: [
				{ email },
				{ email, displayName: null },
				{ email, displayName: "" },
				{ email, displayName: " \t" },
			],
		});
		expect(task.summary.unchanged).toBe(4);
		await site.run("customer/bulk", {
			customers: [{ email: "Bob.Jones+x@acme.com" }, { email: "ann@acme.com", displayName: " " }],
		});
		const { results } = (await site.get("customers")).body;
		const names = results.map((customer: { displayName: string }) => customer.displayName).sort();
		expect(names).toEqual([" Jane  Smith ", "Bob.Jones+x", "ann"]);
	});

	test("is no key of a details request nor of an organization", async () => {
		const site = await muster.aSite();
		const organizations = [{ name: "Acme", displayName: "Acme" }];
		const task = await site.run("organization/bulk", { organizations });
		expect(task.failures).toMatchObject([{ errors: [{ pointer: "/displayName" }] }]);
		const customers = [{ email, displayName: "Jane", details: [] }];
		const other = await site.run("customer/details/bulk", { customers });
		expect(other.failures[0].errors).toMatchObject([
			{ pointer: "/displayName" },
			{ code: "customer_not_found" },
		]);
	});
});
