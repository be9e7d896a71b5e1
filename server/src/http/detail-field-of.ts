import type { DetailField as WireDetailField } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";

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
