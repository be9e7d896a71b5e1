import { UserError } from "../user-error.ts";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** Shortest time between two runs, in milliseconds, and longest: a day. */
const leastMs = 1_000;
const mostMs = 24 * 3_600_000;

/** "15m" in milliseconds. @throws UserError */
export function readEvery(text: string): number {
	const [, number, unit = ""] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
	const milliseconds = Number(number) * (units[unit] ?? Number.NaN);
	if (milliseconds >= leastMs && milliseconds <= mostMs) return milliseconds;
	throw new UserError(
		`--every is ${JSON.stringify(text)}; a number with s, m or h is expected, from 1s to 24h, such as 15m.`,
	);
}
