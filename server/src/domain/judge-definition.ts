import { type DetailFieldType, detailFieldTypes } from "@muster/client/contract";
import type { DetailField } from "./detail-value.ts";
import { areEnough, type Fault, pointerTo, show } from "./fault.ts";
import { ItemReader } from "./item-reader.ts";
import { nameKey, readName } from "./name.ts";
import { detailValueCharactersMax, textFault } from "./text.ts";

/** A field as asked for; it has no id yet. */
export type NewField = Pick<DetailField, "name" | "type" | "options">;

/**
 * Reads `{name, type: {name, options}}`, or a type as plain text; what is wrong is added to `faults`.
 * @param optionsMax most options of a field
 */
export function readDefinition(
	value: unknown,
	pointer: string,
	optionsMax: number,
	faults: Fault[],
): NewField | null {
	const reader = ItemReader.of(value, pointer);
	if (reader === null) {
		faults.push({
			code: "item_not_object",
			pointer,
			message: `${show(value)} is no definition; an object is expected.`,
		});
		return null;
	}
	const before = faults.length;
	const nameText = reader.text("name");
	const name = nameText === undefined ? null : readName(nameText, pointerTo(pointer, "name"), "name");
	if (name !== null && "code" in name) faults.push(name);
	if (name === null && reader.faults.length === 0) {
		faults.push({ code: "invalid_name", pointer, message: "The definition has no name." });
	}
	const { type, options } = readType(reader, optionsMax);
	faults.push(...reader.faults);
	reader.refuseUnknownKeys(faults);
	if (name === null || "code" in name || faults.length > before) return null;
	return { name: name.text, type, options };
}

function readType(
	reader: ItemReader,
	optionsMax: number,
): { type: DetailFieldType; options: readonly string[] } {
	if (typeof reader.take("type") === "string") {
		return withOptions(reader, reader.word("type", detailFieldTypes, "TEXT", "invalid_type"), optionsMax);
	}
	if (!reader.has("type")) return withOptions(reader, "TEXT", optionsMax);
	const inner = reader.inner("type");
	const read = withOptions(inner, inner.word("name", detailFieldTypes, "TEXT", "invalid_type"), optionsMax);
	reader.faults.push(...inner.faults);
	inner.refuseUnknownKeys(reader.faults);
	return read;
}

function withOptions(
	reader: ItemReader,
	type: DetailFieldType,
	optionsMax: number,
): { type: DetailFieldType; options: readonly string[] } {
	const pointer = pointerTo(reader.pointer, "options");
	const options = readOptions(reader.list("options"), pointer, optionsMax, reader.faults);
	const takesOptions = type === "SELECT" || type === "MULTISELECT";
	// A fault in the type or in an option has been said already.
	if (reader.faults.length === 0 && takesOptions && options.length === 0) {
		reader.faults.push({
			code: "invalid_type",
			pointer,
			message: `A ${type} field needs at least one option.`,
		});
	}
	if (!takesOptions && options.length > 0) {
		reader.faults.push({ code: "invalid_type", pointer, message: `A ${type} field takes no options.` });
	}
	return { type, options };
}

/** Options as they will be spelled: trimmed, unique ignoring case. */
export function readOptions(
	values: readonly unknown[],
	pointer: string,
	optionsMax: number,
	faults: Fault[],
): string[] {
	if (values.length > optionsMax) {
		faults.push({
			code: "invalid_type",
			pointer,
			message: `${values.length} options were sent; ${optionsMax} are allowed.`,
		});
		return [];
	}
	const seen = new Set<string>();
	const options: string[] = [];
	for (const [place, value] of values.entries()) {
		if (areEnough(faults)) break;
		const at = pointerTo(pointer, place);
		const option = readOption(value, at);
		if (typeof option !== "string") faults.push(option);
		else if (seen.has(nameKey(option)))
			faults.push({ code: "invalid_type", pointer: at, message: `The option ${show(option)} comes twice.` });
		else {
			options.push(option);
			seen.add(nameKey(option));
		}
	}
	return options;
}

function readOption(value: unknown, pointer: string): string | Fault {
	const option = typeof value === "string" ? value.trim() : "";
	if (option === "")
		return { code: "invalid_type", pointer, message: `The option ${show(value)} is no text, or blank.` };
	return textFault(option, detailValueCharactersMax, pointer, "The option") ?? option;
}
