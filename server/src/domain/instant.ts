import { type Fault, show } from "./fault.ts";

/**
 * A moment as it is kept: RFC 3339 in UTC with every digit of the fraction that was sent, less the zeros at its end, so
 * that equal moments are equal texts.
 */
export type Instant = string;

/** Most characters of a moment. Whoever counts in attoseconds stays below. */
const instantCharactersMax = 64;

const instantForm =
	/^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * Reads a date-time of RFC 3339, section 5.6: an offset is demanded, and a leap second is the second behind it.
 * @returns a fault for anything else, and for what lies outside of the years 1 to 9999 in UTC
 */
export function readInstant(value: unknown, pointer: string, name: string): Instant | Fault {
	const text = typeof value === "string" ? value : "";
	const parts = text.length > instantCharactersMax ? null : instantForm.exec(text);
	const instant = parts === null ? null : instantOf(parts);
	if (instant !== null) return instant;
	return {
		code: typeof value === "string" ? "invalid_date_time" : "invalid_type",
		pointer,
		message: `${name} is ${show(value)}; a date-time of RFC 3339 is expected.`,
		hint: "Write date, time and offset, such as 2026-12-31T23:59:59Z or 2026-12-31T23:59:59.5+01:00.",
	};
}

function instantOf(parts: RegExpExecArray): Instant | null {
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
	const isLeap = second === 60;
	if (hour > 23 || minute > 59 || second > 60) return null;
	const local = new Date(0);
	local.setUTCFullYear(year, month - 1, day);
	// A day that its month does not have has become one of the next.
	if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return null;
	const offset = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * (parts[8] === "-" ? -1 : 1);
	const utc = new Date(local.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1_000);
	// Leap seconds come at the end of a day in UTC.
	if (isLeap && (utc.getUTCHours() !== 0 || utc.getUTCMinutes() !== 0)) return null;
	if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9_999) return null;
	const fraction = parts[7]?.replace(/0+$/, "") ?? "";
	return `${utc.toISOString().slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** Whether one moment lies before another. Without the Z, a text that another one begins with is the earlier. */
export function isBefore(one: Instant, other: Instant): boolean {
	return one.slice(0, -1) < other.slice(0, -1);
}
