import { stripVTControlCharacters } from "node:util";
import { count, Screen } from "./screen.ts";
import { charactersOf, columnsOf, visible } from "./visible.ts";

export interface Column<Row> {
	readonly title: string;
	readonly isNumber?: boolean;
	/** Left out where a terminal has no room for all of them, the first one first. */
	readonly isLesser?: true;
	/** A number is shown as a count, with 0 in the background. */
	readonly cell: (row: Row) => string | number;
}

/** Between two columns. */
const gap = "  ";

/** Of the last column, a part that is worth showing. */
const lastMin = 12;

/**
 * Rows below each other, on standard output. In a terminal, columns that matter less are left out where there is no room,
 * and a line is cut where it would break; elsewhere it is whole, for grep and its like.
 */
export function printTable<Row>(all: readonly Column<Row>[], rows: readonly Row[]): void {
	const screen = new Screen(process.stdout);
	const most = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
	const columns = columnsWithin(most, all, rows);
	const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
	const texts = cells.map((line) => line.map(textOf));
	const widths = columns.map((column) => widthOf(column, rows));
	const pad = (text: string, place: number): string => {
		// Blanks at the end of a line would break it in a terminal as anything else does.
		if (place === columns.length - 1 && columns[place]?.isNumber !== true) return text;
		const blanks = " ".repeat(Math.max(0, (widths[place] ?? 0) - columnsOf(text)));
		return columns[place]?.isNumber === true ? blanks + text : text + blanks;
	};
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

function columnsWithin<Row>(
	most: number,
	all: readonly Column<Row>[],
	rows: readonly Row[],
): readonly Column<Row>[] {
	const columns = [...all];
	for (;;) {
		const widths = columns.map((column) => widthOf(column, rows) + gap.length);
		const whole = widths.reduce((sum, width) => sum + width, -gap.length);
		const lastRoom = most - whole + (widths.at(-1) ?? 0) - gap.length;
		const lesser = columns.findIndex(({ isLesser }) => isLesser);
		if (whole <= most || lastRoom >= lastMin || lesser < 0) return columns;
		columns.splice(lesser, 1);
	}
}

function widthOf<Row>({ title, cell }: Column<Row>, rows: readonly Row[]): number {
	return Math.max(title.length, ...rows.map((row) => columnsOf(textOf(cell(row)))));
}

function textOf(cell: string | number): string {
	return typeof cell === "number" ? count(cell) : visible(cell);
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
