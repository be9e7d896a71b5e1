import { stripVTControlCharacters } from "node:util";
import { count, Screen } from "./screen.ts";
import { charactersOf, columnsOf, visible } from "./visible.ts";

export interface Column<Row> {
	readonly title: string;
	readonly isNumber?: boolean;
	/** A number is shown as a count, with 0 in the background. */
	readonly cell: (row: Row) => string | number;
}

/** Between two columns. */
const gap = "  ";

/**
 * Rows below each other, on standard output. In a terminal a line is cut where it would break; elsewhere it is whole, for
 * grep and its like.
 */
export function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
	const screen = new Screen(process.stdout);
	const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
	const texts = cells.map((line) =>
		line.map((cell) => (typeof cell === "number" ? count(cell) : visible(cell))),
	);
	const widths = columns.map(({ title }, place) =>
		Math.max(title.length, ...texts.map((line) => columnsOf(line[place] ?? ""))),
	);
	const pad = (text: string, place: number): string => {
		// Blanks at the end of a line would break it in a terminal as anything else does.
		if (place === columns.length - 1 && columns[place]?.isNumber !== true) return text;
		const blanks = " ".repeat(Math.max(0, (widths[place] ?? 0) - columnsOf(text)));
		return columns[place]?.isNumber === true ? blanks + text : text + blanks;
	};
	const most = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
	const print = (line: readonly string[], style: (text: string, place: number) => string): void => {
		const padded = line.map(pad);
		const whole = padded.join(gap);
		// What is cut has one style, by its first cell.
		const shown = columnsOf(whole) <= most ? padded.map(style).join(gap) : style(cut(whole, most), 0);
		process.stdout.write(`${shown.trimEnd()}\n`);
	};
	const titles = columns.map(({ title }) => title);
	print(titles, (text) => screen.style("dim", text));
	for (const [row, line] of texts.entries()) {
		print(line, (text, place) => (cells[row]?.[place] === 0 ? screen.style("dim", text) : text));
	}
}

function cut(line: string, most: number): string {
	let kept = "";
	let width = 0;
	for (const character of charactersOf(stripVTControlCharacters(line))) {
		width += columnsOf(character);
		if (width >= most) break;
		kept += character;
	}
	return `${kept}…`;
}

/** Names and what they stand for, one a line. */
export function printPairs(pairs: readonly (readonly [name: string, value: string])[]): void {
	const screen = new Screen(process.stdout);
	const width = Math.max(0, ...pairs.map(([name]) => columnsOf(visible(name))));
	for (const [name, value] of pairs) {
		const shown = visible(name);
		const blanks = " ".repeat(width - columnsOf(shown));
		process.stdout.write(`${screen.style("dim", shown)}${blanks}${gap}${visible(value)}\n`);
	}
}

/** Prints rows as a table for people, or as JSON for programs. */
export function print(rows: readonly Record<string, string>[], json: unknown, asJson: boolean): void {
	const [first] = rows;
	if (asJson) console.log(JSON.stringify(json));
	else if (first !== undefined) {
		const columns = Object.keys(first).map(
			(title): Column<Record<string, string>> => ({ title, cell: (row) => row[title] ?? "" }),
		);
		printTable(columns, rows);
	}
}
