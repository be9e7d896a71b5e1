/** How a value stands in a cell of an exported CSV, and how it is read back: pure pairs, each the other turned round. */

/** Spreadsheets take what begins so for a formula (OWASP, "CSV Injection"), also behind apostrophes that are ours. */
const dangerous = /^'*[=+\-@\t\r]/;
const guarded = /^'+[=+\-@\t\r]/;

/** Puts an apostrophe before a text that a spreadsheet would take for a formula; any other text stays as it is. */
export function guardCell(text: string): string {
	return dangerous.test(text) ? `'${text}` : text;
}

/** Takes the apostrophe of guardCell off again, and no other. */
export function unguardCell(cell: string): string {
	// Most cells are told by their first character, which costs less than the pattern.
	return cell.startsWith("'") && guarded.test(cell) ? cell.slice(1) : cell;
}

/** Several texts in one cell: `Red;Blue`. A semicolon or backslash inside a text gets a backslash before it. */
export function joinList(texts: readonly string[]): string {
	return texts.map((text) => text.replace(/[\\;]/g, "\\$&")).join(";");
}

/** The texts of a cell that joinList wrote; none of an empty cell. A backslash at the end stands for itself. */
export function splitList(cell: string): string[] {
	if (cell === "") return [];
	const texts: string[] = [];
	let text = "";
	for (const [part, plain] of cell.matchAll(/\\?(.)/gs)) {
		if (part === ";") {
			texts.push(text);
			text = "";
		} else {
			text += plain;
		}
	}
	return [...texts, text];
}
