import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** What every token begins with, so that people and scanners know one when they see it. */
const prefix = "mst_";
const randomBytes = 32;
/** 32 bytes and a CRC32 in base62, each filled up with zeros to its greatest length. */
const secretCharacters = 43;
const checkCharacters = 6;

/** Characters of a token that are kept to tell tokens apart: the prefix and 30 bits of 256. */
const shownCharacters = prefix.length + 5;

/** @param bytes 32 random ones @returns the token: mst_, the bytes in base62, a CRC32 of both (contract, section 6) */
export function makeToken(bytes: Uint8Array): string {
	if (bytes.length !== randomBytes) throw new Error(`a token is made of ${randomBytes} bytes`);
	const secret = toBase62(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), secretCharacters);
	return prefix + secret + checkOf(secret);
}

/** Whether a text can be one of our tokens at all: garbage is refused by this without a query. */
export function looksLikeToken(text: string): boolean {
	if (text.length !== prefix.length + secretCharacters + checkCharacters || !text.startsWith(prefix))
		return false;
	const secret = text.slice(prefix.length, prefix.length + secretCharacters);
	return checkOf(secret) === text.slice(prefix.length + secretCharacters);
}

/** What is kept of a token. It holds 256 random bits, so a plain hash cannot be reversed by guessing. */
export function hashToken(token: string): Buffer {
	return createHash("sha256").update(token).digest();
}

export function shownPrefix(token: string): string {
	return token.slice(0, shownCharacters);
}

function checkOf(secret: string): string {
	return toBase62(BigInt(crc32(prefix + secret)), checkCharacters);
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function toBase62(value: bigint, length: number): string {
	let text = "";
	for (let rest = value; rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)] + text;
	return text.padStart(length, "0");
}
