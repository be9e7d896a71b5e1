import { isUtf8 } from "node:buffer";
import type { ListedOperation } from "@muster/client/contract";
import { csvReading, type FilePlan, itemOfRow, tooManyCells } from "@muster/client/import";
import { CsvError, parse } from "csv-parse/sync";
import type { FileRow, ReadRows } from "./cut-parts.ts";
import { notUtf8 } from "./read-json-lines.ts";

/** A record, with the blank lines before it. */
export interface CsvRecord {
	readonly cells: readonly string[];
	/** Where it ends in the bytes, its line's end included. */
	readonly end: number;
}

/**
 * The records at the beginning of some bytes that are whole.
 * @param isLast whether nothing comes behind the bytes
 */
export function recordsOf(
	bytes: Buffer,
	delimiter: string,
	isLast: boolean,
	most: number = Number.POSITIVE_INFINITY,
): readonly CsvRecord[] {
	const records: CsvRecord[] = [];
	try {
		parse(bytes, {
			...csvReading,
			delimiter,
			// Found anew for each piece, they could differ.
			record_delimiter: ["\r\n", "\n", "\r"],
			...(Number.isFinite(most) ? { to: most } : {}),
			on_record: (cells: string[], { bytes: end }) => {
				// What ends with the piece may go on in the next one.
				if (isLast || end < bytes.length) records.push({ cells, end });
				return null;
			},
		});
	} catch (error) {
		// A quote that is open at the end: what is before it is whole.
		if (!(error instanceof CsvError)) throw error;
	}
	return records;
}

/**
 * Reads the records of a CSV as items of an operation.
 * @param hasHeader whether the first record is the header
 */
export function csvRows(
	operation: ListedOperation,
	{ delimiter, file }: { readonly delimiter: string; readonly file: FilePlan },
	hasHeader: boolean,
): ReadRows {
	let isHeader = hasHeader;
	return (block, isLast) => {
		const records = recordsOf(block, delimiter, isLast);
		const areUtf8 = isUtf8(block.subarray(0, records.at(-1)?.end ?? 0));
		let at = 0;
		return records.map(({ cells, end }): FileRow => {
			const start = textStart(block, at);
			at = end;
			const row = { start, end, item: null, value: null, edits: 0, hasOddNumbers: false, fault: null };
			if (isHeader) {
				isHeader = false;
				return row;
			}
			if (cells.every((cell) => cell.trim() === "")) return row;
			if (!areUtf8 && !isUtf8(block.subarray(start, end))) return { ...row, fault: notUtf8 };
			if (cells.length > file.columns.length) {
				const { code, message, hint } = tooManyCells(file, cells);
				return { ...row, fault: { code, message, ...(hint === undefined ? {} : { hint }) } };
			}
			const { item, edits } = itemOf(operation, file, cells);
			return { ...row, item: JSON.stringify(item), value: item, edits };
		});
	};
}

/** Where the blank lines before a record end. */
function textStart(block: Buffer, from: number): number {
	let at = from;
	while (block[at] === 0x0a || block[at] === 0x0d) at += 1;
	return at;
}

/** The item of an operation that a row becomes: that of the profile operation, or a part of it. */
function itemOf(
	{ scope, entity }: ListedOperation,
	file: FilePlan,
	cells: readonly string[],
): { readonly item: object; readonly edits: number } {
	const profile = itemOfRow(file, cells, { dialect: "guide" }) as Readonly<Record<string, unknown>>;
	if (scope !== "details") return { item: profile, edits: 0 };
	const { details = {}, ...record } = profile;
	const edits = Object.entries(details as object).map(([fieldId, value]) => ({
		fieldId,
		operation: "UPDATE",
		value,
	}));
	const id = entity === "customer" ? "customerId" : "id";
	const key = entity === "customer" ? "email" : "name";
	const named = Object.fromEntries(Object.entries(record).filter(([name]) => name === id || name === key));
	return { item: { ...named, details: edits }, edits: edits.length };
}
