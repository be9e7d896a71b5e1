import {
	type DetailField,
	type DetailFieldType,
	type NewDetailField,
	optionsMax,
} from "@muster/client/contract";
import { readValue } from "@muster/client/import";
import type { Kind, Property } from "./api.ts";

/** The detail fields that a sync keeps for itself: whose record it is, and what became of it there. */
export const idField = "HubSpot ID";
export const statusField = "HubSpot status";
export const statuses = ["active", "archived", "merged"] as const;
export type RecordStatus = (typeof statuses)[number];

/** What a property is written to. */
export interface FieldPlan {
	readonly property: string;
	/** Name of the detail field. */
	readonly field: string;
	readonly type: DetailFieldType;
	/** Of a SELECT or MULTISELECT: options by the value that HubSpot has for them. */
	readonly options: ReadonlyMap<string, string>;
	readonly isDay: boolean;
	readonly isList: boolean;
}

export interface FieldsPlan {
	readonly fields: readonly FieldPlan[];
	/** Fields that the site has not. */
	readonly missing: readonly NewDetailField[];
	/** Options that fields of the site have not, by the field's name: all of its options as they shall be. */
	readonly extended: ReadonlyMap<string, readonly string[]>;
	/** Properties that were asked for and that HubSpot has not. */
	readonly unknown: readonly string[];
}

/** Taken without being asked for, beside every property that the account has made itself. */
const usual: Readonly<Record<Kind, readonly string[]>> = {
	contacts: ["phone", "mobilephone", "jobtitle", "lifecyclestage", "hs_lead_status", "city", "country"],
	companies: [
		"domain",
		"phone",
		"industry",
		"type",
		"numberofemployees",
		"annualrevenue",
		"city",
		"country",
		"lifecyclestage",
	],
};

/**
 * What becomes of the properties of a kind. A field of that name which the site has is taken as it is.
 * @param wanted property names, each with the field's name behind a = or without; null takes the usual ones
 */
export function planFields(
	kind: Kind,
	properties: readonly Property[],
	wanted: readonly string[] | null,
	existing: readonly DetailField[],
): FieldsPlan {
	const asked = (wanted ?? [...usual[kind], ...ownProperties(properties)]).map((text) => {
		const [name = "", field] = text.split("=").map((part) => part.trim());
		return { name, field };
	});
	const plans: FieldPlan[] = [];
	const missing: NewDetailField[] = [
		{ name: idField, type: { name: "TEXT" } },
		{ name: statusField, type: { name: "SELECT", options: [...statuses] } },
	].filter(({ name }) => find(existing, name) === undefined) as NewDetailField[];
	const extended = new Map<string, readonly string[]>();
	const taken = new Set([idField, statusField].map(plain));
	for (const { name, field } of asked) {
		const property = properties.find((candidate) => candidate.name === name);
		if (property === undefined) continue;
		const fieldName =
			field ?? (taken.has(plain(property.label)) ? `${property.label} (${name})` : property.label);
		if (taken.has(plain(fieldName))) continue;
		taken.add(plain(fieldName));
		const known = find(existing, fieldName);
		const labels = labelsOf(property);
		const type = known?.type.name ?? typeOf(property);
		plans.push({
			property: name,
			field: known?.name ?? fieldName,
			type,
			options: labels,
			isDay: property.type === "date",
			isList: property.fieldType === "checkbox",
		});
		if (type !== "SELECT" && type !== "MULTISELECT") {
			if (known === undefined) missing.push({ name: fieldName, type: { name: type } });
			continue;
		}
		const own = known?.type.options ?? [];
		const more = [...labels.values()].filter(
			(label) => !own.some((option) => plain(option) === plain(label)),
		);
		if (known === undefined) missing.push({ name: fieldName, type: { name: type, options: more } });
		else if (more.length > 0) extended.set(known.name, [...own, ...more].slice(0, optionsMax));
	}
	const unknown =
		wanted === null
			? []
			: asked.map(({ name }) => name).filter((name) => !properties.some((each) => each.name === name));
	return { fields: plans, missing, extended, unknown };
}

/** What the type of a property becomes. HubSpot: https://developers.hubspot.com/docs/guides/api/crm/properties */
function typeOf({ type, fieldType, options }: Property): DetailFieldType {
	switch (type) {
		case "number":
			return "NUMBER";
		case "bool":
			return "BOOLEAN";
		case "date":
			return "DATE";
		case "phone_number":
			return "PHONE";
		case "enumeration":
			if (fieldType === "booleancheckbox") return "BOOLEAN";
			if (options.length === 0 || options.length > optionsMax) return "TEXT";
			return fieldType === "checkbox" ? "MULTISELECT" : "SELECT";
		default:
			// A date-time is a text too: as a DATE its time would be lost.
			return fieldType === "phonenumber" ? "PHONE" : "TEXT";
	}
}

/** A value as it is sent; null clears the field; undefined where it does not fit, and is left out. */
export function valueFor(
	plan: FieldPlan,
	text: string | null,
): string | readonly string[] | null | undefined {
	if (text === null || text.trim() === "") return null;
	const parts = (plan.isList ? text.split(";") : [text]).map((part) => part.trim()).filter(Boolean);
	if (parts.length === 0) return null;
	const labels = parts.map((part) => plan.options.get(part) ?? part);
	const options = [...plan.options.values()];
	switch (plan.type) {
		case "MULTISELECT":
			return labels.every((label) => options.includes(label)) ? labels : undefined;
		case "SELECT": {
			const [label = ""] = labels;
			return labels.length === 1 && options.includes(label) ? label : undefined;
		}
		case "TEXT": {
			const whole = plan.isList || plan.options.size > 0 ? labels.join("; ") : text;
			return whole.length > textCharactersMax ? undefined : whole;
		}
		default: {
			const whole = plan.isDay ? dayOf(text) : text.trim();
			if (whole.length > valueCharactersMax) return undefined;
			return readValue(whole, { type: plan.type, options: [], dates: "ymd" }) ?? undefined;
		}
	}
}

/** Most characters of a value of a TEXT field, and of any other. */
const textCharactersMax = 10_000;
const valueCharactersMax = 255;

/** Days come as 2026-12-31, or as milliseconds of midnight UTC. */
function dayOf(text: string): string {
	if (!/^-?\d{6,15}$/.test(text.trim())) return text.trim();
	return new Date(Number(text)).toISOString().slice(0, 10);
}

/** Two options whose labels differ by case alone would be one: the second gets its value behind it. */
function labelsOf({ options }: Property): ReadonlyMap<string, string> {
	const labels = new Map<string, string>();
	const taken = new Set<string>();
	for (const { value, label } of options) {
		const text = label.trim() === "" || taken.has(plain(label)) ? `${label} (${value})`.trim() : label.trim();
		taken.add(plain(text));
		labels.set(value, text);
	}
	return labels;
}

function ownProperties(properties: readonly Property[]): readonly string[] {
	return properties
		.filter(({ hubspotDefined, hidden }) => !hubspotDefined && !hidden)
		.map(({ name }) => name);
}

/** By its name, or by its id, as the service finds it. */
function find(fields: readonly DetailField[], name: string): DetailField | undefined {
	const key = plain(name);
	return fields.find((field) => plain(field.name) === key) ?? fields.find((field) => field.id === key);
}

function plain(name: string): string {
	return name.trim().normalize("NFC").toLowerCase();
}
