/**
 * A line of a Singer tap.
 * Source: https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md; ACTIVATE_VERSION is of singer-python.
 */
export type Message =
	| { readonly type: "SCHEMA"; readonly stream: string; readonly columns: readonly string[] | null }
	| {
			readonly type: "RECORD";
			readonly stream: string;
			readonly record: Readonly<Record<string, unknown>>;
			readonly version: string | null;
	  }
	| { readonly type: "STATE"; readonly text: string }
	| { readonly type: "ACTIVATE_VERSION"; readonly stream: string; readonly version: string | null }
	| { readonly type: "OTHER" };

/** What is wrong with a line, for its reader. */
export class BadLine extends Error {
	override readonly name = "BadLine";
}

/** What V8 has and TypeScript's library does not list yet: https://github.com/tc39/proposal-json-parse-with-source */
const json = JSON as unknown as {
	parse(
		text: string,
		revive: (key: string, value: unknown, context: { source?: string }) => unknown,
	): unknown;
	rawJSON(text: string): unknown;
	isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/** @throws BadLine */
export function readMessage(line: string): Message {
	const sent = objectOf(parse(line));
	if (sent === null) throw new BadLine("it is no JSON object");
	const type = typeof sent.type === "string" ? sent.type.toUpperCase() : null;
	switch (type) {
		case null:
			throw new BadLine("it has no `type`");
		case "SCHEMA": {
			const schema = objectOf(sent.schema);
			if (schema === null) throw new BadLine("a SCHEMA has no `schema`");
			const properties = objectOf(schema.properties);
			return { type, stream: streamOf(sent, type), columns: properties && Object.keys(properties) };
		}
		case "RECORD": {
			const record = objectOf(sent.record);
			if (record === null) throw new BadLine("a RECORD has no `record`, which is an object");
			return { type, stream: streamOf(sent, type), record, version: textOf(sent.version) || null };
		}
		case "STATE":
			if (!("value" in sent)) throw new BadLine("a STATE has no `value`");
			return { type, text: JSON.stringify(sent.value) };
		case "ACTIVATE_VERSION":
			return { type, stream: streamOf(sent, type), version: textOf(sent.version) || null };
		default:
			// "Any message type is permitted": one that nobody knows is no fault.
			return { type: "OTHER" };
	}
}

/** A value of a record as a text; "" for null. Numbers have the digits that they came with. */
export function textOf(value: unknown): string {
	if (value === null || value === undefined) return "";
	if (json.isRawJSON(value)) return value.rawJSON;
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function streamOf({ stream }: Readonly<Record<string, unknown>>, type: string): string {
	if (typeof stream === "string" && stream !== "") return stream;
	throw new BadLine(`a ${type} has no \`stream\``);
}

function parse(line: string): unknown {
	try {
		return json.parse(line, (_key, value, { source }) =>
			typeof value === "number" && source !== undefined ? json.rawJSON(source) : value,
		);
	} catch (error) {
		// V8 shows a part of what it could not read, which may be of a person.
		if (error instanceof SyntaxError) throw new BadLine("it is no JSON");
		throw error;
	}
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
	const isObject =
		typeof value === "object" && value !== null && !Array.isArray(value) && !json.isRawJSON(value);
	return isObject ? (value as Readonly<Record<string, unknown>>) : null;
}
