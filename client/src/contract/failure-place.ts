/** Where in an item a failure stands, as a person reads it, and what stands there. */
export interface FailurePlace {
	/** "email", "details.support-tier"; "" for the item itself. */
	readonly field: string;
	/** In one line of text, as it was sent; null where nothing stands there. */
	readonly value: string | null;
}

/**
 * Follows a pointer into an item of either shape. What wraps a value (a payload, an entry of a list of details with its
 * values) is passed over, and an entry that names a detail field goes by that name: so the same failure has the same field
 * however the item was written.
 * @param pointer a JSON Pointer (RFC 6901)
 */
export function failurePlace(item: unknown, pointer: string): FailurePlace {
	const field: string[] = [];
	let value: unknown = item;
	for (const part of pointerParts(pointer)) {
		const isListed = Array.isArray(value);
		value = memberOf(value, part);
		if (!isListed && !wrappers.has(part)) field.push(part);
		const name = isListed ? nameOf(value) : null;
		if (name !== null) field.splice(0, field.length, "details", name);
	}
	if (value === undefined || pointer === "") return { field: field.join("."), value: null };
	// A single value may be sent as a list of one.
	const only = Array.isArray(value) && value.length === 1 ? value[0] : value;
	return { field: field.join("."), value: typeof only === "string" ? only : JSON.stringify(only) };
}

/** A copy of an item with another value at a place, in a list where one stands there; what is on the way has to be there. */
export function withValueAt(item: unknown, pointer: string, value: unknown): unknown {
	const [part, ...rest] = pointerParts(pointer);
	if (part === undefined) return Array.isArray(item) && typeof value === "string" ? [value] : value;
	const inner = withValueAt(memberOf(item, part), rest.map((each) => `/${escaped(each)}`).join(""), value);
	if (Array.isArray(item)) return item.with(Number(part), inner);
	// By its own name, also where that is `__proto__`.
	return Object.fromEntries([...Object.entries(item ?? {}).filter(([name]) => name !== part), [part, inner]]);
}

const wrappers: ReadonlySet<string> = new Set(["payload", "operations", "value", "values"]);

function pointerParts(pointer: string): readonly string[] {
	return pointer
		.split("/")
		.slice(1)
		.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function escaped(part: string): string {
	return part.replaceAll("~", "~0").replaceAll("/", "~1");
}

function memberOf(value: unknown, part: string): unknown {
	if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
	return (value as Readonly<Record<string, unknown>>)[part];
}

/** The detail field that an entry of a list of details or edits is about. */
function nameOf(entry: unknown): string | null {
	const name =
		memberOf(entry, "fieldId") ?? memberOf(memberOf(entry, "payload"), "name") ?? memberOf(entry, "name");
	const isDetail = memberOf(entry, "values") !== undefined || memberOf(entry, "value") !== undefined;
	const isEdit = memberOf(entry, "operationType") !== undefined || memberOf(entry, "operation") !== undefined;
	return typeof name === "string" && (isDetail || isEdit || memberOf(entry, "fieldId") !== undefined)
		? name
		: null;
}
