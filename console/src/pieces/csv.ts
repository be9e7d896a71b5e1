import { guardCell } from "@muster/client";

/** A table as a file that spreadsheets open: guarded, so that no cell is taken for a formula, and marked as UTF-8. */
export function csvOf(rows: readonly (readonly string[])[]): string {
	return `\ufeff${rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("")}`;
}

function cellOf(text: string): string {
	const guarded = guardCell(text);
	return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Has the browser keep a text as a file. */
export function saveFile(name: string, type: string, parts: readonly BlobPart[]): void {
	const url = URL.createObjectURL(new Blob([...parts], { type }));
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	// The browser has taken it by the next turn.
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
