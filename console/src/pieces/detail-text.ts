import type { DetailField } from "@muster/client";

/** A detail value as the API shows it in a profile. */
export type DetailValue = string | number | boolean | readonly string[];

const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** A value as people of this place write it; numbers keep the digits that they have. */
export function detailText(value: DetailValue | undefined, type: DetailField["type"]["name"]): string {
	if (value === undefined) return "";
	if (Array.isArray(value)) return value.join(", ");
	if (typeof value === "boolean") return value ? "Yes" : "No";
	// A day is a day, wherever one is: it is not moved to another time zone.
	if (type === "DATE" && typeof value === "string") return days.format(new Date(`${value}T00:00:00Z`));
	return String(value);
}
