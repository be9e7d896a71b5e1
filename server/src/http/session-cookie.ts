import { looksLikeSessionKey } from "../domain/console-key.ts";

/**
 * The cookie of the console's session. Scripts cannot read it, and no request that another site makes a browser send has it
 * (SameSite). Over https browsers take the prefixed name from this host and by https alone (RFC 6265bis, 4.1.3.2).
 */
const name = "muster_session";
const secureName = `__Host-${name}`;

/** How long a session lasts, in seconds: a working day. */
export const sessionSeconds: number = 12 * 3_600;

/** @param header the Cookie header of a request @returns null where it holds no key of a session */
export function sessionKeyIn(header: string): string | null {
	for (const pair of header.split(";")) {
		const [key, value = ""] = pair.trim().split("=", 2);
		if ((key === name || key === secureName) && looksLikeSessionKey(value)) return value;
	}
	return null;
}

/** @param key null to forget the session @returns a Set-Cookie header */
export function sessionCookie(key: string | null, isHttps: boolean): string {
	const pair = `${isHttps ? secureName : name}=${key ?? ""}`;
	const age = `Max-Age=${key === null ? 0 : sessionSeconds}`;
	return [pair, "Path=/", age, "HttpOnly", "SameSite=Strict", ...(isHttps ? ["Secure"] : [])].join("; ");
}
