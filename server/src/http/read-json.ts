import { isUtf8 } from "node:buffer";
import { show } from "../domain/fault.ts";
import {
	depthMax,
	inspectJson,
	isJsonObject,
	type JsonSigns,
	keyCharactersMax,
	parseJson,
	stringCharactersMax,
	valuesMax,
} from "../domain/json.ts";
import { jsonFaultIndex } from "../domain/json-fault.ts";
import { nearest } from "../domain/nearest.ts";
import { ProblemError } from "./problem-error.ts";

/** A request's body as JSON, and what is known of its text. */
export interface JsonBody {
	readonly object: Record<string, unknown>;
	readonly signs: JsonSigns;
}

/** Reads a request's body as a JSON object. @throws ProblemError that says what is wrong and where */
export function readJsonObject(body: Buffer | undefined): Record<string, unknown> {
	return readJsonBody(body).object;
}

/** As readJsonObject, with what is known of the text. */
export function readJsonBody(body: Buffer | undefined): JsonBody {
	if (body === undefined || body.length === 0) {
		throw new ProblemError("body_not_object", "The body is empty; a JSON object is expected.");
	}
	const { value, signs } = readJson(body);
	if (!isJsonObject(value)) {
		throw new ProblemError("body_not_object", `The body is ${show(value)}; a JSON object is expected.`);
	}
	return { object: value, signs };
}

/** Refuses a key of the body that is not among the known ones. */
export function refuseUnknownKeys(body: object, known: readonly string[]): void {
	for (const key of Object.keys(body)) {
		if (known.includes(key)) continue;
		const near = nearest(key, known);
		throw new ProblemError(
			"unknown_key",
			`The body has the key ${show(key)}, which is not known here. ${near === null ? `Known: ${known.join(", ")}.` : `Did you mean ${show(near)}?`} Nothing was saved.`,
		);
	}
}

function readJson(body: Buffer): { value: unknown; signs: JsonSigns } {
	if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
		throw new ProblemError(
			"invalid_encoding",
			"The body begins with a byte order mark; send UTF-8 without one.",
		);
	}
	if (!isUtf8(body)) throw new ProblemError("invalid_encoding", "The body is not valid UTF-8.");
	const text = body.toString("utf8");
	const signs = inspectJson(text);
	if (signs.depth > depthMax) {
		throw new ProblemError(
			"too_deep",
			`The body is nested ${signs.depth} levels deep; ${depthMax} are allowed. Nothing was saved.`,
		);
	}
	if (signs.excess !== null)
		throw new ProblemError("too_much", `${excesses[signs.excess]} Nothing was saved.`);
	try {
		return { value: parseJson(text, signs), signs };
	} catch (error) {
		throw new ProblemError("invalid_json", `The body is not JSON: ${whereOf(text)} Nothing was saved.`, {
			cause: error,
		});
	}
}

const shown = (count: number): string => count.toLocaleString("en");
const excesses: Readonly<Record<NonNullable<JsonSigns["excess"]>, string>> = {
	values: `The body holds more than ${shown(valuesMax)} keys and values; send fewer items in one request.`,
	string: `The body holds a text or number of more than ${shown(stringCharactersMax)} characters; no value may have more than 10,000.`,
	key: `The body holds a key of more than ${shown(keyCharactersMax)} characters; no name may have more than 255.`,
};

const lineFeed = 0x0a;

function whereOf(text: string): string {
	const at = jsonFaultIndex(text);
	if (at === null) return "it could not be read.";
	if (at === text.length) return "it ends too early.";
	let line = 1;
	let start = 0;
	// Eight million empty lines are no reason to hold anybody up, which a list of lines would.
	for (let index = 0; index < at; index += 1) {
		if (text.charCodeAt(index) !== lineFeed) continue;
		line += 1;
		start = index + 1;
	}
	const column = at - start + 1;
	const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
	return `reading stopped at line ${line}, column ${column}, before ${show(character)}.`;
}
