import { areEnough, type Fault, pointerTo, show } from "./fault.ts";
import type { DetailEdit, EditOperation } from "./item.ts";
import { ItemReader, type UnknownKeys } from "./item-reader.ts";
import { isJsonObject } from "./json.ts";
import { nameCharactersMax, textFault } from "./text.ts";

const editOperations: readonly EditOperation[] = ["UPDATE", "PATCH", "DELETE"];

/**
 * Reads details of either shape: a map of field to value, or a list of edits. Values are judged later, against their
 * fields; what is wrong before that is added to `faults`.
 */
export function readDetails(
	value: unknown,
	pointer: string,
	setting: UnknownKeys,
	faults: Fault[],
): DetailEdit[] {
	const edits: DetailEdit[] = [];
	if (Array.isArray(value)) {
		for (const [place, entry] of value.entries()) {
			if (areEnough(faults)) break;
			edits.push(...readEdit(entry, pointerTo(pointer, place), setting, faults));
		}
		return edits;
	}
	if (!isJsonObject(value)) {
		faults.push({
			code: "invalid_type",
			pointer,
			message: `The details are ${show(value)}; an object of field and value, or a list of edits, is expected.`,
		});
		return [];
	}
	for (const field of Object.keys(value)) {
		if (areEnough(faults)) break;
		if (!fieldNameIsGood(field, pointer, field, faults)) continue;
		edits.push({ field, operation: "UPDATE", value: value[field], parent: pointer, key: field });
	}
	return edits;
}

/** `{fieldId, operation, value}` (guide), `{name, values}` or `{operationType, payload: {name, values}}` (reference). */
function readEdit(entry: unknown, pointer: string, setting: UnknownKeys, faults: Fault[]): DetailEdit[] {
	const reader = ItemReader.of(entry, pointer, setting);
	if (reader === null) {
		faults.push({
			code: "invalid_type",
			pointer,
			message: `The edit is ${show(entry)}; an object with fieldId or name is expected.`,
		});
		return [];
	}
	const operationKey = reader.has("operationType") ? "operationType" : "operation";
	const operation = reader.word(operationKey, editOperations, "UPDATE", "invalid_operation_type");
	const fields = reader.has("payload") ? reader.inner("payload") : reader;
	const fieldKey = fields.has("fieldId") ? "fieldId" : "name";
	const field = fields.text(fieldKey);
	const valueKey = fields.has("values") ? "values" : "value";
	const value = fields.take(valueKey);
	const found = [...reader.faults, ...(fields === reader ? [] : fields.faults)];
	reader.refuseUnknownKeys(found);
	if (fields !== reader) fields.refuseUnknownKeys(found);
	if (field === undefined && found.length === 0) {
		found.push({
			code: "identity_missing",
			pointer: fields.pointer,
			message: "The edit names no detail field: it has neither fieldId nor name.",
		});
	}
	if (value === undefined && operation !== "DELETE" && found.length === 0) {
		found.push({
			code: "invalid_type",
			pointer: fields.pointer,
			message: "The edit has no value.",
			hint: 'Send "value" (or "values"), or the operation DELETE to clear the field.',
		});
	}
	faults.push(...found);
	if (field === undefined || found.length > 0) return [];
	if (!fieldNameIsGood(field, fields.pointer, fieldKey, faults)) return [];
	return [
		{
			field,
			operation,
			value: operation === "DELETE" ? null : value,
			parent: fields.pointer,
			key: valueKey,
		},
	];
}

function fieldNameIsGood(field: string, parent: string, key: string, faults: Fault[]): boolean {
	const isBlank = field.trim() === "";
	const fault = isBlank ? null : textFault(field, nameCharactersMax, "", "The name of a detail field");
	if (!isBlank && fault === null) return true;
	const pointer = pointerTo(parent, key);
	faults.push(
		fault === null
			? { code: "invalid_name", pointer, message: "The name of a detail field is blank." }
			: { ...fault, pointer: pointer.slice(0, 300) },
	);
	return false;
}
