import type { ImportFormat } from "@muster/client/contract";
import { parseJson } from "./json.ts";
import { isNamedIn, isNamedInText, type Person } from "./person.ts";

/** The lines, or records, of an import's file that name the person. */
export function linesNaming(format: ImportFormat, lines: string, person: Person): string[] {
	return recordsOf(format, lines).filter((record) => isNamedOn(format, record, person));
}

/**
 * The lines with an empty item in the place of each that names the person, so that the others keep their numbers and
 * places.
 */
export function eraseLines(format: ImportFormat, lines: string, person: Person): string {
	return recordsOf(format, lines)
		.map((record) => (isNamedOn(format, record, person) ? emptied(format, record) : record))
		.join("");
}

function emptied(format: ImportFormat, record: string): string {
	const [end = ""] = /(\r\n|\n|\r)?$/.exec(record) ?? [];
	if (format === "jsonl") return `{}${end}`;
	const inside = record.slice(0, record.length - end.length).match(/\r\n|\n|\r/g) ?? [];
	return `"${inside.join("")}"${end}`;
}

function isNamedOn(format: ImportFormat, record: string, person: Person): boolean {
	if (isNamedInText(person, record)) return true;
	if (format === "csv") return false;
	try {
		return isNamedIn(person, parseJson(record));
	} catch {
		return false; // no JSON, so it was no item
	}
}

/** With their line ends. A line end between quotes is within a CSV's record. */
function recordsOf(format: ImportFormat, lines: string): string[] {
	const pieces = lines.match(/[^\r\n]*(\r\n|\n|\r)|[^\r\n]+$/g) ?? [];
	if (format === "jsonl") return pieces;
	const records: string[] = [];
	let isOpen = false;
	for (const piece of pieces) {
		if (isOpen) records.push((records.pop() ?? "") + piece);
		else records.push(piece);
		if ((piece.match(/"/g) ?? []).length % 2 === 1) isOpen = !isOpen;
	}
	return records;
}
