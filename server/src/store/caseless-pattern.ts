/**
 * A regular expression of PostgreSQL for a text whose case does not matter, and neither does whether an accent stands in
 * its letter or behind it. Everything that a letter may be is written out, so it means the same in every locale.
 * @param key a text as nameKey makes it
 */
export function caselessPattern(key: string): string {
	return Array.from(key, anyCase).join("");
}

/** Letters that are no capital of a small one by themselves, and are lower-cased to it all the same. */
const furtherSpellings: Readonly<Record<string, string>> = { ß: "ẞ", θ: "ϴ", σ: "ς" };

function anyCase(letter: string): string {
	const composed = spellingsOf(letter);
	const [base = "", ...marks] = letter.normalize("NFD");
	if (marks.length === 0) return composed;
	return `(?:${composed}|${spellingsOf(base)}${marks.map(escaped).join("")})`;
}

function spellingsOf(letter: string): string {
	const capital = letter.toUpperCase();
	// The capital of some letters is two, as of the German sharp s: that is another word to nameKey.
	const isOne = Array.from(capital).length === 1 && capital !== letter;
	const spellings = [letter, ...(isOne ? [capital] : []), furtherSpellings[letter] ?? ""].join("");
	return spellings === letter ? escaped(letter) : `[${spellings}]`;
}

function escaped(text: string): string {
	return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}
