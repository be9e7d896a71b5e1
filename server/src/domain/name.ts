import type { Fault } from "./fault.ts";
import { nameCharactersMax, textFault } from "./text.ts";

/** The name of an organization or of a detail field, and what it is unique by (contract section 7). */
export interface Name {
	/** As shown: as it was sent, without surrounding blanks. */
	readonly text: string;
	/** See `nameKey`. */
	readonly key: string;
}

/**
 * Reads a name; `"code" in result` tells a fault. `what` is how messages name it: "name is blank."
 *
 * Faults: `invalid_name` (blank), `text_too_long` (over 255 code points after trimming), `invalid_text` (U+0000, half of a
 * surrogate pair).
 */
export function readName(value: string, pointer: string, what: string): Name | Fault {
	const text = value.trim();
	if (text === "") return { code: "invalid_name", pointer, message: `${what} is blank.` };
	return textFault(text, nameCharactersMax, pointer, what) ?? { text, key: nameKey(text) };
}

/**
 * What a name, or an option of a SELECT, is compared by: trimmed, NFC, ignoring case (contract sections 2 and 7). The key
 * of a key is itself.
 *
 * Case is ignored by Unicode lower-casing, which depends on no locale: a site reads the same on every server. Lower-casing
 * never folds one letter into two, so "Strasse" and "Straße" stay two names. The text must be bounded already.
 */
export function nameKey(text: string): string {
	const lower = text.trim().normalize("NFC").toLowerCase();
	// A Greek sigma that ends a word is lower-cased to another letter than one inside it, as sent in lower case it may be
	// either. NFC once more: a lower-cased letter may take up the accent behind it.
	return lower.replaceAll("ς", "σ").normalize("NFC");
}
