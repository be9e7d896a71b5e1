import { type FileRow, guardCell, joinList } from "@muster/client/import";
import { isJsonObject, isRawNumber, parseJson } from "../../domain/json.ts";

/**
 * A line of JSONL as cells, named and written as Muster's export names and writes them: `details.Tier` for what stands in an
 * object, `tags[]` for a list, an apostrophe before a formula. Columns that are new are added to the list.
 */
export function cellsOfLine(text: string, columns: string[]): Omit<FileRow, "line"> {
	const cells: string[] = [];
	const put = (column: string, value: string): void => {
		const place = columns.indexOf(column);
		cells[place < 0 ? columns.push(column) - 1 : place] = guardCell(value);
	};
	const sent = objectOf(text);
	if (sent === null) {
		const value = text.slice(0, 60);
		const message = `The line is no JSON object: ${value}`;
		return { cells: [], fault: { code: "invalid_json", column: null, value, message } };
	}
	for (const [key, value] of Object.entries(sent)) {
		if (key === "details" && Array.isArray(value) && value.every(isListed)) {
			for (const { id, values, type } of value) {
				putInner(`details.${id}`, type?.name === "MULTISELECT" ? values : values[0]);
			}
		} else if (isJsonObject(value)) {
			for (const [inner, part] of Object.entries(value)) putInner(`${key}.${inner}`, part);
		} else putInner(key, value);
	}
	return { cells: Array.from(cells, (cell) => cell ?? "") };

	function putInner(column: string, value: unknown): void {
		if (Array.isArray(value)) put(`${column}[]`, joinList(value.map(nameOf)));
		else put(column, textOf(value));
	}
}

/** A detail in the shape of the reference, which lists each with its field. */
interface ListedDetail {
	readonly id: string;
	readonly values: readonly unknown[];
	readonly type?: { readonly name?: unknown };
}

function isListed(value: unknown): value is ListedDetail {
	return isJsonObject(value) && typeof value.id === "string" && Array.isArray(value.values);
}

/** Numbers keep the digits that the line has. */
function objectOf(text: string): object | null {
	try {
		const value = parseJson(text);
		return isJsonObject(value) ? value : null;
	} catch {
		return null;
	}
}

function textOf(value: unknown): string {
	if (value === null || value === undefined) return "";
	if (isRawNumber(value)) return value.rawJSON;
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A member of a list: organizations stand in it as objects with their names. */
function nameOf(value: unknown): string {
	const isNamed = typeof value === "object" && value !== null && "name" in value;
	return textOf(isNamed ? value.name : value);
}
