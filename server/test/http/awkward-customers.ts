import { expect } from "vitest";
import { parseJson } from "../../src/domain/json.ts";
import type { TestSite } from "../muster.ts";

/** What spreadsheets, CSV and JSON stumble over. */
const awkward = [
	"=1+1",
	"+1",
	"-1",
	"@a",
	"\ta",
	"\ra",
	"'=a",
	"''a",
	"'a",
	'"',
	'a"b""c',
	"a,b",
	"a;b\\;c\\",
	"a\nb",
	"a\r\nb\rc",
	" a ",
	"null",
	"\ufeffa",
	"\u202eabc",
	"\u0001\u007f",
	"a\u2028b",
	"👩‍👩‍👧 e\u0301 Ω K",
	"{{7*7}}",
	"<script>alert(1)</script>",
	"x".repeat(255),
];
const options = ["Red", "Blue;Green", "=Black\\", "a,b"];

/** Definitions of a field of each type, and of some with awkward names. */
export const fields = [
	{ name: "Text" },
	{ name: "Number", type: { name: "NUMBER" } },
	{ name: "Date", type: { name: "DATE" } },
	{ name: "Email", type: { name: "EMAIL" } },
	{ name: "Phone", type: { name: "PHONE" } },
	{ name: "URL", type: { name: "URL" } },
	{ name: "Boolean", type: { name: "BOOLEAN" } },
	{ name: "Select", type: { name: "SELECT", options } },
	{ name: "Multiselect", type: { name: "MULTISELECT", options } },
	{ name: "=Formula" },
	{ name: "constructor" },
	{ name: "customerId" },
];
const numbers = ["9007199254740993", "-0", "1.50", "1e400", "-12.5", "0"];
export const organizations = ["Acme", "=Sum(A1);B\\", 'Comma, Inc. "quoted"'];

function at<T>(list: readonly T[], number: number): T {
	return list[number % list.length] as T;
}

export const products = ["Gold", "=Sum(A1);B\\"];

/** Customers in whose values every kind of field meets every awkward text, and in some of whom each is empty. */
export function aCustomer(number: number): Record<string, unknown> {
	const text = at(awkward, number);
	const details: Record<string, unknown> = {
		Text: text,
		Number: parseJson(at(numbers, number)),
		Date: "2026-02-28",
		Email: `+${number}@example.com`,
		Phone: "+1-555-0123",
		URL: "https://example.com/?a=b,c;d",
		Boolean: number % 2 === 0,
		Select: at(options, number),
		Multiselect: [at(options, number), at(options, number + 1)],
		"=Formula": at(awkward, number + 1),
		constructor: at(awkward, number + 2),
		customerId: at(awkward, number + 3),
	};
	const kept = Object.entries(details).filter((_, place) => (number + place) % 7 !== 0);
	return {
		email: `${at(["=", "+", "-", "a"], number)}${number}@example.com`,
		displayName: text,
		details: Object.fromEntries(kept),
		organizations: organizations.slice(0, number % 4),
		products: products.slice(0, number % 3),
		...(number % 5 === 0 ? { sourceUpdatedAt: "2026-11-24T09:30:00.50+01:00" } : {}),
	};
}

/** Makes the fields of both entities and the products, so that the customers can be sent. */
export async function prepare(site: TestSite): Promise<void> {
	for (const entity of ["customer", "organization"]) {
		const made = await site.post(`${entity}/details/definitions/bulk`, { detailFields: fields });
		expect(made.status).toBe(202);
	}
	for (const name of products) expect((await site.post("product", { name })).status).toBe(200);
}
