import type { DetailField } from "./detail-value.ts";
import { areEnough, type Fault, pointerTo, show } from "./fault.ts";
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
	/** Its new place among the fields, from 0; null where it stays. */
	readonly position: number | null;
}

/** What a change of a detail field may hold. A type has a refusal of its own. */
export const fieldChangeKeys = ["name", "options", "renameOptions", "configuration"] as const;

/**
 * Reads `{name, options, renameOptions, configuration: {position}}`; what is left out stays, what is wrong is added to
 * `faults`.
 * @param fieldCount how many fields there are, this one among them
 * @param optionsMax most options of a field
 */
export function readFieldChange(
	field: DetailField,
	fieldCount: number,
	optionsMax: number,
	body: Record<string, unknown>,
	faults: Fault[],
): FieldChange {
	const reader = ItemReader.of(body);
	if (reader === null) throw new Error("a body that was read as an object is none");
	if (reader.has("type")) {
		faults.push({
			code: "invalid_type",
			pointer: "/type",
			message: `The type of ${show(field.name)} is ${field.type} and stays so; make another field for another type.`,
		});
	}
	const position = readPosition(reader, fieldCount);
	const nameText = reader.text("name");
	const name = nameText === undefined ? null : readName(nameText, "/name", "name");
	if (name !== null && "code" in name) faults.push(name);
	const renamed = readRenames(field, reader, faults);
	const afterRenames = field.options.map((option) => renamed.get(option) ?? option);
	const options = reader.has("options")
		? readOptions(reader.list("options"), "/options", optionsMax, faults)
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
	// While records follow, nobody could tell the old "B" from the new one.
	for (const [old, now] of renamed) {
		if (!renamed.has(now) || old === now || areEnough(faults)) continue;
		faults.push({
			code: "invalid_type",
			pointer: pointerTo("/renameOptions", old),
			message: `${show(old)} cannot become ${show(now)} in the request that gives ${show(now)} another name; send two requests.`,
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
		position,
	};
}

function readPosition(reader: ItemReader, fieldCount: number): number | null {
	if (!reader.has("configuration")) return null;
	const inner = reader.inner("configuration");
	const position = inner.take("position");
	reader.faults.push(...inner.faults);
	inner.refuseUnknownKeys(reader.faults);
	if (position === undefined) return null;
	if (typeof position === "number" && Number.isInteger(position) && position >= 0 && position < fieldCount)
		return position;
	reader.faults.push({
		code: "invalid_type",
		pointer: "/configuration/position",
		message: `position is ${show(position)}; a whole number from 0 to ${fieldCount - 1} is expected, the first place being 0.`,
	});
	return null;
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
		const [text] = readOptions([now], "/renameOptions", 1, faults);
		if (text !== undefined) renamed.set(option, text);
	}
	return renamed;
}
