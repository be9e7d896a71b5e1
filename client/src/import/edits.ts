/** Edits between two short words: a letter more, less or changed, or two neighbours swapped. */
export function editsBetween(one: string, other: string): number {
	let before: number[] = [];
	let last = Array.from({ length: other.length + 1 }, (_, place) => place);
	for (let row = 1; row <= one.length; row += 1) {
		const next = [row];
		for (let column = 1; column <= other.length; column += 1) {
			const isSame = one[row - 1] === other[column - 1];
			let edits = Math.min(
				(last[column] ?? 0) + 1,
				(next[column - 1] ?? 0) + 1,
				(last[column - 1] ?? 0) + (isSame ? 0 : 1),
			);
			const isSwapped =
				row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
			if (isSwapped) edits = Math.min(edits, (before[column - 2] ?? 0) + 1);
			next.push(edits);
		}
		before = last;
		last = next;
	}
	return last[other.length] ?? 0;
}

/** The candidate that was probably meant: at most two edits away, and at most a fifth of its letters. */
export function meant(word: string, candidates: Iterable<string>): string | null {
	let found: string | null = null;
	let least = Math.min(2, Math.floor(word.length / 5));
	for (const candidate of candidates) {
		if (Math.abs(candidate.length - word.length) > least) continue;
		const edits = editsBetween(word.toLowerCase(), candidate.toLowerCase());
		if (edits > least) continue;
		found = candidate;
		least = edits - 1;
		if (least < 0) break;
	}
	return found;
}
