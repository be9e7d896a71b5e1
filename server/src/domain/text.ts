import type { Fault } from "./fault.ts";

/** Most characters (code points) of an email's display name, an organization's name or a detail field's name; contract section 7. */
export const nameCharactersMax = 255;

/** Most characters (code points) of a detail value of any type but TEXT; contract section 7. */
export const detailValueCharactersMax = 255;

/** Most characters (code points) of a value of a TEXT field; contract section 7. */
export const textValueCharactersMax = 10_000;

/** How much of a text is counted to say how long it is, in UTF-16 units: more than twice the largest limit above. */
const countedUnitsMax = 100_000;

/**
 * What keeps a text from being kept, or null (contract section 7, "Text at most ..."). Everything else is kept as sent:
 * other control characters, bidi marks, emoji.
 *
 * - `text_too_long`: more than `charactersMax` code points (50,000 at most). This is judged first, so that nothing below
 *   or after this call ever walks over a text of megabytes.
 * - `invalid_text`: it holds U+0000 or half of a surrogate pair, which PostgreSQL cannot store.
 *
 * `what` is how the message names the text: "displayName" makes "displayName is 300 characters long; 255 are allowed."
 */
export function textFault(text: string, charactersMax: number, pointer: string, what: string): Fault | null {
	// A code point is one or two UTF-16 units, so a text of few units needs no counting.
	if (text.length > charactersMax) {
		const counted = countCharacters(text.slice(0, countedUnitsMax));
		if (counted > charactersMax) {
			const long = text.length > countedUnitsMax ? `at least ${counted}` : `${counted}`;
			const message = `${what} is ${long} characters long; ${charactersMax} are allowed.`;
			return { code: "text_too_long", pointer, message };
		}
	}
	const zero = text.indexOf("\0");
	if (zero >= 0) return unkeepable("U+0000", zero);
	if (!text.isWellFormed()) return unkeepable("half of a surrogate pair", text.search(/\p{Surrogate}/u));
	return null;

	function unkeepable(found: string, index: number): Fault {
		const place = countCharacters(text.slice(0, index)) + 1;
		const message = `${what} holds ${found} at character ${place}, which cannot be kept.`;
		return { code: "invalid_text", pointer, message };
	}
}

function countCharacters(text: string): number {
	let count = 0;
	for (const _ of text) count += 1;
	return count;
}
