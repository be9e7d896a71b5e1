import { expect, test } from "vitest";
import { whilePassing } from "../../src/http/write-record.ts";
import { OutcomeUnknown } from "../../src/store/database.ts";

/** What PostgreSQL says to a transaction that comes too late. */
const passing = (): Error => Object.assign(new Error("somebody else was faster"), { code: "40001" });

/** Fails as often as told, then succeeds; counts its tries. */
function failing(times: number, error: () => Error): { readonly work: () => Promise<string>; tries: number } {
	const counted = {
		tries: 0,
		work: async () => {
			counted.tries += 1;
			if (counted.tries <= times) throw error();
			return "written";
		},
	};
	return counted;
}

test("a write that others are in the way of is tried again, ten times in all", async () => {
	const nine = failing(9, passing);
	expect([await whilePassing(nine.work), nine.tries]).toEqual(["written", 10]);
	const always = failing(100, passing);
	await expect(whilePassing(always.work)).rejects.toMatchObject({
		code: "unavailable",
		message: "Others keep changing the same record. Nothing was saved; send the same request again.",
		headers: { "retry-after": "1" },
	});
	expect(always.tries).toBe(10);
});

test("a write of which nobody knows whether it was saved is not tried again, and says what to do without a key", async () => {
	const unknown = failing(1, () => new OutcomeUnknown("the connection broke"));
	await expect(whilePassing(unknown.work)).rejects.toMatchObject({
		code: "outcome_unknown",
		message: "It is not known whether this was saved; read the record before you send it again.",
		headers: { "retry-after": "1" },
	});
	expect(unknown.tries).toBe(1);
});

test("any other trouble is handed on at once", async () => {
	const other = failing(1, () => new Error("a fault of ours"));
	await expect(whilePassing(other.work)).rejects.toThrow("a fault of ours");
	expect(other.tries).toBe(1);
});
