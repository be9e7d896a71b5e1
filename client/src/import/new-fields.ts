import type { NewDetailField } from "../contract/detail-field.ts";
import type { Entity } from "../contract/operations.ts";
import { type FilePlan, isDetail } from "./plan.ts";

/** The detail fields of an entity that plans write to and the site does not have, each once. */
export function newFieldsOf(entity: Entity, plans: readonly FilePlan[]): readonly NewDetailField[] {
	const fields = new Map<string, NewDetailField>();
	for (const { target } of plans.filter((plan) => plan.entity === entity).flatMap(({ columns }) => columns)) {
		if (!isDetail(target) || target.isKnown || fields.has(target.detail.toLowerCase())) continue;
		const options = target.options.length === 0 ? {} : { options: [...target.options] };
		fields.set(target.detail.toLowerCase(), { name: target.detail, type: { name: target.type, ...options } });
	}
	return [...fields.values()];
}
