import { splitList } from "../contract/cell.ts";
import type { DetailFieldType } from "../contract/detail-field.ts";
import { meant } from "./edits.ts";
import type { DateOrder } from "./plan.ts";

/** What a value is read by. */
export interface ValueForm {
	readonly type: DetailFieldType;
	readonly options: readonly string[];
	readonly dates: DateOrder | null;
}

/**
 * The value of a cell as it is sent: days as YYYY-MM-DD, yes and no as true and false, lists as lists.
 * @param text without blanks around it, not empty
 * @returns null where it does not fit
 */
export function readValue(text: string, form: ValueForm): string | readonly string[] | null {
	switch (form.type) {
		case "TEXT":
			return text;
		case "NUMBER":
			return isNumber(text) ? text : null;
		case "DATE":
			return form.dates === null ? null : readDay(text, form.dates);
		case "EMAIL":
			return isEmail(text) ? text : null;
		case "PHONE":
			return isPhone(text) ? text : null;
		case "URL":
			return isUrl(text) ? text : null;
		case "BOOLEAN":
			return booleans[text.toLowerCase()] ?? null;
		case "SELECT":
			return optionOf(text, form.options);
		case "MULTISELECT": {
			const values = splitList(text).map((value) => value.trim());
			return values.every((value) => optionOf(value, form.options) !== null) ? values : null;
		}
	}
}

/** The value of a cell for an item: what does not fit its form as it stands, for the service is the judge and says why. */
export function valueToSend(text: string, form: ValueForm): string | readonly string[] {
	switch (form.type) {
		case "DATE":
		case "BOOLEAN":
		case "SELECT":
		case "MULTISELECT":
			return readValue(text, form) ?? text;
		// The others are sent as they stand in either case.
		default:
			return text;
	}
}

/** What was probably meant by a value that does not fit. */
export function suggestValue(text: string, form: ValueForm): string | undefined {
	const candidate = candidateFor(text, form);
	if (candidate === null || readValue(candidate, form) === null) return undefined;
	return `Did you mean ${candidate}?`;
}

function candidateFor(text: string, form: ValueForm): string | null {
	switch (form.type) {
		case "NUMBER":
			return text.replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
		case "URL":
			return `https://${text}`;
		case "DATE":
			return suggestDay(text);
		case "SELECT":
			return meant(text, form.options);
		default:
			return null;
	}
}

/** A number by the grammar of JSON (RFC 8259, section 6), as the service takes it. */
export function isNumber(text: string): boolean {
	return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
}

export function isEmail(text: string): boolean {
	return text.length <= 254 && /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text);
}

/** Digits with blanks and ( ) - . / among them, with a + or an extension or not; 40 characters at most. */
export function isPhone(text: string): boolean {
	const [, number = ""] =
		/^(\(?\+?[\d (][\d ()./-]*)(?:(?:x|ext\.?|#) ?\d{1,10})?$/i.exec(text.slice(0, 41)) ?? [];
	return text.length <= 40 && number.replace(/\D/g, "").length >= 3;
}

export function isUrl(text: string): boolean {
	return /^https?:\/\/[^/\\\s]\S*$/i.test(text) && URL.canParse(text);
}

/** Written as exports write it. The service itself takes true and false alone. */
export const booleans: Readonly<Record<string, string>> = {
	true: "true",
	false: "false",
	yes: "true",
	no: "false",
	y: "true",
	n: "false",
	1: "true",
	0: "false",
};

/** By the order of a column; 2026-12-31 is read in any. A time behind it is left out. */
export function readDay(text: string, order: DateOrder): string | null {
	// Most are written so: nothing of them has to be put together anew.
	if (/^\d{4}-\d\d-\d\d$/.test(text)) return isDay(text) ? text : null;
	const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
	if (iso !== null) return day(iso[1], iso[2], iso[3]);
	const other = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(text);
	if (other === null || order === "ymd") return null;
	const [, first, second, year] = other;
	return order === "dmy" ? day(year, second, first) : day(year, first, second);
}

/** The day that a text of another order must mean, where it can mean one only. */
function suggestDay(text: string): string | null {
	const days = new Set([readDay(text, "dmy"), readDay(text, "mdy")]);
	days.delete(null);
	const [only] = days;
	return days.size === 1 && only !== undefined ? only : null;
}

function day(year = "", month = "", date = ""): string | null {
	const text = `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
	return isDay(text) ? text : null;
}

/** @param text as YYYY-MM-DD, in digits */
function isDay(text: string): boolean {
	const [year, month, date] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
	return month >= 1 && month <= 12 && date >= 1 && date <= daysOf(month, year);
}

/** Days of a month, by the Gregorian calendar as ISO 8601 has it in every year. */
function daysOf(month: number, year: number): number {
	if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
	return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

function optionOf(text: string, options: readonly string[]): string | null {
	return keysOf(options).get(text.trim().toLowerCase()) ?? null;
}

/** Kept by the list itself: each row asks the same one. */
const keyed = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function keysOf(options: readonly string[]): ReadonlyMap<string, string> {
	const known = keyed.get(options) ?? new Map(options.map((option) => [option.trim().toLowerCase(), option]));
	keyed.set(options, known);
	return known;
}
