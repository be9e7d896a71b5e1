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
