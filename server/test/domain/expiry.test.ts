import { expect, test } from "vitest";
import { readExpiry } from "../../src/domain/expiry.ts";

const now = Date.parse("2026-11-24T10:00:00Z");

test.each([
	["1d", "2026-11-25T10:00:00.000Z"],
	["30d", "2026-12-24T10:00:00.000Z"],
	["2027-01-31", "2027-01-31T00:00:00.000Z"],
	["2028-02-29", "2028-02-29T00:00:00.000Z"],
	["2026-11-24T10:00:01Z", "2026-11-24T10:00:01.000Z"],
	["2026-11-24T12:00+01:00", "2026-11-24T11:00:00.000Z"],
])("%s is a time to come", (text, at) => {
	expect(readExpiry(text, now)).toEqual(new Date(at));
});

test.each(["2026-11-24", "2026-11-24T10:00:00Z", "1999-12-31", "2026-11-24T10:30+01:00"])(
	"%s has passed",
	(text) => {
		expect(readExpiry(text, now)).toBe(`"${text}" has passed.`);
	},
);

test.each([
	"",
	"0d",
	"-1d",
	"1.5d",
	"100000d",
	"30",
	"30 d",
	"tomorrow",
	"2027-02-30",
	"2027-13-01",
	"2027-01-31T18:00:00",
	"2027-01-31T25:00:00Z",
	"31.01.2027",
	"2027",
])("%j is no time", (text) => {
	expect(readExpiry(text, now)).toBe(
		`${JSON.stringify(text)} is not a time; days such as 30d, a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z are expected.`,
	);
});
