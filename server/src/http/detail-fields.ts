import type { FieldOwner } from "@muster/client/contract";
import type { DetailField } from "../domain/detail-value.ts";
import { type Fault, pointerTo, show } from "../domain/fault.ts";
import { FieldSet } from "../domain/field-set.ts";
import { type NewField, readDefinition } from "../domain/judge-definition.ts";
import type { SiteSettings } from "../domain/settings.ts";
import type { Transaction } from "../store/database.ts";
import { listDeletedFieldIds, listDetailFields } from "../store/detail-fields.ts";
import { detailFieldOf } from "./detail-field-of.ts";
import { errorOf } from "./dialects/guide.ts";
import { ProblemError } from "./problem-error.ts";
import type { Reply } from "./route.ts";

/** JSON Pointer to a definition in the body, by its place among the definitions. */
export type PointerOf = (place: number) => string;

/** Reads definitions of detail fields. @throws ProblemError that names every fault */
export function readDefinitions(
	values: readonly unknown[],
	pointerOf: PointerOf,
	{ fieldOptionsMax }: SiteSettings,
): NewField[] {
	const faults: Fault[] = [];
	const fields = values.flatMap(
		(value, place) => readDefinition(value, pointerOf(place), fieldOptionsMax, faults) ?? [],
	);
	refuse("invalid_detail_field", faults);
	return fields;
}

/** Refuses the whole request with every fault of it; nothing is saved. */
export function refuse(
	code: "invalid_detail_field" | "detail_field_exists" | "invalid_request",
	faults: readonly Fault[],
): void {
	const [first] = faults;
	if (first === undefined) return;
	const more = faults.length > 1 ? ` (and ${faults.length - 1} more, see errors)` : "";
	throw new ProblemError(code, `${first.message}${more} Nothing was saved.`, { errors: faults.map(errorOf) });
}

/**
 * Gives new detail fields their ids, all or none. The caller holds the site's lane, and inserts them.
 * @throws ProblemError detail_field_exists, detail_field_limit
 */
export async function planDetailFields(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	settings: SiteSettings,
	asked: readonly NewField[],
	pointerOf: PointerOf,
): Promise<DetailField[]> {
	const [existing, deletedIds] = await Promise.all([
		listDetailFields(transaction, siteId, entity),
		listDeletedFieldIds(transaction, siteId, entity),
	]);
	const fields = new FieldSet(existing, deletedIds);
	const made: DetailField[] = [];
	const clashes: Fault[] = [];
	for (const [place, field] of asked.entries()) {
		const clash = fields.find(field.name);
		if (clash === undefined) {
			const proposed = { ...fields.propose(field.name), type: field.type, options: field.options };
			fields.add(proposed);
			made.push(proposed);
			continue;
		}
		clashes.push({
			code: "invalid_name",
			pointer: pointerTo(pointerOf(place), "name"),
			message: `The ${entity} detail field ${show(clash.name)} (id ${show(clash.id)}) answers to the name ${show(field.name)} already.`,
		});
	}
	refuse("detail_field_exists", clashes);
	if (fields.size > settings.detailFieldsMax) {
		throw new ProblemError(
			"detail_field_limit",
			`The site would have ${fields.size} ${entity} detail fields; ${settings.detailFieldsMax} are allowed. Nothing was saved.`,
		);
	}
	return made;
}

/** Shows a field as it was just written. */
export async function answerWith(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
	id: string,
): Promise<Reply> {
	const fields = await listDetailFields(transaction, siteId, entity);
	const position = fields.findIndex((field) => field.id === id);
	const field = fields[position];
	if (field === undefined) throw new Error("a detail field that was just written is not there");
	return { status: 200, body: detailFieldOf(field, position) };
}
