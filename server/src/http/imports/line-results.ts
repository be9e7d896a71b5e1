import type { ItemResult } from "@muster/client/contract";
import type { EndedPart } from "../../store/import-parts.ts";
import { countLines } from "./cut-parts.ts";
import type { CsvPlan } from "./plan-columns.ts";
import { recordsOf } from "./read-csv.ts";

/** What became of a line of an import's file. */
export interface LineResult extends Omit<ItemResult, "index"> {
	/** As an editor counts them, from 1. */
	readonly line: number;
	/** As it was sent; of a CSV also its cells. */
	readonly text: string;
	readonly cells: readonly string[];
	/** Whether it became an item. */
	readonly isItem: boolean;
}

/**
 * The lines of a part with what became of them, in their order.
 * @param results of its task's items
 * @param plan of a CSV
 */
export function lineResults(
	part: EndedPart,
	results: readonly ItemResult[],
	plan: CsvPlan | null,
): LineResult[] {
	const lines = plan === null ? jsonLinesOf(part) : recordLinesOf(part, plan);
	const unreadable = new Map(part.unreadable.map((fault) => [fault.line, fault]));
	let index = 0;
	const read = lines.flatMap(({ line, text, cells }): LineResult[] => {
		const fault = unreadable.get(line);
		if (fault === undefined) {
			const { index: _, ...result } = results[index] ?? { index, outcome: "failed" as const };
			index += 1;
			return [{ ...result, line, text, cells, isItem: true }];
		}
		unreadable.delete(line);
		return [unreadLine(fault, text, cells)];
	});
	// What was given up is no record of its own.
	const left = [...unreadable.values()].map((fault) => unreadLine(fault, part.lines, [part.lines]));
	return [...read, ...left];
}

function unreadLine(
	{ line, code, message, hint }: EndedPart["unreadable"][number],
	text: string,
	cells: readonly string[],
): LineResult {
	const error = { code, pointer: "", message, ...(hint === undefined ? {} : { hint }) };
	return { line, outcome: "failed", text, cells, isItem: false, errors: [error] };
}

interface Line {
	readonly line: number;
	readonly text: string;
	readonly cells: readonly string[];
}

function jsonLinesOf({ firstLine, lines }: EndedPart): Line[] {
	return lines.split("\n").flatMap((sent, place) => {
		const text = sent.trim();
		return text === "" ? [] : [{ line: firstLine + place, text, cells: [] }];
	});
}

function recordLinesOf({ firstLine, lines, part }: EndedPart, { delimiter }: CsvPlan): Line[] {
	const bytes = Buffer.from(lines);
	let at = 0;
	let line = firstLine;
	const found = recordsOf(bytes, delimiter, true).map(({ cells, end }): Line => {
		const sent = bytes.subarray(at, end).toString();
		const text = sent.replace(/^[\r\n]+/, "");
		const begins = Buffer.byteLength(sent) - Buffer.byteLength(text);
		const own = line + countLines(bytes, at, at + begins);
		line += countLines(bytes, at, end);
		at = end;
		return { line: own, text, cells };
	});
	const rows = part === 0 ? found.slice(1) : found;
	return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
}
