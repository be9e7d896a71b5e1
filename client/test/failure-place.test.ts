import { describe, expect, test } from "vitest";
import { failurePlace, withValueAt } from "../src/index.ts";

describe("where a failure stands, whatever the shape of the item", () => {
	test.each([
		["the item itself", { email: "a" }, "", { field: "", value: null }],
		["a member", { email: "none" }, "/email", { field: "email", value: "none" }],
		["a member that is not there", {}, "/email", { field: "email", value: null }],
		[
			"a detail in a map",
			{ details: { plan: "Platnum" } },
			"/details/plan",
			{ field: "details.plan", value: "Platnum" },
		],
		["a name with a slash", { details: { "a/b": 1 } }, "/details/a~1b", { field: "details.a/b", value: "1" }],
		[
			"an edit of the guide",
			{ details: [{ fieldId: "plan", operation: "UPDATE", value: "Platnum" }] },
			"/details/0/value",
			{ field: "details.plan", value: "Platnum" },
		],
		[
			"a detail of the reference",
			{ operationType: "UPSERT", payload: { details: [{ name: "plan", values: ["Platnum"] }] } },
			"/payload/details/0/values",
			{ field: "details.plan", value: "Platnum" },
		],
		[
			"an edit of the reference",
			{ operations: [{ operationType: "UPDATE", payload: { name: "plan", values: ["A", "B"] } }] },
			"/operations/0/payload/values",
			{ field: "details.plan", value: '["A","B"]' },
		],
		[
			"an organization that is named",
			{ organizations: ["Acme"] },
			"/organizations/0",
			{ field: "organizations", value: "Acme" },
		],
		["what no pointer leads to", { email: "a" }, "/email/0/x", { field: "email.0.x", value: null }],
	])("%s", (_what, item, pointer, place) => {
		expect(failurePlace(item, pointer)).toEqual(place);
	});
});

describe("a corrected item", () => {
	test("differs in the one place, and the one that was sent stays as it was", () => {
		const item = {
			email: "a@b.c",
			details: [
				{ fieldId: "plan", value: "Platnum" },
				{ fieldId: "seats", value: 1 },
			],
		};
		const before = structuredClone(item);
		expect(withValueAt(item, "/details/0/value", "Platinum")).toEqual({
			email: "a@b.c",
			details: [
				{ fieldId: "plan", value: "Platinum" },
				{ fieldId: "seats", value: 1 },
			],
		});
		expect(item).toEqual(before);
	});

	test("has a list where a list was", () => {
		const item = { payload: { details: [{ name: "plan", values: ["Platnum"] }] } };
		expect(withValueAt(item, "/payload/details/0/values", "Platinum")).toEqual({
			payload: { details: [{ name: "plan", values: ["Platinum"] }] },
		});
	});

	test("gets a member that looks like a prototype as a member of its own", () => {
		const item = JSON.parse('{"details":{"__proto__":"x"}}');
		const corrected = withValueAt(item, "/details/__proto__", "y") as { details: object };
		expect(JSON.stringify(corrected)).toBe('{"details":{"__proto__":"y"}}');
		expect(Object.getPrototypeOf(corrected.details)).toBe(Object.prototype);
	});
});
