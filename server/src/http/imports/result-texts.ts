import { guardCell } from "@muster/client/contract";
import { cellOf, type FilePlan, failedColumns, faultOfError, isFedBack } from "@muster/client/import";
import { stringify } from "csv-stringify/sync";
import type { LineResult } from "./line-results.ts";

/** How the results of an import are written: as its file was. */
export interface ResultTexts {
	/** What stands before the first line. */
	readonly head: string;
	textOf(lines: readonly LineResult[]): string;
}

/** A line of JSON for each line, with its item as it was sent. */
export const jsonTexts: ResultTexts = {
	head: "",
	textOf: (lines) => lines.map((line) => `${jsonOf(line)}\n`).join(""),
};

function jsonOf({ cells: _, text, isItem, line, outcome, ...result }: LineResult): string {
	const told = JSON.stringify({ line, outcome, ...result });
	// The very text: numbers keep the digits they were sent with.
	return `${told.slice(0, -1)},${isItem ? `"item":${text}` : `"text":${JSON.stringify(text)}`}}`;
}

/**
 * The file's own columns, with what became of each row behind them. What failed alone is written as the command line writes
 * it: corrected, the file is imported as it is.
 */
export function csvTexts(plan: FilePlan, onlyFailed: boolean): ResultTexts {
	const names = plan.columns.map(({ column }) => column);
	const own = isFedBack(names) ? names.slice(0, -failedColumns.length) : names;
	const told = onlyFailed ? failedColumns : ["outcome", "id", ...failedColumns];
	return {
		// Without the mark, spreadsheets take UTF-8 for something else.
		head: `\ufeff${csv([[...own, ...told].map(guardCell)])}`,
		textOf: (lines) =>
			csv(
				lines.map((line) => {
					const cells = own.map((_, place) => cellOf(line.cells, place));
					const outcome = onlyFailed ? [] : [line.outcome, line.id ?? ""];
					return [...cells, ...outcome, String(line.line), ...faultCells(plan, line)].map(guardCell);
				}),
			),
	};
}

/** Codes, messages and hints of what is wrong with a row. */
function faultCells(plan: FilePlan, { cells, errors = [] }: LineResult): string[] {
	const faults = errors.map((error) => faultOfError(plan, cells, {}, error));
	return [
		[...new Set(faults.map(({ code }) => code))].join(" "),
		faults.map(({ message }) => message).join(" "),
		faults.flatMap(({ hint }) => hint ?? []).join(" "),
	];
}

function csv(rows: readonly (readonly string[])[]): string {
	return stringify(rows.map((row) => [...row]));
}
