import type { FailureCode } from "@muster/client/contract";

/** One thing that is wrong with one item: expected trouble, so a value and never thrown. */
export interface Fault {
	readonly code: FailureCode;
	/** JSON Pointer (RFC 6901) into the item as it was sent; "" is the item itself. */
	readonly pointer: string;
	/** What is wrong, the value seen, what is allowed. */
	readonly message: string;
	/** What to do, where there is something better to say than the message. */
	readonly hint?: string;
	/** The detail field at fault, as it was named in the item. */
	readonly field?: string;
}

/** Faults of one item that are told: a slip repeats itself, so these say enough, and an item of 8 MiB could have a million. */
export const faultsToldMax = 100;

/** Whether an item, which fails already, need not be looked at any further. */
export function areEnough(faults: readonly Fault[]): boolean {
	return faults.length >= faultsToldMax;
}

const shownCharactersMax = 60;

/** A value as a message shows it: quoted, on one line, 60 characters of it at most. */
export function show(value: unknown): string {
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
	const characters = Array.from(text.slice(0, shownCharactersMax * 2));
	const short = characters.length > shownCharactersMax || text.length > shownCharactersMax * 2;
	const cut = short ? `${characters.slice(0, shownCharactersMax - 3).join("")}...` : text;
	return (typeof value === "string" ? JSON.stringify(cut) : cut).replace(orders, escaped);
}

/** What JSON leaves as it is and a terminal takes for an order: DEL, the second set of controls, line ends, directions. */
const orders = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** One step further into an item: "/details" and "a/b" make "/details/a~1b" (RFC 6901). */
export function pointerTo(pointer: string, key: string | number): string {
	const text = String(key);
	// One is made for every detail of every item, and hardly any holds either.
	const isPlain = !text.includes("~") && !text.includes("/");
	return `${pointer}/${isPlain ? text : text.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
