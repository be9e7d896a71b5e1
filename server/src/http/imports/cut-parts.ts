import { isUtf8 } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import type { ListedOperation } from "@muster/client/contract";
import type { ImportPart, UnreadableLine } from "../../store/save-import-parts.ts";
import { ProblemError } from "../problem-error.ts";

/** A line of JSON lines, or a record of a CSV with the blank lines before it. */
export interface FileRow {
	/** Where it begins and ends in the bytes that were read, its line's end included. */
	readonly start: number;
	readonly end: number;
	/** JSON; null where it is none: a blank line, a header, or one that could not be read. */
	readonly item: string | null;
	/** The item as parsed. */
	readonly value: unknown;
	/** Detail edits of it, where its operation counts them. */
	readonly edits: number;
	/** Whether it holds numbers that are kept digit by digit; see domain/json.ts. */
	readonly hasOddNumbers: boolean;
	/** Why it could not be read. */
	readonly fault: Omit<UnreadableLine, "line"> | null;
}

/**
 * Reads the rows that are whole.
 * @param block begins with a row
 * @param isLast whether nothing comes behind the block
 */
export type ReadRows = (block: Buffer, isLast: boolean) => readonly FileRow[];

/** A part of a file with the items of its task. */
export interface CutPart extends ImportPart {
	/** A JSON list. */
	readonly items: string;
	/** The items as parsed. */
	readonly values: readonly unknown[];
	readonly hasOddNumbers: boolean;
}

/** A part ends when it has come to so many bytes, so that what an upload holds is bounded. */
const partBytesMax = 256 * 1024;

/** Most rows of a part, those that are no items among them. */
const partRowsMax = 1_000;

/** Longest row in bytes: no item needs more, and a quote that is never closed must not take all memory. */
export const rowBytesMax: number = 1024 * 1024;

/** Rows of an upload that were given up: each is looked for to the end of a MiB, and a file of nothing else is none. */
const givenUpMax = 100;

/** What is kept of a row that is given up, in bytes. */
const givenUpShown = 1_000;

/**
 * Cuts a file into parts as it arrives, each as many items as a task of the operation takes. Nothing is kept but the part in
 * making and a row that is not whole yet.
 * @param from where the first byte stands in the file
 * @throws ProblemError where the file is not one of rows
 */
export async function* cutParts(
	chunks: AsyncIterable<Buffer>,
	read: ReadRows,
	from: { readonly receivedBytes: number; readonly receivedLines: number },
	operation: Pick<ListedOperation, "itemsMax"> & { readonly editsMax?: number },
): AsyncGenerator<CutPart, void> {
	const cutting = new Cutting(read, from, operation);
	for await (const chunk of chunks) yield* cutting.take(chunk, false);
	yield* cutting.take(Buffer.alloc(0), true);
}

class Cutting {
	readonly #read: ReadRows;
	readonly #operation: { readonly itemsMax: number; readonly editsMax?: number };
	#part: PartInMaking;
	/** The beginning of a row that is not whole. */
	#rest: Buffer = Buffer.alloc(0);
	/** Inside a row that is given up: nothing is kept up to its line's end. */
	#isSkipping = false;
	#givenUp = 0;

	constructor(
		read: ReadRows,
		from: { readonly receivedBytes: number; readonly receivedLines: number },
		operation: { readonly itemsMax: number; readonly editsMax?: number },
	) {
		this.#read = read;
		this.#operation = operation;
		this.#part = new PartInMaking(from.receivedBytes, from.receivedLines + 1);
	}

	*take(chunk: Buffer, isLast: boolean): Generator<CutPart, void> {
		let block = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
		if (this.#isSkipping) {
			block = this.#skip(block);
			if (!this.#isSkipping) yield* this.#cut();
		}
		for (;;) {
			const at: number = yield* this.#takeRows(block, isLast);
			block = block.subarray(at);
			if (isLast ? block.length === 0 : block.length <= rowBytesMax) break;
			yield* this.#cut();
			block = this.#giveUp(block);
			// The line that was given up is a part of its own: read again with others, it would take them along.
			if (!this.#isSkipping) yield* this.#cut();
		}
		// What is kept must not hold the whole block.
		this.#rest = Buffer.from(block);
		if (isLast) yield* this.#cut();
	}

	*#takeRows(block: Buffer, isLast: boolean): Generator<CutPart, number> {
		const { itemsMax, editsMax = Number.POSITIVE_INFINITY } = this.#operation;
		let at = 0;
		for (const row of this.#read(block, isLast)) {
			if (this.#part.edits + row.edits > editsMax) yield* this.#cut();
			this.#part.add(block, at, row);
			at = row.end;
			const part = this.#part;
			const isFull =
				part.itemCount === itemsMax || part.rowCount >= partRowsMax || part.keptBytes >= partBytesMax;
			if (isFull) yield* this.#cut();
		}
		this.#part.endRun();
		return at;
	}

	*#cut(): Generator<CutPart, void> {
		const part = this.#part;
		if (part.endByte === part.startByte) return;
		const cut = part.end();
		this.#part = new PartInMaking(cut.endByte, cut.firstLine + cut.lineCount);
		yield cut;
	}

	/** The row that the block begins with does not end: its first line is one that cannot be read. @returns what is behind */
	#giveUp(block: Buffer): Buffer {
		this.#givenUp += 1;
		if (this.#givenUp > givenUpMax) {
			throw new ProblemError(
				"invalid_request",
				`More than ${givenUpMax} rows of the file do not end within a MiB. Up to the last of them it is saved; cancel the import, correct the file (quotes that are opened and never closed, most likely), and send it under a new key.`,
			);
		}
		const lineEnd = block.indexOf("\n");
		const end = lineEnd < 0 ? block.length : lineEnd + 1;
		this.#part.giveUp(block.subarray(0, end));
		this.#isSkipping = lineEnd < 0;
		return block.subarray(end);
	}

	#skip(block: Buffer): Buffer {
		const lineEnd = block.indexOf("\n");
		const end = lineEnd < 0 ? block.length : lineEnd + 1;
		this.#part.skip(block.subarray(0, end));
		this.#isSkipping = lineEnd < 0;
		return block.subarray(end);
	}
}

/** Gathers the rows of one part. */
class PartInMaking {
	readonly startByte: number;
	readonly #firstLine: number;
	readonly #hash: Hash = createHash("sha256");
	readonly #pieces: Buffer[] = [];
	readonly #items: string[] = [];
	readonly #values: unknown[] = [];
	readonly #unreadable: UnreadableLine[] = [];
	#hasOddNumbers = false;
	#lineCount = 0;
	/** Rows that stand behind each other in a block, and are kept as one. */
	#run: { readonly block: Buffer; readonly from: number; to: number } | null = null;
	endByte: number;
	keptBytes = 0;
	rowCount = 0;
	edits = 0;

	constructor(startByte: number, firstLine: number) {
		this.startByte = startByte;
		this.endByte = startByte;
		this.#firstLine = firstLine;
	}

	get itemCount(): number {
		return this.#items.length;
	}

	/** @param from where the row before ends in the block */
	add(block: Buffer, from: number, row: FileRow): void {
		if (row.fault !== null) {
			this.endRun();
			const line = this.#firstLine + this.#lineCount + countLines(block, from, row.start);
			this.#unreadable.push({ line, ...row.fault });
		}
		this.#run ??= { block, from, to: from };
		this.#run.to = row.end;
		this.endByte += row.end - from;
		this.keptBytes += row.end - from;
		this.rowCount += 1;
		if (row.item === null) return;
		this.#items.push(row.item);
		this.#values.push(row.value);
		this.edits += row.edits;
		this.#hasOddNumbers ||= row.hasOddNumbers;
	}

	/** What is added next stands in another block. */
	endRun(): void {
		if (this.#run === null) return;
		const { block, from, to } = this.#run;
		this.#run = null;
		this.#keep(block.subarray(from, to));
	}

	giveUp(line: Buffer): void {
		this.#unreadable.push({
			line: this.#firstLine + this.#lineCount,
			code: "unreadable_line",
			message: "What begins in this line does not end within 1 MiB.",
			hint: "In a CSV, a quote is opened here and never closed, most likely.",
		});
		const shown = line.subarray(0, givenUpShown);
		this.#keep(shown);
		this.endByte += shown.length;
		this.keptBytes += shown.length;
		this.skip(line.subarray(givenUpShown));
	}

	skip(bytes: Buffer): void {
		this.#pass(bytes);
		this.endByte += bytes.length;
	}

	#keep(bytes: Buffer): void {
		this.#pass(bytes);
		this.#pieces.push(bytes);
	}

	#pass(bytes: Buffer): void {
		this.#hash.update(bytes);
		this.#lineCount += countLines(bytes, 0, bytes.length);
	}

	end(): CutPart {
		this.endRun();
		return {
			firstLine: this.#firstLine,
			lineCount: this.#lineCount,
			endByte: this.endByte,
			digest: this.#hash.digest(),
			itemCount: this.#items.length,
			lines: storable(Buffer.concat(this.#pieces)),
			unreadable: this.#unreadable,
			items: `[${this.#items.join(",")}]`,
			values: this.#values,
			hasOddNumbers: this.#hasOddNumbers,
		};
	}
}

/** PostgreSQL keeps UTF-8 without U+0000; what else stands in a line could not be read anyway. */
function storable(bytes: Buffer): Buffer {
	if (isUtf8(bytes) && !bytes.includes(0)) return bytes;
	return Buffer.from(bytes.toString().replaceAll("\0", "\ufffd"));
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Ends of lines in a range, as an editor counts them: LF, CRLF, or a CR alone. */
export function countLines(bytes: Buffer, from: number, to: number): number {
	if (from === to) return 0;
	const range = bytes.subarray(from, to);
	let count = 0;
	for (let at = range.indexOf(lineFeed); at >= 0; at = range.indexOf(lineFeed, at + 1)) count += 1;
	for (let at = range.indexOf(carriageReturn); at >= 0; at = range.indexOf(carriageReturn, at + 1)) {
		if (range[at + 1] !== lineFeed) count += 1;
	}
	return count;
}
