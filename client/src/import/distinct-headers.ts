/** Headers of a file as columns are named by: "Phone" and "Phone" become "Phone" and "Phone (2)". */
export function distinctHeaders(cells: readonly string[]): string[] {
	const seen = new Map<string, number>();
	return cells.map((cell) => {
		const header = cell.trim();
		const times = (seen.get(header) ?? 0) + 1;
		seen.set(header, times);
		return times === 1 || header === "" ? header : `${header} (${times})`;
	});
}
