import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import {
	csvReading,
	distinctHeaders,
	type FileRow,
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

async function* csvRows(source: Source, columns: string[]): AsyncGenerator<FileRow, void> {
	const { format, name } = source;
	const parser = parse({
		delimiter: format.kind === "csv" ? format.delimiter : ",",
		...csvReading,
		info: true,
		max_record_size: recordLengthMax,
	});
	// Trouble at either end destroys the parser, and is thrown by the loop.
	pipeline(createReadStream(source.path), decoderOf(source), parser, () => undefined);
	let isHeader = true;
	try {
		for await (const { record, info } of parser) {
			// With `info`, a record is a list of texts: no columns are named to the parser.
			const cells = record as string[];
			if (isHeader) {
				columns.splice(0, columns.length, ...distinctHeaders(cells));
				isHeader = false;
			} else if (cells.some((cell) => cell.trim() !== "")) {
				yield { line: info.lines - newlines(cells), cells };
			}
		}
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new UserError(
			`${name} cannot be read to its end: ${error.message}. Often a quote is opened there, or before it, and never closed.`,
			exitCodes.nothingUsable,
		);
	}
}

async function* jsonRows(source: Source, columns: string[]): AsyncGenerator<FileRow, void> {
	let line = 0;
	for await (const text of linesOf(decoderOf(source)(createReadStream(source.path)))) {
		line += 1;
		if (text.length > recordLengthMax) {
			const longest = recordLengthMax.toLocaleString("en");
			throw new UserError(
				`${source.name}:${line} is longer than ${longest} characters. JSONL has one object a line.`,
				exitCodes.nothingUsable,
			);
		}
		if (text.trim() !== "") yield { line, ...cellsOfLine(text, columns) };
	}
}

/**
 * Lines of JSONL end with a line feed and with nothing else. Node's readline also ends them at U+2028, which may stand in a
 * text of JSON as it is. One that is longer than a record may be comes in part, and ends the lines.
 */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
	let rest = "";
	for await (const chunk of chunks) {
		const lines = (rest + chunk).split("\n");
		rest = lines.pop() ?? "";
		yield* lines;
		if (rest.length > recordLengthMax) break;
	}
	yield rest;
}

function decoderOf({ encoding }: Source): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<string> {
	return async function* decoded(chunks) {
		const decoder = new TextDecoder(encoding);
		for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
		yield decoder.decode();
	};
}

/** A record's line is told where it ends. */
function newlines(cells: readonly string[]): number {
	let count = 0;
	for (const cell of cells) if (cell.includes("\n")) count += cell.split("\n").length - 1;
	return count;
}
