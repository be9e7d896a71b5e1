import { skipBlanks } from "./json-fault.ts";

/** Reading JSON so that nothing is lost or rounded: one way, at the edge and in the worker. */

/** A number that a double would round or write otherwise, with its digits as sent. JSON.stringify writes them again. */
export interface RawNumber {
	readonly rawJSON: string;
}

/** Deepest nesting of objects and lists; no request of this API needs more than seven levels. */
export const depthMax = 32;

/**
 * Most keys and entries of lists in one text: four times what a hundred profiles with fifty details each come to in the
 * wordier of the two shapes. A text of 8 MiB could hold a million, and reading those holds up everybody for a second.
 */
export const valuesMax = 80_000;

/** Longest string in characters of the text: that of a TEXT value, 10,000, with each of them written as two escapes. */
export const stringCharactersMax = 120_000;

/** Longest key, likewise: the name of a field has 255. */
export const keyCharactersMax = 3_100;

/** What V8 has and TypeScript's library does not list yet: https://github.com/tc39/proposal-json-parse-with-source */
const json = JSON as unknown as {
	parse(
		text: string,
		revive: (key: string, value: unknown, context: { source?: string }) => unknown,
	): unknown;
	rawJSON(text: string): RawNumber;
	isRawJSON(value: unknown): value is RawNumber;
};

export function isRawNumber(value: unknown): value is RawNumber {
	return json.isRawJSON(value);
}

/** Whether a value that was parsed is an object, and neither a list nor a number that is kept as its digits. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** A number in JSON by its digits, which were judged to be one. */
export function rawNumber(digits: string): RawNumber {
	return json.rawJSON(digits);
}

/**
 * Like JSON.parse (the same key twice: the last wins), but numbers come as RawNumber where a double would not give them
 * back as sent: 2^53+1, 1e400, -0, 1.50.
 * @throws SyntaxError as JSON.parse does
 */
export function parseJson(
	text: string,
	{ hasOddNumbers }: { readonly hasOddNumbers: boolean } = inspectJson(text),
): unknown {
	if (!hasOddNumbers) return JSON.parse(text);
	return json.parse(text, (_key, value, { source }) =>
		typeof value === "number" && source !== undefined && String(value) !== source
			? json.rawJSON(source)
			: value,
	);
}

/** The items of a task, as they are kept. */
export function parseItems(task: {
	readonly items: string;
	readonly oddNumbers: boolean;
}): readonly unknown[] {
	const items = parseJson(task.items, { hasOddNumbers: task.oddNumbers });
	if (!Array.isArray(items)) throw new Error("a task's items are not a list");
	return items;
}

/** What a look at JSON text tells before it is parsed. */
export interface JsonSigns {
	/** Deepest nesting of objects and lists. */
	readonly depth: number;
	/** Whether it has numbers that parsing would round or write otherwise. */
	readonly hasOddNumbers: boolean;
	/** What is out of all proportion, where something is; nothing behind it was looked at. */
	readonly excess: "values" | "string" | "key" | null;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

/**
 * Looks at JSON text before it is parsed: how deep it is nested (parsing four million brackets takes a second and a half),
 * how much it holds, and whether it has numbers that parsing would round. One pass, no recursion; text that is no JSON does
 * no harm.
 */
export function inspectJson(text: string): JsonSigns {
	const hasEscapes = text.includes("\\");
	let depth = 0;
	let deepest = 0;
	let values = 1;
	let hasOddNumbers = false;
	const signs = (excess: JsonSigns["excess"]): JsonSigns => ({ depth: deepest, hasOddNumbers, excess });
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (code === quote) {
			const start = at;
			// A built-in search is several times as fast as a loop.
			at = hasEscapes ? endOfString(text, at) : text.indexOf('"', at + 1);
			if (at < 0) break;
			if (at - start <= keyCharactersMax) continue;
			if (at - start > stringCharactersMax + 1) return signs("string");
			if (isKey(text, at)) return signs("key");
		} else if (code === 0x5b || code === 0x7b) {
			depth += 1;
			if (depth > deepest) deepest = depth;
			// Brackets alone are counted by their depth.
			if (depth <= depthMax && ++values > valuesMax) return signs("values");
		} else if (code === 0x5d || code === 0x7d) {
			depth -= 1;
		} else if (code === comma) {
			if (++values > valuesMax) return signs("values");
		} else if (isDigit(code) || code === 0x2d) {
			const end = endOfNumber(text, at);
			if (end - at > stringCharactersMax) return signs("string");
			hasOddNumbers ||= isOdd(text.slice(at, end));
			at = end - 1;
		}
	}
	return signs(null);
}

/** Whether a string that ends at this index is a key. */
function isKey(text: string, end: number): boolean {
	return text.charCodeAt(skipBlanks(text, end + 1)) === colon;
}

function endOfString(text: string, start: number): number {
	let at = start + 1;
	while (at < text.length && text.charCodeAt(at) !== quote) {
		at += text.charCodeAt(at) === backslash ? 2 : 1;
	}
	return at;
}

function endOfNumber(text: string, start: number): number {
	let at = start + 1;
	while (at < text.length && isNumberPart(text.charCodeAt(at))) at += 1;
	return at;
}

function isDigit(code: number): boolean {
	return code >= 0x30 && code <= 0x39;
}

/** Digits, the dot, the exponent and its sign. */
function isNumberPart(code: number): boolean {
	return isDigit(code) || code === 0x2e || code === 0x45 || code === 0x65 || code === 0x2b || code === 0x2d;
}

/** Fifteen digits always survive a double. */
function isOdd(number: string): boolean {
	return number.length > 15 || String(Number(number)) !== number;
}
