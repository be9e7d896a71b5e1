import { splitList, unguardCell } from "./contract/cell.ts";

/** Written by the server alone: no item may carry them. */
const times: readonly string[] = ["createdDate", "updatedDate"];

/**
 * Makes an item of a profile operation of one row of an exported CSV, by its columns' names. Sent as it is, it changes
 * nothing. An empty cell of a detail clears the detail; any other empty cell is left out.
 */
export function itemOfRow(row: Readonly<Record<string, string>>): Record<string, unknown> {
	const item: Record<string, unknown> = {};
	const details: [string, unknown][] = [];
	for (const [column, cell] of Object.entries(row)) {
		if (times.includes(column)) continue;
		const [, name = "", list] = /^(.*?)(\[\])?$/s.exec(column) ?? [];
		const value = list === undefined ? unguardCell(cell) : splitList(unguardCell(cell));
		if (name.startsWith("details.")) details.push([name.slice("details.".length), value]);
		else if (cell !== "") item[name] = value;
	}
	return details.length === 0 ? item : { ...item, details: Object.fromEntries(details) };
}

/** Makes an item of a profile operation of one line of an exported JSONL, of either dialect. */
export function itemOfProfile(profile: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const item = Object.fromEntries(Object.entries(profile).filter(([key]) => !times.includes(key)));
	if (!Array.isArray(item.details)) return item;
	// The reference lists each value with its field.
	const listed: readonly { readonly id: string; readonly values: readonly string[] }[] = item.details;
	return { ...item, details: Object.fromEntries(listed.map(({ id, values }) => [id, values])) };
}
