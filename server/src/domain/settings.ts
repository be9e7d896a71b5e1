import { SiteSettings } from "@muster/client/contract";
import { type Fault, pointerTo, show } from "./fault.ts";
import { isRawNumber } from "./json.ts";
import { nearest } from "./nearest.ts";

export type { SiteSettings };

/** What the contract says of one setting: words, a range of whole numbers, or true and false. */
interface Allowed {
	readonly default?: unknown;
	readonly enum?: readonly string[];
	readonly minimum?: number;
	readonly maximum?: number;
}

// typebox's types leave out what the schema says beside its type.
const allowed = SiteSettings.properties as Readonly<Record<string, object>> as Readonly<
	Record<string, Allowed>
>;

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(allowed);

const defaults = Object.fromEntries(
	Object.entries(allowed).map(([name, entry]) => [name, entry.default]),
) as SiteSettings; // of the schema, as the type is

/** @param stored only what differs from the default */
export function settingsFrom(stored: Partial<SiteSettings>): SiteSettings {
	return { ...defaults, ...stored };
}

/** Reads some settings; what is wrong is added to `faults`. */
export function readSettings(
	values: Readonly<Record<string, unknown>>,
	faults: Fault[],
): Partial<SiteSettings> {
	const read: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(values)) {
		const message = wrong(name, value);
		if (message === null) read[name] = value;
		else faults.push({ code: "invalid_type", pointer: pointerTo("", name), message });
	}
	return read;
}

/** What a text on a command line means for a setting: a number or a truth where the setting is one. */
export function settingValue(name: string, text: string): unknown {
	const entry = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
	if (typeof entry?.default === "number") return /^\d{1,9}$/.test(text) ? Number(text) : text;
	if (typeof entry?.default === "boolean") return text === "true" || (text === "false" ? false : text);
	return text;
}

function wrong(name: string, value: unknown): string | null {
	const entry = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
	if (entry === undefined) {
		const near = nearest(name, settingNames);
		return `There is no setting ${show(name)}. ${near === null ? `Settings are ${settingNames.join(", ")}.` : `Did you mean ${near}?`}`;
	}
	const { enum: words, minimum, maximum } = entry;
	const seen = isRawNumber(value) ? value.rawJSON : show(value);
	if (words !== undefined) {
		const isOne = words.some((word) => word === value);
		return isOne ? null : `${name} is ${seen}; ${words.join(" or ")} is expected.`;
	}
	if (minimum === undefined || maximum === undefined) {
		return typeof value === "boolean" ? null : `${name} is ${seen}; true or false is expected.`;
	}
	const isWithin =
		typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum;
	return isWithin ? null : `${name} is ${seen}; a whole number from ${minimum} to ${maximum} is expected.`;
}
