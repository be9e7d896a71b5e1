import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBefore, readInstant } from "../../src/domain/instant.ts";

const read = (value: unknown) => readInstant(value, "/sourceUpdatedAt", "sourceUpdatedAt");

describe("a date-time of RFC 3339 is kept in UTC, digit by digit", () => {
	test.each([
		["2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z"],
		["2026-11-24t09:30:00z", "2026-11-24T09:30:00Z"],
		["2026-11-24T09:30:00.000Z", "2026-11-24T09:30:00Z"],
		["2026-11-24T09:30:00.120Z", "2026-11-24T09:30:00.12Z"],
		["2026-11-24T09:30:00.123456789012Z", "2026-11-24T09:30:00.123456789012Z"],
		["2026-11-24T00:30:00+01:00", "2026-11-23T23:30:00Z"],
		["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"],
		["2026-11-24T09:30:00-00:00", "2026-11-24T09:30:00Z"],
		["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
		["1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"],
		["1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z"],
		["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
		["9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
	])("%s", (sent, kept) => {
		expect(read(sent)).toBe(kept);
	});
});

describe("anything else is a fault", () => {
	test.each([
		"",
		"now",
		"2026-11-24",
		"2026-11-24T09:30:00",
		"2026-11-24 09:30:00Z",
		"2026-11-24T09:30Z",
		"2026-11-24T09:30:00.Z",
		"2026-11-24T09:30:00+0100",
		"2026-11-24T09:30:00+24:00",
		"2026-11-24T24:00:00Z",
		"2026-11-24T09:60:00Z",
		"2026-11-24T09:30:61Z",
		"2026-11-24T09:30:60Z",
		"2026-02-29T00:00:00Z",
		"2026-00-10T00:00:00Z",
		"2026-13-10T00:00:00Z",
		"26-11-24T09:30:00Z",
		"0000-12-31T23:59:59Z",
		"0001-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-01:00",
		" 2026-11-24T09:30:00Z",
		"2026-11-24T09:30:00Z\n",
		"\uff12026-11-24T09:30:00Z",
		`2026-11-24T09:30:00.${"1".repeat(60)}Z`,
	])("%j", (sent) => {
		expect(read(sent)).toMatchObject({ code: "invalid_date_time", pointer: "/sourceUpdatedAt" });
	});

	test.each([null, 1764000000, true, [], {}])("%j", (sent) => {
		expect(read(sent)).toMatchObject({ code: "invalid_type", pointer: "/sourceUpdatedAt" });
	});
});

test("texts are in the order of their moments, however many digits they have", () => {
	const moment = fc.record({
		ms: fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9998, 0) }),
		digits: fc.stringMatching(/^\d{1,12}$/),
	});
	const textOf = ({ ms, digits }: { ms: number; digits: string }): string =>
		`${new Date(ms).toISOString().slice(0, 19)}.${digits}Z`;
	const sizeOf = ({ ms, digits }: { ms: number; digits: string }): bigint =>
		BigInt(Math.floor(ms / 1_000)) * 10n ** 12n + BigInt(digits.padEnd(12, "0"));
	fc.assert(
		fc.property(moment, moment, fc.boolean(), (one, two, near) => {
			const other = near ? { ...two, ms: one.ms } : two;
			const [first, second] = [read(textOf(one)), read(textOf(other))];
			if (typeof first !== "string" || typeof second !== "string") throw new Error("not read");
			expect(isBefore(first, second)).toBe(sizeOf(one) < sizeOf(other));
			expect(first === second).toBe(sizeOf(one) === sizeOf(other));
		}),
	);
});
