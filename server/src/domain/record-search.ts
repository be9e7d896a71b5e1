import type { DetailCondition } from "./detail-condition.ts";
import { nameKey } from "./name.ts";

/** Which records are asked for. What is left out, or is an empty list, asks nothing. */
export interface RecordSearch {
	/** Each is in the email or the name of the record; keys, as wordsOf makes them. */
	readonly words: readonly string[];
	/** Beginning of the email (customers) or of the name (organizations), as a key. */
	readonly keyPrefix?: string;
	/** Beginning of a customer's display name, as a key. */
	readonly displayNamePrefix?: string;
	/** Only customers of this organization. */
	readonly organizationId?: string;
	/** Only records that were written then or later. */
	readonly changedSince?: Date;
	readonly conditions: readonly DetailCondition[];
}

/** Most words of a search: more narrow nothing down. */
export const searchWordsMax = 10;

/** The words of a text, as keys. Each is looked for as a part of an email or name, whichever part it is. */
export function wordsOf(text: string): string[] {
	return [
		...new Set(
			nameKey(text)
				.split(/\s+/)
				.filter((word) => word !== ""),
		),
	];
}

/**
 * Those parts of words by which an index of trigrams can find anything: three letters or digits in a row, without letters
 * beyond ASCII, which PostgreSQL takes for letters or not by its locale.
 */
export function indexableParts(words: readonly string[]): string[] {
	return words.flatMap((word) => word.split(/[^\x21-\x7e]+/)).filter((part) => /[a-z0-9]{3}/.test(part));
}
