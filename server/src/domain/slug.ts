import { nameCharactersMax } from "./text.ts";

/** Most characters of a detail field's id. */
export const slugCharactersMax = 64;

/** A site has far fewer fields than this, so whoever gets here asked about something else. */
const triesMax = 100_000;

/** Letters that Unicode does not take apart into an ASCII letter and an accent. */
const spelledOut: Readonly<Record<string, string>> = {
	ß: "ss",
	æ: "ae",
	œ: "oe",
	ø: "o",
	ł: "l",
	đ: "d",
	ð: "d",
	þ: "th",
	ı: "i",
};

/**
 * The id that a detail field's name asks for (contract section 7): lower-case ASCII letters, digits and single hyphens, 64
 * at most; "Support Tier" is "support-tier" and "Größe" is "grosse". Empty if nothing is left, as of a Chinese name.
 */
export function slug(name: string): string {
	return (
		name
			// A name that may be kept is never longer; some characters become 18 in NFKD.
			.slice(0, nameCharactersMax * 2)
			.normalize("NFKD")
			.replace(/\p{Mark}+/gu, "")
			.toLowerCase()
			.replace(/[ßæœøłđðþı]/g, (letter) => spelledOut[letter] ?? "")
			.split(/[^a-z0-9]+/)
			.filter((word) => word !== "")
			.join("-")
			.slice(0, slugCharactersMax)
			.replace(/-$/, "")
	);
}

/**
 * The first id for a field of this name that is not taken: its slug ("field" where that is empty), or that with "-2", "-3"
 * and so on behind it, in 64 characters all the same. Asks `taken` in that order. Throws if a hundred thousand are taken.
 */
export function freeSlug(name: string, taken: (id: string) => boolean): string {
	const first = slug(name) || "field";
	if (!taken(first)) return first;
	for (let number = 2; number <= triesMax; number += 1) {
		const suffix = `-${number}`;
		const id = first.slice(0, slugCharactersMax - suffix.length).replace(/-$/, "") + suffix;
		if (!taken(id)) return id;
	}
	throw new Error(`No free id for a detail field in ${triesMax} tries`);
}
