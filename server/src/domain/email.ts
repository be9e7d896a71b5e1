import { domainToASCII, domainToUnicode } from "node:url";
import { type Fault, show } from "./fault.ts";
import { textFault } from "./text.ts";

/** A customer's address, and what it is unique by in its site (contract section 7). */
export interface Email {
	/** As shown: as it was sent, without surrounding blanks. */
	readonly address: string;
	/** NFC, the local part ASCII-lower-cased, the domain in lower-case ASCII by UTS 46. */
	readonly key: string;
}

/** Most characters (code points, as sent, after trimming) of an address; contract section 7. */
export const emailCharactersMax = 254;

/** Most characters (code points, as sent) before the @; contract section 7. */
export const localPartCharactersMax = 64;

/** What every message about an address begins with: the words that the guide's own example of a failure prints. */
export const invalidEmailStart = "Invalid email format: ";

/** Most octets of a DNS name and of one of its labels (RFC 1035, 2.3.4). */
const domainCharactersMax = 253;
const labelCharactersMax = 63;

/**
 * Reads an address by contract section 7; `"code" in result` tells a fault.
 *
 * Taken are RFC 5321 dot-atoms before the @, non-ASCII characters included (RFC 6531), and a DNS name of two labels or
 * more after it, in Unicode or punycode. Addresses that differ by ASCII case, by Unicode normal form, or by punycode
 * have one key; addresses that only look alike keep keys of their own, and what would merge them is refused.
 *
 * Faults: `invalid_email` (blank, too long, no address), `invalid_text` (U+0000, half of a surrogate pair).
 */
export function readEmail(value: string, pointer: string): Email | Fault {
	const address = value.trim();
	if (address === "")
		return { code: "invalid_email", pointer, message: `${invalidEmailStart}email is blank.` };
	const fault = textFault(address, emailCharactersMax, pointer, "");
	if (fault !== null) {
		const code = fault.code === "text_too_long" ? "invalid_email" : fault.code;
		return { code, pointer, message: `${invalidEmailStart}${show(address)}${fault.message}` };
	}
	const key = plainKey(address) ?? emailKey(address);
	if (typeof key === "string") return { address, key };
	const message = `${invalidEmailStart}${show(address)} ${key.trouble}.`;
	return { code: "invalid_email", pointer, message, ...(key.hint && { hint: key.hint }) };
}

/** Why an address is none; it follows the address in a sentence. */
export interface Trouble {
	readonly trouble: string;
	readonly hint?: string;
}

/**
 * Nearly every address there is: ASCII, no punycode, a top-level domain of letters. Each label's length is bounded and so
 * is the address, so the pattern cannot run long.
 */
const plainAddress =
	/^[\w!#$%&'*+/=?^`{|}~-]{1,64}(?:\.[\w!#$%&'*+/=?^`{|}~-]{1,64})*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/i;

/** The key of a plain address, at a quarter of what emailKey costs; null where only emailKey can tell. */
export function plainKey(address: string): string | null {
	if (address.length > emailCharactersMax || !plainAddress.test(address)) return null;
	const key = address.toLowerCase();
	const at = key.indexOf("@");
	return at > localPartCharactersMax || key.length - at - 1 > domainCharactersMax || key.includes("xn--", at)
		? null
		: key;
}

/** The key of any address, or why it is none. */
export function emailKey(address: string): string | Trouble {
	const at = address.indexOf("@");
	if (at < 0) return { trouble: "has no @" };
	const unseen = unseenTrouble(address);
	if (unseen !== null) return unseen;
	if (at !== address.lastIndexOf("@")) return { trouble: "has more than one @" };
	const local = localKey(address.slice(0, at));
	if (typeof local !== "string") return local;
	const domain = domainKey(address.slice(at + 1));
	return typeof domain === "string" ? `${local}@${domain}` : domain;
}

/**
 * Blanks (White_Space), control characters (C0, DEL, C1) and what is not drawn at all: Default_Ignorable_Code_Point,
 * among them U+00AD soft hyphen, U+034F, U+061C, U+180B to U+180F, U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F,
 * variation selectors, U+FEFF and the tags at U+E0000; and the annotation marks U+FFF9 to U+FFFB. UTS 46 drops many of
 * them from a domain, and nobody can see them before the @, so each would make one address pass for another.
 */
const unseenCharacter = /[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;

function unseenTrouble(address: string): Trouble | null {
	const index = address.search(unseenCharacter);
	if (index < 0) return null;
	const character = String.fromCodePoint(address.codePointAt(index) ?? 0);
	const place = Array.from(address.slice(0, index)).length + 1;
	if (character === " ") return { trouble: `holds a blank at character ${place}` };
	const kind = /\p{Cc}/u.test(character)
		? "control character"
		: /\p{White_Space}/u.test(character)
			? "blank"
			: "invisible character";
	return { trouble: `holds the ${kind} ${codePoint(character)} at character ${place}` };
}

/** RFC 5321 atext and the dot, and every character beyond ASCII (RFC 6531). */
const notLocal = /[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]/u;

function localKey(local: string): string | Trouble {
	if (local === "") return { trouble: "has nothing before the @" };
	const characters = Array.from(local);
	if (characters.length > localPartCharactersMax) {
		const trouble = `has ${characters.length} characters before the @; ${localPartCharactersMax} are allowed`;
		return { trouble };
	}
	const turned = characters.find(normalizesToAscii);
	if (turned !== undefined) return lookAlikeTrouble(turned);
	// Judged in NFC, so that both normal forms of an address get the same verdict: "<" and U+0338 are the letter U+226E.
	const normal = local.normalize("NFC");
	const odd = notLocal.exec(normal);
	if (odd !== null) {
		const hint =
			"Quoted local parts and comments are not taken. Before the @ stand letters, digits, dots and !#$%&'*+/=?^_`{|}~-.";
		return { trouble: `holds ${show(odd[0])} before the @, which is not taken`, hint };
	}
	if (normal.startsWith(".")) return { trouble: "begins with a dot" };
	if (normal.endsWith(".")) return { trouble: "has a dot right before the @" };
	if (normal.includes("..")) return { trouble: "has two dots in a row" };
	// NFC once more: an ASCII letter that was lower-cased may take up the accent behind it (J with caron has no code
	// point of its own, j with caron has), and a key must be its own key.
	return normal.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).normalize("NFC");
}

function domainKey(domain: string): string | Trouble {
	if (domain === "") return { trouble: "has nothing after the @" };
	const turned = Array.from(domain).find(mapsToAscii);
	if (turned !== undefined) return lookAlikeTrouble(turned);
	const normal = domain.normalize("NFC");
	// Before UTS 46 is asked: domainToASCII decodes %41, cuts at "/", "?" and "#", and drops tabs.
	const odd = /[^A-Za-z0-9.\u0080-\u{10ffff}-]/u.exec(normal);
	if (odd !== null) {
		const hint = 'After the @ stands a domain name such as "example.com"; address literals are not taken.';
		return { trouble: `holds ${show(odd[0])} after the @, which is not taken`, hint };
	}
	if (normal.startsWith(".")) return { trouble: "has a dot right after the @" };
	if (normal.endsWith(".")) return { trouble: "ends with a dot" };
	if (normal.includes("..")) return { trouble: "has two dots in a row" };
	const ascii = domainToASCII(normal);
	if (ascii === "") return { trouble: "has no domain name after the @" };
	const labels = ascii.split(".");
	if (labels.length < 2) {
		return { trouble: "has no dot after the @", hint: 'A whole domain is needed, such as "example.com".' };
	}
	// domainToASCII reads "1.1" as the IPv4 address 1.0.0.1, and no top-level domain is a number (RFC 3696, 2).
	if (/^\d+$/.test(labels.at(-1) ?? "")) return { trouble: "has a number as its top-level domain" };
	if (ascii.length > domainCharactersMax) {
		const trouble = `has a domain of ${ascii.length} characters (in punycode); ${domainCharactersMax} are allowed`;
		return { trouble };
	}
	return labels.map(labelTrouble).find((trouble) => trouble !== null) ?? ascii;
}

/** By the rules for host names (RFC 1123, 2.1), in ASCII: 1 to 63 letters, digits and hyphens, no hyphen at either end. */
function labelTrouble(label: string): Trouble | null {
	if (label.length > labelCharactersMax) {
		return {
			trouble: `has ${label.length} characters (in punycode) between two dots of its domain; ${labelCharactersMax} are allowed`,
		};
	}
	if (label.startsWith("-") || label.endsWith("-")) {
		return { trouble: `has a part of its domain that begins or ends with a hyphen: ${show(label)}` };
	}
	// A parenthesized letter beyond ASCII is mapped to a letter in ASCII parentheses, which then stand in the punycode.
	const odd = /[^a-z0-9-]/.exec(label);
	if (odd !== null) return { trouble: `has a part of its domain that holds ${show(odd[0])} in punycode` };
	if (label.startsWith("xn--") && !isPunycode(label)) {
		return { trouble: `has a part of its domain that is not valid punycode: ${show(label)}` };
	}
	return null;
}

/** Whether a label is what UTS 46 makes of its Unicode form, so that a domain has one punycode and one key. */
function isPunycode(label: string): boolean {
	const unicode = domainToUnicode(label);
	return unicode !== label && domainToASCII(unicode) === label;
}

function lookAlikeTrouble(character: string): Trouble {
	const ascii = character.normalize("NFKC").toLowerCase();
	return {
		trouble: `holds ${codePoint(character)}, which only looks like ${show(ascii)}`,
		hint: `Write ${show(ascii)} itself.`,
	};
}

/** U+212A, the Kelvin sign, is "K" in NFC: it would merge one person's address into another's. */
function normalizesToAscii(character: string): boolean {
	return !isAscii(character) && Array.from(character.normalize("NFC")).some(isAscii);
}

/** UTS 46 turns full-width letters, the long s, ligatures, circled digits and ideographic full stops into ASCII. */
function mapsToAscii(character: string): boolean {
	if (isAscii(character)) return false;
	// Behind an "a", because some characters may not begin a label. A label that is not ASCII begins with xn--.
	const mapped = domainToASCII(`a${character}`);
	return mapped !== "" && !mapped.startsWith("xn--");
}

function isAscii(character: string): boolean {
	return character <= "\x7f";
}

function codePoint(character: string): string {
	return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
