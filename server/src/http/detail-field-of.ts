import type { DetailField as WireDetailField } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import { type Details, valueOfField } from "../domain/record.ts";

/** A detail field as both dialects show it. */
export function detailFieldOf(field: DetailField, position: number): WireDetailField {
	const hasOptions = field.type === "SELECT" || field.type === "MULTISELECT";
	return {
		id: field.id,
		name: field.name,
		type: { name: field.type, ...(hasOptions ? { options: [...field.options] } : {}) },
		configuration: { position },
	};
}

/** A field with the values of a record for it, always a list of texts, as the reference shows a detail. */
export function detailOf(
	field: DetailField,
	position: number,
	details: Details,
): WireDetailField & { values: string[] } {
	const value = valueOfField(details, field.id) ?? [];
	return { ...detailFieldOf(field, position), values: typeof value === "string" ? [value] : [...value] };
}
