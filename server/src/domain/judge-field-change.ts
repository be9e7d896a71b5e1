import type { DetailField } from "./detail-value.ts";
import { areEnough, type Fault, show } from "./fault.ts";
import { ItemReader } from "./item-reader.ts";
import { readOptions } from "./judge-definition.ts";
import { nameKey, readName } from "./name.ts";

/** A detail field as it shall be; its id and type stay. */
export interface FieldChange {
	readonly name: string;
	readonly options: readonly string[];
	/** Old spelling to new, for the values of records. */
	readonly renamed: ReadonlyMap<string, string>;
	/** Options that no record may have, for they go. */
	readonly dropped: readonly string[];
}

/** Reads `{name, options, renameOptions}`; what is left out stays, what is wrong is added to `faults`. */
export function readFieldChange(
	field: DetailField,
	body: Record<string, unknown>,
	faults: Fault[],
): FieldChange {
	const reader = ItemReader.of(body);
	if (reader === null) throw new Error("a body that was read as an object is none");
	const nameText = reader.text("name");
	const name = nameText === undefined ? null : readName(nameText, "/name", "name");
	if (name !== null && "code" in name) faults.push(name);
	const renamed = readRenames(field, reader, faults);
	const afterRenames = field.options.map((option) => renamed.get(option) ?? option);
	const options = reader.has("options")
		? readOptions(reader.list("options"), "/options", faults)
		: afterRenames;
	faults.push(...reader.faults);
	const takesOptions = field.type === "SELECT" || field.type === "MULTISELECT";
	if (!takesOptions && (options.length > 0 || renamed.size > 0)) {
		faults.push({
			code: "invalid_type",
			pointer: "/options",
			message: `A ${field.type} field takes no options.`,
		});
	}
	if (takesOptions && options.length === 0 && faults.length === 0) {
		faults.push({
			code: "invalid_type",
			pointer: "/options",
			message: `A ${field.type} field needs at least one option.`,
		});
	}
	if (new Set(afterRenames.map(nameKey)).size < afterRenames.length) {
		faults.push({
			code: "invalid_type",
			pointer: "/renameOptions",
			message: "Two options would have the same name.",
		});
	}
	const kept = new Map(options.map((option) => [nameKey(option), option]));
	// An option that is only spelled otherwise in the new list is renamed, not dropped.
	const moves = field.options.flatMap((option) => {
		const now = kept.get(nameKey(renamed.get(option) ?? option));
		return now === undefined || now === option ? [] : ([[option, now]] as const);
	});
	return {
		name: name === null || "code" in name ? field.name : name.text,
		options,
		renamed: new Map(moves),
		dropped: field.options.filter((option) => !kept.has(nameKey(renamed.get(option) ?? option))),
	};
}

function readRenames(field: DetailField, reader: ItemReader, faults: Fault[]): Map<string, string> {
	if (!reader.has("renameOptions")) return new Map();
	const inner = ItemReader.of(reader.take("renameOptions"));
	const entries = Object.entries((inner === null ? {} : reader.take("renameOptions")) as object);
	if (inner === null) {
		faults.push({
			code: "invalid_type",
			pointer: "/renameOptions",
			message: "renameOptions is no object of old name and new name.",
		});
	}
	const renamed = new Map<string, string>();
	for (const [old, now] of entries) {
		if (areEnough(faults)) break;
		const option = field.options.find((candidate) => nameKey(candidate) === nameKey(old));
		if (option === undefined) {
			faults.push({
				code: "invalid_type",
				pointer: "/renameOptions",
				message: `${show(old)} is none of the options of ${show(field.name)}.`,
			});
			continue;
		}
		const [text] = readOptions([now], "/renameOptions", faults);
		if (text !== undefined) renamed.set(option, text);
	}
	return renamed;
}
