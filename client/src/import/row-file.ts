import type { RowFault } from "./row-fault.ts";

export interface FileRow {
	/** Where the row begins, counted from 1, the header's line included. */
	readonly line: number;
	readonly cells: readonly string[];
	/** Why the row could not be read. */
	readonly fault?: RowFault;
}

/**
 * A file's rows, piece by piece: to await each of a hundred thousand rows costs more than to parse it. The columns are whole
 * when the last row has been read, of CSV with the first.
 */
export interface Rows extends AsyncIterable<readonly FileRow[]> {
	readonly columns: readonly string[];
}

/** A file of rows, however it is read: from a disk by the command line, from a browser's hands by the console. */
export interface RowFile {
	/** As messages call it. */
	readonly name: string;
	/** Whether a header names the columns; else the rows do, bit by bit. */
	readonly hasHeader: boolean;
	/** Reads it from its beginning, as often as it is asked for. @param columns that are known already */
	rows(columns?: readonly string[]): Rows;
}
