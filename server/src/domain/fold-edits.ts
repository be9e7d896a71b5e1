import {
	type DetailField,
	type DetailValue,
	isPlainText,
	isSameValue,
	readDetailValue,
} from "./detail-value.ts";
import { areEnough, type Fault, show } from "./fault.ts";
import type { FieldSet } from "./field-set.ts";
import { type DetailEdit, pointerToEdit } from "./item.ts";
import { nameKey } from "./name.ts";
import { nearest } from "./nearest.ts";
import { type Details, valueOfField } from "./record.ts";
import type { SiteSettings } from "./settings.ts";

export interface FoldedEdits {
	readonly details: Details;
	/** What was there before in the fields that are another now, null for nothing; null where no field is, or nobody asks. */
	readonly old: OldValues | null;
	/** Fields to be made if the item succeeds. */
	readonly newFields: readonly DetailField[];
}

/** By field id. */
export type OldValues = Readonly<Record<string, DetailValue | null>>;

/**
 * Applies the edits of one item to the details of its record, in order; what is wrong is added to `faults`.
 * @param keepsOld whether old values are asked for
 */
export function foldEdits(
	edits: readonly DetailEdit[],
	before: Details,
	keepsOld: boolean,
	context: { readonly fields: FieldSet; readonly settings: SiteSettings },
	faults: Fault[],
): FoldedEdits {
	if (edits.length === 0) return { details: before, old: null, newFields: [] };
	const newFields: DetailField[] = [];
	// Copied at the first change, so that a record which stays as it is costs no copy and no comparison.
	let details: Record<string, DetailValue> | null = null;
	let old: Record<string, DetailValue | null> | null = null;
	for (const edit of edits) {
		if (areEnough(faults)) break;
		const field = findOrPropose(edit, newFields, context, faults);
		if (field === null) continue;
		const read = isPlainText(field, edit.value)
			? edit.value
			: readValue(field, edit.value, pointerToEdit(edit), faults);
		if (read === undefined) continue;
		const was = valueOfField(details ?? before, field.id);
		const value = valueAfter(edit, field, was, read);
		if (isSameValue(was, value)) continue;
		details ??= { ...before };
		if (keepsOld) {
			old ??= {};
			// What an item changes and changes back is not changed.
			if (!Object.hasOwn(old, field.id)) old[field.id] = was;
			else if (isSameValue(old[field.id] ?? null, value)) delete old[field.id];
		}
		if (value === null) delete details[field.id];
		else details[field.id] = value;
	}
	return { details: details ?? before, old, newFields };
}

/** @returns undefined where something is wrong with it, which is added to `faults` */
function readValue(
	field: DetailField,
	value: unknown,
	pointer: string,
	faults: Fault[],
): DetailValue | null | undefined {
	const read = readDetailValue(field, value, pointer);
	if (!("code" in read)) return read.value;
	faults.push(read);
	return undefined;
}

/** The field that the edit names; one that is missing is proposed, or is a fault, by the site's setting. */
function findOrPropose(
	edit: DetailEdit,
	newFields: DetailField[],
	{ fields, settings }: { readonly fields: FieldSet; readonly settings: SiteSettings },
	faults: Fault[],
): DetailField | null {
	const known = fields.find(edit.field) ?? findProposed(edit.field, newFields);
	if (known !== undefined) return known;
	if (settings.unknownFields === "fail") {
		const near = nearest(edit.field, fields.names());
		faults.push({
			code: "unknown_detail_field",
			pointer: pointerToEdit(edit),
			field: edit.field,
			message: `Invalid detail field: there is no field ${show(edit.field)}, and this site does not make missing fields.`,
			...(near === null ? {} : { hint: `Did you mean ${show(near)}?` }),
		});
		return null;
	}
	if (fields.size + newFields.length >= settings.detailFieldsMax) {
		faults.push({
			code: "detail_field_limit",
			pointer: pointerToEdit(edit),
			field: edit.field,
			message: `Invalid detail field: there is no field ${show(edit.field)}, and the site has its ${settings.detailFieldsMax} fields.`,
		});
		return null;
	}
	const field = fields.propose(edit.field, newFields);
	newFields.push(field);
	return field;
}

/** The field that an earlier edit of the same item proposed. */
function findProposed(nameOrId: string, newFields: readonly DetailField[]): DetailField | undefined {
	if (newFields.length === 0) return undefined;
	const key = nameKey(nameOrId);
	return newFields.find((field) => nameKey(field.name) === key || field.id === key);
}

/** PATCH adds to a MULTISELECT and is UPDATE for every other type (contract, section 2). */
function valueAfter(
	edit: DetailEdit,
	field: DetailField,
	before: DetailValue | null,
	sent: DetailValue | null,
): DetailValue | null {
	if (edit.operation !== "PATCH" || field.type !== "MULTISELECT") return sent;
	const all = [...new Set([...listOf(before), ...listOf(sent)])];
	return all.length === 0 ? null : all;
}

function listOf(value: DetailValue | null): readonly string[] {
	if (value === null) return [];
	return typeof value === "string" ? [value] : value;
}
