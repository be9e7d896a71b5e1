import { createHash } from "node:crypto";

/** What a link to the console begins its key with, so that it is never taken for a token. */
const linkPrefix = "msl_";
const keyForm = /^[\w-]{43}$/;

/** @param bytes 32 random ones @returns what stands in a browser's cookie */
export function makeSessionKey(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64url");
}

/** @param bytes 32 random ones */
export function makeLinkKey(bytes: Uint8Array): string {
	return linkPrefix + Buffer.from(bytes).toString("base64url");
}

/** Whether a text can be a session's key at all: garbage costs no look into the database. */
export function looksLikeSessionKey(text: string): boolean {
	return keyForm.test(text);
}

export function looksLikeLinkKey(text: string): boolean {
	return text.startsWith(linkPrefix) && keyForm.test(text.slice(linkPrefix.length));
}

/** What is kept of a key. It holds 256 random bits, so a plain hash cannot be reversed by guessing. */
export function hashConsoleKey(key: string): Buffer {
	return createHash("sha256").update(key).digest();
}
