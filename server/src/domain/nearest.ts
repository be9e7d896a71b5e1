import { nameKey } from "./name.ts";

/** Longest word that is compared, in UTF-16 units: as many as a number has bits for JavaScript's bit operators. */
export const nearestWordMax = 32;

/** Most edits between a word and what was probably meant. */
const editsMax = 4;

/**
 * The candidate that was probably meant by `word`, as it is spelled, or null if none is close: for the hints on unknown
 * keys and on values that are not among a field's options.
 *
 * Close is at most a third of the word's length (at least 1, at most 4) in edits: a letter more, less or changed, or two
 * neighbours swapped. Case and surrounding blanks do not count. Of several equally close the first is taken. A word of more
 * than 32 UTF-16 units has none, so that 2,000 candidates never take more than a fraction of a millisecond.
 * A list of candidates must never change once it was asked: its keys are remembered.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
	if (word.length > nearestWordMax) return null;
	const key = nameKey(word);
	if (key === "" || key.length > nearestWordMax) return null;
	const places = placesOf(key);
	// Fewer edits than letters: "x" is not what was meant by "y".
	let allowed = Math.min(editsMax, Math.max(1, Math.floor(key.length / 3)), key.length - 1);
	let found: string | null = null;
	for (const [index, candidate] of keysOf(candidates).entries()) {
		if (allowed < 0) break;
		if (Math.abs(candidate.length - key.length) > allowed) continue;
		const edits = editsBetween(key.length, places, candidate);
		if (edits > allowed) continue;
		found = candidates[index] ?? null;
		allowed = edits - 1;
	}
	return found;
}

/** Kept by the list itself: a request of a thousand mistyped options asks the same list a thousand times. */
const keyed = new WeakMap<readonly string[], readonly string[]>();

function keysOf(candidates: readonly string[]): readonly string[] {
	const known = keyed.get(candidates);
	if (known !== undefined) return known;
	const keys = candidates.map(nameKey);
	keyed.set(candidates, keys);
	return keys;
}

/** For each UTF-16 unit of the word, the bits of the places where it stands. */
function placesOf(word: string): ReadonlyMap<number, number> {
	const places = new Map<number, number>();
	for (let place = 0; place < word.length; place += 1) {
		const unit = word.charCodeAt(place);
		places.set(unit, (places.get(unit) ?? 0) | (1 << place));
	}
	return places;
}

/**
 * The optimal string alignment distance between a word of 1 to 32 units and another text, one column of the table in a
 * few operations: each bit of a variable says how one cell differs from its neighbour. The algorithm and its names (VP, VN,
 * HP, HN, D0, PM, TR) are from H. Hyyrö, "A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances" (2003).
 */
function editsBetween(wordLength: number, places: ReadonlyMap<number, number>, text: string): number {
	const lastPlace = 1 << (wordLength - 1);
	let edits = wordLength;
	let vp = -1;
	let vn = 0;
	let d0 = 0;
	let pmBefore = 0;
	for (let column = 0; column < text.length; column += 1) {
		const pm = places.get(text.charCodeAt(column)) ?? 0;
		const tr = ((~d0 & pm) << 1) & pmBefore;
		d0 = (((pm & vp) + vp) ^ vp) | pm | vn | tr;
		let hp = vn | ~(d0 | vp);
		const hn = d0 & vp;
		if ((hp & lastPlace) !== 0) edits += 1;
		if ((hn & lastPlace) !== 0) edits -= 1;
		hp = (hp << 1) | 1;
		vp = (hn << 1) | ~(d0 | hp);
		vn = hp & d0;
		pmBefore = pm;
	}
	return edits;
}
