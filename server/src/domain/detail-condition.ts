import { type DetailField, type DetailValue, readDetailValue } from "./detail-value.ts";
import { show } from "./fault.ts";
import type { FieldSet } from "./field-set.ts";
import { nearest } from "./nearest.ts";

/** What a record's value of one field has to be. null stands for no value. */
export type DetailCondition = {
	readonly field: DetailField;
} & (
	| { readonly kind: "oneOf"; readonly values: readonly (string | null)[] }
	| { readonly kind: "not"; readonly value: string | null }
	| { readonly kind: "range"; readonly operator: RangeOperator; readonly value: string }
);

export type RangeOperator = "<" | "<=" | ">" | ">=";

/** What is wrong with a filter, for the one who wrote it. */
export interface FilterTrouble {
	readonly trouble: string;
}

/**
 * Reads filters such as `tier=Gold`, `seats>=10`, `notes=` (empty) and `notes!=` (not empty) against the fields of an
 * entity. Several `=` of one field are one condition, "one of"; all conditions have to hold.
 */
export function readFilters(
	texts: readonly string[],
	fields: FieldSet,
): readonly DetailCondition[] | FilterTrouble {
	const conditions = new Map<string, DetailCondition>();
	for (const text of texts) {
		const read = readFilter(text, fields);
		if ("trouble" in read) return read;
		const key = read.kind === "oneOf" ? `=${read.field.id}` : text;
		const before = conditions.get(key);
		const merged =
			before?.kind === "oneOf" && read.kind === "oneOf"
				? { ...before, values: [...before.values, ...read.values] }
				: read;
		conditions.set(key, merged);
	}
	return [...conditions.values()];
}

/** The first operator ends the field: a name that holds one is given by its id, which never does. */
const filterForm = /^([^=!<>]*)(!=|<=|>=|=|<|>)(.*)$/s;

function readFilter(text: string, fields: FieldSet): DetailCondition | FilterTrouble {
	const parts = filterForm.exec(text);
	if (parts === null) {
		return {
			trouble: `${show(text)}; a field, one of = != < <= > >=, and a value are expected, such as tier=Gold`,
		};
	}
	const [, name = "", operator = "", sent = ""] = parts;
	const field = fields.find(name);
	if (field === undefined) return unknownField(text, name, fields);
	const read = readDetailValue(field, sent, "");
	if ("code" in read) return { trouble: `${show(text)}. ${read.message}${read.hint ? ` ${read.hint}` : ""}` };
	const [value = null] = textsOf(read.value);
	switch (operator) {
		case "=":
			return numberTrouble(text, field, value) ?? { field, kind: "oneOf", values: [value] };
		case "!=":
			return numberTrouble(text, field, value) ?? { field, kind: "not", value };
		default:
			return rangeOf(text, field, operator as RangeOperator, value); // the form has no other
	}
}

function rangeOf(
	text: string,
	field: DetailField,
	operator: RangeOperator,
	value: string | null,
): DetailCondition | FilterTrouble {
	if (field.type !== "NUMBER" && field.type !== "DATE") {
		return {
			trouble: `${show(text)}; ${show(field.name)} is a ${field.type}, and ${operator} compares a NUMBER or a DATE; = and != are allowed`,
		};
	}
	if (value === null) return { trouble: `${show(text)}; ${operator} needs a value to compare with` };
	return numberTrouble(text, field, value) ?? { field, kind: "range", operator, value };
}

/** Whether PostgreSQL can compare records by the value: muster.number_of (migration 0008) takes no longer exponents. */
export function isComparable(field: DetailField, value: string): boolean {
	return field.type !== "NUMBER" || !/[eE][+-]?\d{5}/.test(value);
}

function numberTrouble(text: string, field: DetailField, value: string | null): FilterTrouble | null {
	if (value === null || isComparable(field, value)) return null;
	return { trouble: `${show(text)}; a number with an exponent of up to four digits is allowed` };
}

/** How many fields a sentence names. */
const namedMax = 20;

function unknownField(text: string, name: string, fields: FieldSet): FilterTrouble {
	const names = fields.names();
	const near = nearest(name, names);
	const meant = near === null ? "" : ` Did you mean ${show(near)}?`;
	const more = names.length > namedMax ? ` and ${names.length - namedMax} more` : "";
	const known = names.slice(0, namedMax).map(show).join(", ") + more || "none";
	return { trouble: `${show(text)}; there is no field ${show(name)}.${meant} Fields are: ${known}` };
}

function textsOf(value: DetailValue | null): readonly (string | null)[] {
	if (value === null) return [null];
	return typeof value === "string" ? [value] : value;
}
