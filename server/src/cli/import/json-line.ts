import { joinList } from "@muster/client/contract";
import type { FileRow } from "./rows.ts";

/**
 * A line of JSONL as cells, named as Muster's export names them: `details.Tier` for what stands in an object, `tags[]` for
 * a list. Columns that are new are added to the list.
 */
export function cellsOfLine(text: string, columns: string[]): Omit<FileRow, "line"> {
	const cells: string[] = [];
	const put = (column: string, value: string): void => {
		const place = columns.indexOf(column);
		cells[place < 0 ? columns.push(column) - 1 : place] = value;
	};
	const sent = objectOf(text);
	if (sent === null) {
		const value = text.slice(0, 60);
		const message = `The line is no JSON object: ${value}`;
		return { cells: [], fault: { code: "invalid_json", column: null, value, message } };
	}
	for (const [key, value] of Object.entries(sent)) {
		if (typeof value !== "object" || value === null) put(key, textOf(value));
		else if (Array.isArray(value)) put(`${key}[]`, joinList(value.map(nameOf)));
		else for (const [inner, part] of Object.entries(value)) putInner(`${key}.${inner}`, part);
	}
	return { cells: Array.from(cells, (cell) => cell ?? "") };

	function putInner(column: string, value: unknown): void {
		if (Array.isArray(value)) put(`${column}[]`, joinList(value.map(nameOf)));
		else put(column, textOf(value));
	}
}

function objectOf(text: string): object | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
	} catch {
		return null;
	}
}

function textOf(value: unknown): string {
	if (value === null) return "";
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A member of a list: organizations stand in it as objects with their names. */
function nameOf(value: unknown): string {
	const isNamed = typeof value === "object" && value !== null && "name" in value;
	return textOf(isNamed ? value.name : value);
}
