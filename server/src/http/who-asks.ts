import type { IncomingHttpHeaders } from "node:http";
import { hashConsoleKey, looksLikeLinkKey } from "../domain/console-key.ts";
import type { Principal } from "../store/access-tokens.ts";
import { type FoundSession, findConsoleSession, redeemConsoleLink } from "../store/console-keys.ts";
import type { Database, Transaction } from "../store/database.ts";
import { type Authenticator, unauthorized } from "./authenticate.ts";
import { ProblemError } from "./problem-error.ts";
import type { Route, Services } from "./route.ts";
import { sessionKeyIn } from "./session-cookie.ts";

export interface Asked {
	readonly method: string;
	readonly headers: IncomingHttpHeaders;
	/** Where the request came from. */
	readonly ip: string;
}

/**
 * Who sends a request: by Authorization where there is one, else by the cookie of the console's session.
 * @throws ProblemError unauthorized; forbidden where a page of another site makes a browser send it
 */
export async function whoAsks(
	asked: Asked,
	route: Route,
	authenticator: Authenticator,
	{ database, publicUrl }: Services,
): Promise<Principal> {
	const { authorization, cookie } = asked.headers;
	if (authorization === undefined) {
		const key = cookie === undefined ? null : sessionKeyIn(cookie);
		if (key !== null) {
			refuseForeignPage(asked, publicUrl);
			return (await lookUp(database, findConsoleSession, key)).principal;
		}
	} else if (route.takesLinks === true) {
		const [, link = ""] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
		if (looksLikeLinkKey(link)) return (await lookUp(database, redeemConsoleLink, link)).principal;
	}
	return authenticator.authenticate(authorization, asked.ip);
}

type Look = (transaction: Transaction, hash: Buffer) => Promise<FoundSession | null>;

async function lookUp(database: Database, look: Look, key: string): Promise<FoundSession> {
	const hash = hashConsoleKey(key);
	const found = await database.inNoSite((transaction) => look(transaction, hash));
	if (found === null) throw unauthorized();
	return found;
}

/**
 * The cookie's SameSite keeps other sites' pages from using it, but a page of another port or subdomain is of the same
 * site. So what changes something has to come from a page of ours: by Sec-Fetch-Site, which browsers send to https and to
 * this machine, else by Origin, which they send with everything but GET (Fetch, 3.2; Fetch Metadata, 2.3).
 */
function refuseForeignPage({ method, headers }: Asked, publicUrl: string): void {
	if (method === "GET" || method === "HEAD") return;
	const { origin, host } = headers;
	const from = headers["sec-fetch-site"];
	const own = [new URL(publicUrl).origin, `http://${host}`, `https://${host}`];
	const isOurs = from === undefined ? origin !== undefined && own.includes(origin) : from === "same-origin";
	if (isOurs) return;
	throw new ProblemError(
		"forbidden",
		"A session of the console changes things from the console's own pages alone, and this came from elsewhere. Send a token in Authorization instead. Nothing was saved.",
	);
}
