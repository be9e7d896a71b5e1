/**
 * How every CSV is read, by the command, the wizard and the server: as spreadsheets and CRMs write them, of which some are
 * careless with quotes and short rows. In the words of csv-parse.
 */
export const csvReading = {
	bom: true,
	relax_column_count: true,
	relax_quotes: true,
	skip_empty_lines: true,
} as const;

/** Longest record, in characters: a quote that is never closed must not take all memory. */
export const recordLengthMax = 1_000_000;

/**
 * Tells the line in which each record of a file begins, counted from 1 as an editor counts them. csv-parse tells where a
 * record ends, and counts CR LF inside of quotes as two lines, here and in everything behind it.
 */
export class RecordLines {
	/** Lines that csv-parse has counted too many so far. */
	#tooMany = 0;

	/** Where the record that was asked for last ends; 0 before the first. */
	end = 0;

	/** @param endLine what csv-parse says (`lines`); to be asked for every record, in their order */
	startOf(cells: readonly string[], endLine: number): number {
		let within = 0;
		for (const cell of cells) {
			if (!cell.includes("\n") && !cell.includes("\r")) continue;
			for (const [end] of cell.matchAll(/\r\n|\r|\n/g)) {
				within += 1;
				if (end.length === 2) this.#tooMany += 1;
			}
		}
		this.end = endLine - this.#tooMany;
		return this.end - within;
	}
}
