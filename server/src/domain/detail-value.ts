import { type DetailFieldType, optionsMax } from "@muster/client/contract";
import { invalidEmailStart, readEmail } from "./email.ts";
import { type Fault, pointerTo, show } from "./fault.ts";
import { isRawNumber } from "./json.ts";
import { nameKey } from "./name.ts";
import { nearest } from "./nearest.ts";
import { detailValueCharactersMax, textFault, textValueCharactersMax } from "./text.ts";

/** A detail field of one entity of a site, as values are judged by (contract section 7). Its options never change: what is read off them is remembered. */
export interface DetailField {
	readonly id: string;
	/** Trimmed, as it is shown. */
	readonly name: string;
	readonly type: DetailFieldType;
	/** What a SELECT or MULTISELECT takes, as spelled; empty for every other type. */
	readonly options: readonly string[];
}

/**
 * What is kept: text for every type but MULTISELECT, whose value is a list of options as they are spelled, in the order
 * sent and without repeats. A NUMBER is kept as its digits, a BOOLEAN as "true" or "false".
 */
export type DetailValue = string | readonly string[];

/**
 * Judges one value against its field (contract sections 2 and 7); `"code" in result` tells a fault, and the value null
 * clears the field.
 *
 * `value` is JSON as parsed: text, number, true, false, null or a list of those. A number that a double would not
 * give back as sent is a `RawNumber` (json.ts). A number, true and false stand for their JSON text, so 5 in a TEXT field is
 * "5". Null, blank text and lists of nothing else clear; a list of one stands for its element.
 *
 * Faults, each with `field`, and with a message that begins "Invalid detail field value": `invalid_type` (an object, a list
 * in a list), `text_too_long`, `invalid_text`, and `invalid_detail_value` for what does not fit the type.
 */
export function readDetailValue(
	field: DetailField,
	value: unknown,
	pointer: string,
): { readonly value: DetailValue | null } | Fault {
	const list = Array.isArray(value);
	const sent: readonly unknown[] = list ? value : [value];
	if (sent.length > optionsMax) {
		return unfit(field, pointer, { trouble: `${sent.length} values were sent; ${optionsMax} are allowed` });
	}
	const texts: string[] = [];
	for (const [index, each] of sent.entries()) {
		const at = list ? pointerTo(pointer, index) : pointer;
		const text = jsonText(each);
		if (text === null) {
			const trouble = `${typeof each === "number" ? each : show(each)} is not a text, a number, true, false or null`;
			return { ...unfit(field, at, { trouble }), code: "invalid_type" };
		}
		if (text.trim() === "") continue;
		const kept = field.type === "TEXT" ? text : text.trim();
		const charactersMax = field.type === "TEXT" ? textValueCharactersMax : detailValueCharactersMax;
		const fault = textFault(kept, charactersMax, at, "the value");
		if (fault !== null) {
			return { ...fault, message: messageStart(field) + fault.message, field: field.name };
		}
		texts.push(kept);
	}
	const [first] = texts;
	if (first === undefined) return { value: null };
	if (texts.length > 1 && field.type !== "MULTISELECT") {
		return unfit(field, pointer, { trouble: `it takes one value; ${texts.length} were sent` });
	}
	const fit = fitting(field, first, texts);
	return typeof fit === "object" && "trouble" in fit ? unfit(field, pointer, fit) : { value: fit };
}

/** Whether a value is a text of a TEXT field that is kept as it is: nearly every value there is. */
export function isPlainText(field: DetailField, value: unknown): value is string {
	return (
		typeof value === "string" &&
		field.type === "TEXT" &&
		textFault(value, textValueCharactersMax, "", "") === null &&
		value.trim() !== ""
	);
}

/** Whether two values, or what stands where there is none, are the same. */
export function isSameValue(one: DetailValue | null, other: DetailValue | null): boolean {
	if (one === null || other === null || typeof one === "string" || typeof other === "string")
		return one === other;
	return one.length === other.length && one.every((option, place) => option === other[place]);
}

/** Why a value does not fit; it ends the message's first sentence. */
interface Trouble {
	readonly trouble: string;
	readonly hint?: string;
}

function unfit(field: DetailField, pointer: string, { trouble, hint }: Trouble): Fault {
	const message = `${messageStart(field)}${trouble}.`;
	return { code: "invalid_detail_value", pointer, message, ...(hint && { hint }), field: field.name };
}

function messageStart(field: DetailField): string {
	return `Invalid detail field value for ${show(field.name)}: `;
}

/** The text that a value stands for, "" for null; null if it is no scalar, or a number that has lost its digits. */
function jsonText(value: unknown): string | null {
	if (value === null) return "";
	if (typeof value === "string") return value;
	if (typeof value === "boolean") return String(value);
	if (typeof value === "number") {
		if (!Number.isFinite(value)) return null;
		return Object.is(value, -0) ? "-0" : JSON.stringify(value);
	}
	return isRawNumber(value) ? value.rawJSON : null;
}

function fitting(field: DetailField, text: string, texts: readonly string[]): DetailValue | Trouble {
	switch (field.type) {
		case "TEXT":
			return text;
		case "NUMBER":
			return fittingNumber(text);
		case "DATE":
			return fittingDate(text);
		case "EMAIL":
			return fittingEmail(text);
		case "PHONE":
			return fittingPhone(text);
		case "URL":
			return fittingUrl(text);
		case "BOOLEAN":
			return fittingBoolean(text);
		case "SELECT": {
			const options = fittingOptions(field, [text]);
			return "trouble" in options ? options : (options[0] ?? text);
		}
		case "MULTISELECT":
			return fittingOptions(field, texts);
	}
}

/** A number by the grammar of JSON (RFC 8259, section 6), kept digit by digit. */
function fittingNumber(text: string): string | Trouble {
	if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return text;
	const hint =
		"Write digits, with a point before decimals and nothing between thousands, such as 1000 or -12.5.";
	return { trouble: `${show(text)} is not a number`, hint };
}

/** A day of the Gregorian calendar as YYYY-MM-DD, from year 0001 to 9999. */
function fittingDate(text: string): string | Trouble {
	const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
	if (parts === null) {
		const hint = "Write year, month and day as YYYY-MM-DD, such as 2026-12-31.";
		return { trouble: `${show(text)} is not a date of the form YYYY-MM-DD`, hint };
	}
	const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number);
	if (year >= 1 && day >= 1 && day <= daysIn(year, month)) return text;
	return { trouble: `${show(text)} is not a day of the calendar` };
}

function daysIn(year: number, month: number): number {
	const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
	return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function fittingEmail(text: string): string | Trouble {
	const email = readEmail(text, "");
	if (!("code" in email)) return email.address;
	const trouble = email.message.slice(invalidEmailStart.length).replace(/\.$/, "");
	return { trouble, ...(email.hint && { hint: email.hint }) };
}

/** Most characters of a telephone number with its extension; the longest by E.164 has 15 digits. */
const phoneCharactersMax = 40;

/** Digits with blanks and ( ) - . / among them, after a + or not, and an extension as "x12", "ext. 12" or "#12" or not. */
function fittingPhone(text: string): string | Trouble {
	if (text.length > phoneCharactersMax) {
		return {
			trouble: `${show(text)} is longer than a phone number may be, ${phoneCharactersMax} characters`,
		};
	}
	const parts = /^(\(?\+?[\d (][\d ()./-]*)(?:(?:x|ext\.?|#) ?\d{1,10})?$/i.exec(text);
	const digits = parts?.[1]?.replace(/\D/g, "").length ?? 0;
	if (digits >= 3) return text;
	const hint =
		"Write at least three digits, with blanks and + ( ) - . / among them if you like, and an extension as x12.";
	return { trouble: `${show(text)} is not a phone number`, hint };
}

/** An absolute address by the URL standard, of http or https, without a user name or password in it. */
function fittingUrl(text: string): string | Trouble {
	// The URL standard drops tabs, mends blanks and reads "http:a.com" and "http:///a.com" as http://a.com.
	if (/[\p{White_Space}\p{Cc}]/u.test(text)) {
		return { trouble: `${show(text)} holds a blank or a control character, which a URL cannot` };
	}
	if (/^https?:\/\/[^/\\]/i.test(text) && URL.canParse(text)) {
		const { username, password } = new URL(text);
		if (username === "" && password === "") return text;
		return {
			trouble: "a user name or password stands in the URL",
			hint: "Leave out what stands before the @.",
		};
	}
	const hint = 'Write it whole, such as "https://www.example.com".';
	return { trouble: `${show(text)} is not an http or https URL`, hint };
}

function fittingBoolean(text: string): string | Trouble {
	const lower = text.toLowerCase();
	if (lower === "true" || lower === "false") return lower;
	return {
		trouble: `${show(text)} is not true or false`,
		hint: "Write true or false; 1, 0, yes and no are not taken.",
	};
}

/** How many values at fault, and how many options, a message names. */
const valuesNamedMax = 3;
const optionsNamedMax = 10;

function fittingOptions(field: DetailField, texts: readonly string[]): readonly string[] | Trouble {
	const options = optionsByKey(field.options);
	const found = new Set<string>();
	const missing: string[] = [];
	for (const text of texts) {
		const option = options.get(nameKey(text));
		if (option === undefined) missing.push(text);
		else found.add(option);
	}
	const [first] = missing;
	if (first === undefined) return [...found];
	const values = listed(missing, valuesNamedMax, show);
	const are = missing.length === 1 ? "is not one of" : "are not among";
	// Without the quotes that show() puts around them, as the options stand in brackets.
	const known = listed(field.options, optionsNamedMax, (option) => show(option).slice(1, -1));
	const meant = meantOption(first, field.options);
	return {
		trouble: `${values} ${are} its options (${known || "it has none"})`,
		...(meant !== null && { hint: `Did you mean ${show(meant)}?` }),
	};
}

/** Different values at fault of one list of options that are searched for what was meant: each costs half a millisecond. */
const searchedMax = 20;

const meantBefore = new WeakMap<readonly string[], Map<string, string | null>>();

/** The same slip stands in many rows, so what was found is remembered; past the bound there is no hint. */
function meantOption(text: string, options: readonly string[]): string | null {
	const known = meantBefore.get(options) ?? new Map<string, string | null>();
	meantBefore.set(options, known);
	const meant = known.get(text);
	if (meant !== undefined || known.size >= searchedMax) return meant ?? null;
	const found = nearest(text, options);
	known.set(text, found);
	return found;
}

function listed(names: readonly string[], namedMax: number, shown: (name: string) => string): string {
	const named = names.slice(0, namedMax).map(shown).join(", ");
	return names.length > namedMax ? `${named} and ${names.length - namedMax} more` : named;
}

/** Kept by the list itself, so that a request of a thousand edits reads the two thousand options of its field once. */
const keyed = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function optionsByKey(options: readonly string[]): ReadonlyMap<string, string> {
	const known = keyed.get(options);
	if (known !== undefined) return known;
	// Turned round, so that of two options with one key the first is taken.
	const made = new Map(options.toReversed().map((option) => [nameKey(option), option]));
	keyed.set(options, made);
	return made;
}
