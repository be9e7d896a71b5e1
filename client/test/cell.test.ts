import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardCell, joinList, splitList, unguardCell } from "../src/contract/cell.ts";
import { itemOfProfile, itemOfRow } from "../src/exported.ts";

/** Texts that are mostly made of what the rules are about. */
const awkward = fc.oneof(
	fc.string({ unit: fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", ";", "\\", "a", "é") }),
	fc.string({ unit: "grapheme" }),
);

describe("a cell", () => {
	test.each([
		["=1+1", "'=1+1"],
		["+1-555-0123", "'+1-555-0123"],
		["-5", "'-5"],
		["@SUM(A1)", "'@SUM(A1)"],
		["\t=1", "'\t=1"],
		["\r=1", "'\r=1"],
		["'=1", "''=1"],
		["'90s", "'90s"],
		["a=1", "a=1"],
		["", ""],
	])("%j is guarded as %j", (text, cell) => {
		expect(guardCell(text)).toBe(cell);
	});

	test("never begins as a formula does, and is read back as what it was", () => {
		fc.assert(
			fc.property(awkward, (text) => {
				expect(guardCell(text)).not.toMatch(/^[=+\-@\t\r]/);
				expect(unguardCell(guardCell(text))).toBe(text);
			}),
			{ numRuns: 2_000 },
		);
	});

	test("of a list is read back as the texts that it was made of", () => {
		expect(joinList(["Red", "a;b\\"])).toBe("Red;a\\;b\\\\");
		expect(splitList("")).toEqual([]);
		fc.assert(
			fc.property(fc.array(awkward, { minLength: 2 }), (texts) => {
				expect(splitList(joinList(texts))).toEqual(texts);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("an item", () => {
	test("is made of a row by the names of its columns", () => {
		const row = {
			customerId: "qm:1:2",
			email: "jane@acme.com",
			displayName: "",
			"organizations[]": "Acme;Blue\\; Sons",
			"details.phone": "'+1",
			"details.tier": "",
			"details.tags[]": "Red;Blue",
			createdDate: "2026-01-01T00:00:00.000Z",
			updatedDate: "2026-01-01T00:00:00.000Z",
		};
		expect(itemOfRow(row)).toEqual({
			customerId: "qm:1:2",
			email: "jane@acme.com",
			organizations: ["Acme", "Blue; Sons"],
			details: { phone: "+1", tier: "", tags: ["Red", "Blue"] },
		});
	});

	test("is made of a line of either dialect", () => {
		const dates = { createdDate: "2026-01-01T00:00:00.000Z", updatedDate: "2026-01-01T00:00:00.000Z" };
		const account = { id: "1", name: "Acme" };
		expect(itemOfProfile({ ...account, details: { seats: 5 }, ...dates })).toEqual({
			...account,
			details: { seats: 5 },
		});
		const listed = [{ id: "seats", name: "Seats", type: { name: "NUMBER" }, values: ["5"] }];
		expect(itemOfProfile({ ...account, details: listed, ...dates })).toEqual({
			...account,
			details: { seats: ["5"] },
		});
	});
});
