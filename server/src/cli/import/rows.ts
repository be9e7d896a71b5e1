import { createReadStream } from "node:fs";
import { finished } from "node:stream";
import {
	csvReading,
	distinctHeaders,
	type FileRow,
	RecordLines,
	type RowFile,
	type Rows,
	recordLengthMax,
} from "@muster/client/import";
import { CsvError, parse } from "csv-parse";
import { exitCodes } from "../exit-codes.ts";
import { UserError } from "../user-error.ts";
import { cellsOfLine } from "./json-line.ts";
import type { Source } from "./source.ts";

/** How the engine reads a file. */
export function fileOf(source: Source): RowFile {
	return {
		name: source.name,
		hasHeader: source.format.kind === "csv",
		rows: (columns) => rowsOf(source, columns),
	};
}

/** @param columns that are known already: a JSONL file names them bit by bit */
function rowsOf(source: Source, columns: readonly string[] = []): Rows {
	const found = [...columns];
	const rows = source.format.kind === "csv" ? csvRows(source, found) : jsonRows(source, found);
	return { columns: found, [Symbol.asyncIterator]: () => rows };
}

async function* csvRows(source: Source, columns: string[]): AsyncGenerator<readonly FileRow[], void> {
	let isHeader = true;
	for await (const records of csvRecords(source)) {
		const [header] = records;
		if (isHeader && header !== undefined) columns.splice(0, columns.length, ...distinctHeaders(header.cells));
		const rows = isHeader ? records.slice(1) : records;
		isHeader &&= header === undefined;
		yield rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
	}
}

/** Bytes that are parsed at once: about two requests of rows, for what waits longer is moved and marked by the collector. */
const pieceBytes = 16_384;

/** Records with the header's, those of a piece of the file at once: a stream of single ones costs half as much again. */
async function* csvRecords(source: Source): AsyncGenerator<readonly FileRow[], void> {
	const { format, name } = source;
	const recordLines = new RecordLines();
	let records: FileRow[] = [];
	const parser = parse({
		delimiter: format.kind === "csv" ? format.delimiter : ",",
		...csvReading,
		max_record_size: recordLengthMax,
		on_record: (cells: string[], { lines }) => {
			records.push({ cells, line: recordLines.startOf(cells, lines) });
			return null;
		},
	});
	let trouble: Error | null = null;
	// One that it throws by itself is told of here and nowhere else.
	parser.on("error", (error) => {
		trouble = error;
	});
	parser.resume();
	const bytes = createReadStream(source.path, { highWaterMark: pieceBytes });
	// The parser reads UTF-8 by itself.
	for await (const piece of source.encoding === "utf-8" ? bytes : decoderOf(source)(bytes)) {
		await new Promise<void>((resolve) => void parser.write(piece, () => resolve()));
		yield records;
		records = [];
		if (trouble !== null) break;
	}
	if (trouble === null) await new Promise<void>((resolve) => void finished(parser.end(), () => resolve()));
	yield records;
	if (trouble !== null) throw unreadable(name, trouble, recordLines.end);
}

/** @param lastLine where the last record that could be read ends */
function unreadable(name: string, error: Error, lastLine: number): Error {
	if (!(error instanceof CsvError)) return error;
	const isOpen = error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE";
	const what = isOpen
		? `a quote is opened in the row that begins behind line ${lastLine}, and never closed. Close it, or write it twice where it belongs to the text`
		: error.message;
	return new UserError(`${name} cannot be read to its end: ${what}.`, exitCodes.nothingUsable);
}

async function* jsonRows(source: Source, columns: string[]): AsyncGenerator<readonly FileRow[], void> {
	let line = 0;
	const rowOf = (text: string): FileRow | [] => {
		line += 1;
		if (text.length > recordLengthMax) {
			const longest = recordLengthMax.toLocaleString("en");
			throw new UserError(
				`${source.name}:${line} is longer than ${longest} characters. JSONL has one object a line.`,
				exitCodes.nothingUsable,
			);
		}
		return text.trim() === "" ? [] : { line, ...cellsOfLine(text, columns) };
	};
	for await (const lines of linesOf(decoderOf(source)(createReadStream(source.path))))
		yield lines.flatMap(rowOf);
}

/**
 * Lines of JSONL end with a line feed and with nothing else. Node's readline also ends them at U+2028, which may stand in a
 * text of JSON as it is. One that is longer than a record may be comes in part, and ends the lines.
 */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[], void> {
	let rest = "";
	for await (const chunk of chunks) {
		const lines = (rest + chunk).split("\n");
		rest = lines.pop() ?? "";
		yield lines;
		if (rest.length > recordLengthMax) break;
	}
	yield [rest];
}

function decoderOf({ encoding }: Source): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<string> {
	return async function* decoded(chunks) {
		const decoder = new TextDecoder(encoding);
		for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
		yield decoder.decode();
	};
}
