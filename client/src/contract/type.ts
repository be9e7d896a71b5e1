import type TypeBox from "typebox";

type Schema = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, Schema>>;

/** Of these a schema of an object requires no property. */
const optional: WeakSet<Schema> = new WeakSet();
const made: WeakSet<Schema> = new WeakSet();

function schema(members: Schema, options: Schema = {}): Schema {
	const one = { ...members, ...options };
	made.add(one);
	return one;
}

function asOptional(one: Schema): Schema {
	const copy = schema(one);
	optional.add(copy);
	return copy;
}

function object(properties: Properties, options?: Schema): Schema {
	const required = Object.keys(properties).filter((name) => !optional.has(properties[name] as Schema));
	return schema({ type: "object", ...(required.length > 0 ? { required } : {}), properties }, options);
}

function partial({ properties, required: _, ...rest }: Schema, options?: Schema): Schema {
	const parts = Object.entries(properties as Properties).map(([name, one]) => [name, asOptional(one)]);
	return object(Object.fromEntries(parts), { ...rest, ...options });
}

/**
 * What of typebox makes this contract's schemas, with its types and from its names, and without its 370 modules: they were a
 * quarter of a second of each start. What it makes is JSON Schema and nothing else.
 */
export const Type = {
	Array: (items: Schema, options?: Schema) => schema({ type: "array", items }, options),
	Boolean: (options?: Schema) => schema({ type: "boolean" }, options),
	Enum: (values: readonly unknown[], options?: Schema) => schema({ enum: values }, options),
	Integer: (options?: Schema) => schema({ type: "integer" }, options),
	Null: (options?: Schema) => schema({ type: "null" }, options),
	Number: (options?: Schema) => schema({ type: "number" }, options),
	Object: object,
	Optional: asOptional,
	Partial: partial,
	Record: (_key: Schema, value: Schema, options?: Schema) =>
		schema({ type: "object", patternProperties: { "^.*$": value } }, options),
	String: (options?: Schema) => schema({ type: "string" }, options),
	Union: (anyOf: readonly Schema[], options?: Schema) => schema({ anyOf }, options),
	Unknown: (options?: Schema) => schema({}, options),
} as unknown as Pick<
	typeof TypeBox,
	| "Array"
	| "Boolean"
	| "Enum"
	| "Integer"
	| "Null"
	| "Number"
	| "Object"
	| "Optional"
	| "Partial"
	| "Record"
	| "String"
	| "Union"
	| "Unknown"
>;

/** Whether something was made by `Type`. */
export function isSchema(value: unknown): boolean {
	return typeof value === "object" && value !== null && made.has(value as Schema);
}
