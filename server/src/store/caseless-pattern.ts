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
	const composed = anyOf(casesOf(letter));
	const [base = "", ...marks] = letter.normalize("NFD");
	if (marks.length === 0) return composed;
	return `(?:${composed}|${anyOf(casesOf(base))}${marks.map(escaped).join("")})`;
}

/** Every text that the pattern of one letter finds. @param letter one of a key */
export function spellingsOf(letter: string): string[] {
	const [base = "", ...marks] = letter.normalize("NFD");
	const apart = marks.length === 0 ? [] : casesOf(base).map((each) => each + marks.join(""));
	return [...casesOf(letter), ...apart];
}

function casesOf(letter: string): string[] {
	const capital = letter.toUpperCase();
	// The capital of some letters is two, as of the German sharp s: that is another word to nameKey.
	const isOne = Array.from(capital).length === 1 && capital !== letter;
	return [letter, ...(isOne ? [capital] : []), ...(furtherSpellings[letter] ?? "")];
}

function anyOf(letters: readonly string[]): string {
	return letters.length === 1 ? escaped(letters.join("")) : `[${letters.join("")}]`;
}

function escaped(text: string): string {
	return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}
