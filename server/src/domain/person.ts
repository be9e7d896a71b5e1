import { readEmail } from "./email.ts";
import { isJsonObject } from "./json.ts";

/** A customer as everything that was kept may name them. */
export interface Person {
	/** The customer's UUID. */
	readonly id: string;
	/** What their emails are unique by, the former ones too. */
	readonly keys: ReadonlySet<string>;
}

/** What may be an address in a longer text, such as a message or a line of a CSV. */
const addressForm = /[^\s,;:"'<>()[\]{}|\\]+@[^\s,;:"'<>()[\]{}|\\]+/g;

/** Whether a text has the person's id in it, or one of their emails in whatever spelling. */
export function isNamedInText(person: Person, text: string): boolean {
	if (text.includes(person.id)) return true;
	if (!text.includes("@")) return false;
	const candidates = [text, ...(text.match(addressForm) ?? []).map((found) => found.replace(/[.?!]+$/, ""))];
	return candidates.some((candidate) => {
		const read = readEmail(candidate, "");
		return !("code" in read) && person.keys.has(read.key);
	});
}

/** Whether any text of a JSON value names the person. */
export function isNamedIn(person: Person, value: unknown): boolean {
	if (typeof value === "string") return isNamedInText(person, value);
	if (Array.isArray(value)) return value.some((each) => isNamedIn(person, each));
	if (!isJsonObject(value)) return false;
	return Object.entries(value).some(([key, each]) => isNamedInText(person, key) || isNamedIn(person, each));
}

/**
 * Words of which one is in every text that names the person, in lower case: for the database, which cannot read addresses
 * as we do. What it finds is looked at again.
 */
export function wordsFor({ id, keys }: Person): string[] {
	return [id, ...[...keys].map((key) => longestRun(key.slice(0, key.lastIndexOf("@"))))];
}

/** The longest part before the @ that is spelled in one way alone, but for its case. */
function longestRun(local: string): string {
	const runs = local.match(/[\x21-\x7e]+/g) ?? [];
	return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
}

/** The value without what names the person: texts are told to be erased, entries of lists are left out. */
export function withoutPerson(person: Person, value: unknown): unknown {
	if (typeof value === "string") return isNamedInText(person, value) ? erased : value;
	if (Array.isArray(value)) {
		return value.filter((each) => !isNamedIn(person, each));
	}
	if (!isJsonObject(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutPerson(person, each)]));
}

export const erased = "[erased]";
