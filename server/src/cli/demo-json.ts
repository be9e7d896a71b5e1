/**
 * JSON for reading: what fits on a line stands on one; else an object has its short members beside each other, and a list
 * its members below each other.
 * @param width columns of a line @param indent columns that stand before the first
 */
export function showJson(value: unknown, width: number, indent: number): string {
	return show(value, width, indent, indent);
}

/** @param column where the value begins on its first line */
function show(value: unknown, width: number, indent: number, column: number): string {
	const inline = inlineJson(value);
	// One more for the comma behind it.
	if (typeof value !== "object" || value === null || column + inline.length < width) return inline;
	if (Array.isArray(value)) {
		const inner = indent + 2;
		const members = value.map((member) => " ".repeat(inner) + show(member, width, inner, inner));
		return `[\n${members.join(",\n")}\n${" ".repeat(indent)}]`;
	}
	const inner = indent + 1;
	const members = Object.entries(value).map(([key, member]) => {
		const name = `${JSON.stringify(key)}:`;
		const text = name + show(member, width, inner, inner + name.length);
		return { text, isShort: typeof member !== "object" || member === null };
	});
	return `{${fill(members, width - inner).join(`\n${" ".repeat(inner)}`)}}`;
}

function inlineJson(value: unknown): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	if (Array.isArray(value)) return `[${value.map(inlineJson).join(", ")}]`;
	const members = Object.entries(value).map(
		([key, member]) => `${JSON.stringify(key)}:${inlineJson(member)}`,
	);
	return `{${members.join(", ")}}`;
}

/** Lists and objects stand on lines of their own, all else is put beside each other as far as it fits. */
function fill(
	members: readonly { readonly text: string; readonly isShort: boolean }[],
	width: number,
): string[] {
	const lines: string[] = [];
	let isOpen = false;
	for (const [place, { text, isShort }] of members.entries()) {
		const part = place < members.length - 1 ? `${text},` : text;
		const last = lines.at(-1) ?? "";
		if (isOpen && isShort && last.length + 1 + part.length <= width)
			lines[lines.length - 1] = `${last} ${part}`;
		else lines.push(part);
		isOpen = isShort;
	}
	return lines;
}
