import {
	csvReading,
	distinctHeaders,
	type Encoding,
	type FileRow,
	findEncoding,
	RecordLines,
	type RowFile,
	recordLengthMax,
	sniffFormat,
} from "@muster/client/import";
import { parse } from "csv-parse/browser/esm";

/** Bytes of a file's beginning that its form is found out by. */
const headBytes = 65_536;

/** What keeps a file from being read, in words for its owner. */
export class FileTrouble extends Error {
	override readonly name = "FileTrouble";
}

/** Cells that were corrected by hand, by the line that their row begins in. */
export type Corrected = ReadonlyMap<number, readonly string[]>;

/** A CSV that a browser was given. It is read anew as often as it is needed, bit by bit, and never held as a whole. */
export interface OpenedFile {
	readonly name: string;
	readonly bytes: number;
	readonly encoding: Encoding;
	readonly delimiter: string;
	/** Its rows, with corrections in their places. */
	read(corrected: Corrected): RowFile;
}

/** @throws FileTrouble */
export async function openFile(file: File): Promise<OpenedFile> {
	if (file.size === 0) throw new FileTrouble(`${file.name} is empty.`);
	const encoding = await findEncoding(chunksOf(file));
	const head = new TextDecoder(encoding).decode(await file.slice(0, headBytes).arrayBuffer());
	const format = sniffFormat(head, file.size <= headBytes);
	if (format.kind !== "csv") {
		throw new FileTrouble(
			`${file.name} holds JSON. This page takes CSV; \`muster import\` takes JSON lines, and so does the API.`,
		);
	}
	const { delimiter } = format;
	return {
		name: file.name,
		bytes: file.size,
		encoding,
		delimiter,
		read: (corrected) => ({
			name: file.name,
			hasHeader: true,
			rows: (known = []) => {
				const columns = [...known];
				const rows = rowsOf(file, { encoding, delimiter }, columns, corrected);
				return { columns, [Symbol.asyncIterator]: () => rows };
			},
		}),
	};
}

interface Form {
	readonly encoding: Encoding;
	readonly delimiter: string;
}

async function* rowsOf(
	file: File,
	{ encoding, delimiter }: Form,
	columns: string[],
	corrected: Corrected,
): AsyncGenerator<readonly FileRow[], void> {
	let isHeader = true;
	const lines = new RecordLines();
	for await (const records of recordsOf(file, encoding, delimiter)) {
		yield records.flatMap(({ record, info }) => {
			const line = lines.startOf(record, info.lines);
			if (isHeader) {
				columns.splice(0, columns.length, ...distinctHeaders(record));
				isHeader = false;
				return [];
			}
			if (record.every((cell) => cell.trim() === "")) return [];
			return { line, cells: corrected.get(line) ?? record };
		});
	}
}

interface ParsedRecord {
	readonly record: string[];
	readonly info: { readonly lines: number };
}

/** The same reading of CSV as that of `muster import`: one parser, with one set of settings. */
async function* recordsOf(
	file: File,
	encoding: Encoding,
	delimiter: string,
): AsyncGenerator<readonly ParsedRecord[], void> {
	const parser = parse({
		delimiter,
		...csvReading,
		info: true,
		max_record_size: recordLengthMax,
	});
	let trouble: Error | null = null;
	parser.on("error", (error: Error) => {
		trouble = error;
	});
	const parsed: ParsedRecord[] = [];
	parser.on("data", (record: ParsedRecord) => void parsed.push(record));
	const ended = new Promise<void>((resolve) => {
		parser.on("end", resolve);
		parser.on("error", resolve);
	});
	const decoder = new TextDecoder(encoding);
	const check = (): void => {
		if (trouble === null) return;
		throw new FileTrouble(
			`${file.name} cannot be read to its end: ${trouble.message}. Often a quote is opened there, or before it, and never closed.`,
		);
	};
	for await (const chunk of chunksOf(file)) {
		await new Promise<void>((resolve) => {
			parser.write(decoder.decode(chunk, { stream: true }), () => resolve());
		});
		check();
		yield parsed.splice(0);
	}
	parser.end(decoder.decode());
	await ended;
	check();
	yield parsed.splice(0);
}

/** Not every browser can go through a stream by itself. */
async function* chunksOf(file: File): AsyncGenerator<Uint8Array, void> {
	const reader = file.stream().getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		await reader.cancel();
	}
}
