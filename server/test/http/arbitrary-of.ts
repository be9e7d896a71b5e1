import fc from "fast-check";
import type { Documented, Json } from "./documented.ts";

/** Deepest nesting of what a schema leaves open. */
const depthMax = 4;
const listMax = 4;

/** Few, so that what one request makes is met by another. */
const word = fc.constantFrom("plan", "Phone", "tier", "Acme", "bulk", "size");
const address = fc.constantFrom("jane@acme.com", "Bob@acme.com", "none", "jane@acme.com ", "@");
/** Texts that have been trouble somewhere. */
const awkward = fc.constantFrom(
	"",
	" ",
	"\0",
	"\ud800",
	"__proto__",
	"'; --",
	"=1+1",
	"ﬀ",
	"😀",
	"a".repeat(300),
);

/** Values that fit a JSON Schema of the document. A word of JSON Schema that it does not know fails. */
export function arbitraryOf(documented: Documented, written: Json, depth = 0): fc.Arbitrary<unknown> {
	const schema = documented.resolve(written);
	const inner = (each: Json): fc.Arbitrary<unknown> => arbitraryOf(documented, each, depth + 1);
	if ("const" in schema) return fc.constant(schema.const);
	if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
	const several = schema.anyOf ?? schema.oneOf;
	if (several !== undefined) return fc.oneof(...several.map(inner));
	switch (schema.type) {
		case "object":
			return objectOf(schema, inner);
		case "array":
			return fc.array(inner(schema.items), {
				minLength: schema.minItems ?? 0,
				maxLength: Math.min(schema.maxItems ?? listMax, Math.max(listMax, schema.minItems ?? 0)),
			});
		case "string":
			return textOf(schema);
		case "integer":
			return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 100, 1_000_000) });
		case "number":
			return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
		case "boolean":
			return fc.boolean();
		case "null":
			return fc.constant(null);
		case undefined:
			return depth < depthMax ? fc.jsonValue({ maxDepth: 1 }) : fc.constant(null);
		default:
			throw new Error(`teach arbitraryOf the type ${schema.type}`);
	}
}

function objectOf(schema: Json, inner: (each: Json) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
	const members = Object.fromEntries(
		Object.entries<Json>(schema.properties ?? {}).map(([name, each]) => [name, inner(each)]),
	);
	const named = fc.record(members, { requiredKeys: schema.required ?? [] });
	if (typeof schema.additionalProperties !== "object") return named;
	const others = fc.dictionary(fc.oneof(word, awkward), inner(schema.additionalProperties), {
		maxKeys: listMax,
	});
	return fc.tuple(others, named).map(([some, own]) => ({ ...some, ...own }));
}

function textOf(schema: Json): fc.Arbitrary<string> {
	if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
	switch (schema.format) {
		case "uuid":
			return fc.uuid();
		case "date-time":
			return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
		case "uri":
			return fc.webUrl({ validSchemes: ["https"] });
		case undefined: {
			const least = schema.minLength ?? 0;
			const most = schema.maxLength ?? Number.POSITIVE_INFINITY;
			return fc
				.oneof(word, address, awkward, fc.string({ unit: "binary", maxLength: Math.min(most, 40) }))
				.filter((text) => text.length >= least && text.length <= most);
		}
		default:
			throw new Error(`teach arbitraryOf the format ${schema.format}`);
	}
}

/** The same values with something in them replaced by any JSON, left out, or added: what a schema does not allow. */
export function bent(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
	return fc
		.tuple(values, fc.nat(), fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("replace", "leave out", "add"))
		.map(([value, place, other, how]) => {
			const spots = spotsOf(value, []);
			return bend(value, spots[place % spots.length] ?? [], other, how);
		});
}

type Spot = readonly (string | number)[];

function spotsOf(value: unknown, at: Spot): Spot[] {
	if (typeof value !== "object" || value === null) return [at];
	const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
	return [at, ...entries.flatMap(([key, each]) => spotsOf(each, [...at, key]))];
}

function bend(value: unknown, [key, ...rest]: Spot, other: unknown, how: string): unknown {
	if (key === undefined) {
		const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
		return how === "add" && isObject ? { ...value, surplus: other } : other;
	}
	if (Array.isArray(value)) {
		return value.map((each, index) => (index === key ? bend(each, rest, other, how) : each));
	}
	// A spot leads through lists and objects.
	const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
	if (rest.length === 0 && how === "leave out") return others;
	return { ...others, [key]: bend(inner, rest, other, how) };
}
