import { isUtf8 } from "node:buffer";
import { show } from "../../domain/fault.ts";
import { depthMax, inspectJson, type JsonSigns, parseJson } from "../../domain/json.ts";
import { jsonFaultIndex } from "../../domain/json-fault.ts";
import type { UnreadableLine } from "../../store/save-import-parts.ts";
import { countEdits } from "../read-submission.ts";
import type { FileRow, ReadRows } from "./cut-parts.ts";

const lineFeed = 0x0a;

/**
 * Reads JSON lines (https://jsonlines.org): an item of the operation in each, of either shape; blank lines are none. A line is
 * the text of its item as it stands.
 * @param editsMax of an operation that counts detail edits: most of one item
 */
export function jsonLines(editsMax: number | undefined): ReadRows {
	return (block, isLast) => {
		const rows: FileRow[] = [];
		let start = 0;
		// Nearly always all of them are.
		const areUtf8 = isUtf8(block.subarray(0, block.lastIndexOf(lineFeed) + 1)) && !isLast;
		for (let feed = block.indexOf(lineFeed); feed >= 0; feed = block.indexOf(lineFeed, start)) {
			rows.push(rowOf(block, start, feed + 1, areUtf8, editsMax));
			start = feed + 1;
		}
		if (isLast && start < block.length) rows.push(rowOf(block, start, block.length, false, editsMax));
		return rows;
	};
}

function rowOf(
	block: Buffer,
	start: number,
	end: number,
	isKnownUtf8: boolean,
	editsMax: number | undefined,
): FileRow {
	const bytes = block.subarray(start, end);
	const row = { start, end, item: null, value: null, edits: 0, hasOddNumbers: false };
	if (!isKnownUtf8 && !isUtf8(bytes)) return { ...row, fault: notUtf8 };
	// The mark at the beginning of a file is a blank to JavaScript, and goes with the others.
	const text = bytes.toString().trim();
	if (text === "") return { ...row, fault: null };
	const signs = inspectJson(text);
	if (signs.depth > depthMax || signs.excess !== null) return { ...row, fault: excessOf(signs) };
	try {
		const value = parseJson(text, signs);
		const edits = editsMax === undefined ? 0 : countEdits(value);
		if (editsMax !== undefined && edits > editsMax) {
			return { ...row, fault: unreadable(`The line has ${edits} detail edits; ${editsMax} are allowed.`) };
		}
		return { ...row, item: text, value, edits, hasOddNumbers: signs.hasOddNumbers, fault: null };
	} catch {
		return { ...row, fault: notJson(text) };
	}
}

type LineFault = Omit<UnreadableLine, "line">;

/** Of any format: the file is told to be UTF-8. */
export const notUtf8: LineFault = {
	code: "unreadable_line",
	message: "The line is not valid UTF-8.",
	hint: "Convert the file, such as with `iconv -f WINDOWS-1252 -t UTF-8`.",
};

function notJson(text: string): LineFault {
	const at = jsonFaultIndex(text);
	if (at === null || at === text.length) return unreadable("The line is not JSON: it ends too early.");
	const character = show(String.fromCodePoint(text.codePointAt(at) ?? 0));
	return unreadable(`The line is not JSON: reading stopped at column ${at + 1}, before ${character}.`);
}

function excessOf({ depth, excess }: JsonSigns): LineFault {
	return excess === null
		? unreadable(`The line is nested ${depth} levels deep; ${depthMax} are allowed.`)
		: unreadable(
				`The line holds too much: ${excess === "values" ? "too many keys and values" : `a ${excess} of more than is allowed`}.`,
			);
}

function unreadable(message: string): LineFault {
	return { code: "unreadable_line", message };
}
