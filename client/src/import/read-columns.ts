import { ColumnTally } from "./column-tally.ts";
import { cellOf } from "./item-of-row.ts";
import type { FileRow, RowFile } from "./row-file.ts";

/** Rows that the columns are told by; beyond them, columns of options are read on. */
const sampleRows = 20_000;

export interface Columns {
	readonly names: readonly string[];
	readonly tallies: readonly ColumnTally[];
	/** Rows that were looked at; 0 for a file that has none. */
	readonly rows: number;
}

/** What the columns of a file are called, and what their values look like. */
export async function readColumns(file: RowFile): Promise<Columns> {
	const rows = file.rows();
	const tallies: ColumnTally[] = [];
	let options: readonly number[] = [];
	let count = 0;
	/** @returns whether more of them are to be read */
	const tell = ({ cells }: FileRow): boolean => {
		while (tallies.length < rows.columns.length) tallies.push(new ColumnTally());
		count += 1;
		if (count > sampleRows && file.hasHeader) {
			for (const place of options) tallies[place]?.addOption(cellOf(cells, place));
			return true;
		}
		for (const [place, tally] of tallies.entries()) tally.add(cellOf(cells, place));
		if (count !== sampleRows || !file.hasHeader) return true;
		options = tallies.flatMap((tally, place) =>
			tally.type(rows.columns[place] ?? "") === "SELECT" ? [place] : [],
		);
		// Where rows name the columns, bit by bit, all of them are read.
		return options.length > 0;
	};
	for await (const piece of rows) if (!piece.every(tell)) break;
	while (tallies.length < rows.columns.length) tallies.push(new ColumnTally());
	return { names: rows.columns, tallies, rows: count };
}
