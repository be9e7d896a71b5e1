import { hashToken, looksLikeToken } from "../domain/token.ts";
import { findAccessToken, noteTokenUse, type Principal } from "../store/access-tokens.ts";
import type { Database } from "../store/database.ts";
import { ProblemError } from "./problem-error.ts";

/** How long a token that was found good is believed without asking again, in milliseconds: revoking it takes so long. */
const believedMs = 1_000;

/** Most tokens remembered; a site has a handful. */
const rememberedMax = 10_000;

/** Finds out who asks, by `Bearer <token>` or `Basic <email>:<token>` (contract, section 6). */
export class Authenticator {
	readonly #database: Database;
	readonly #now: () => number;
	readonly #believed: Map<string, { readonly principal: Principal; readonly until: number }> = new Map();

	/** @param now milliseconds of a clock that never jumps */
	constructor(database: Database, now: () => number) {
		this.#database = database;
		this.#now = now;
	}

	/** @throws ProblemError unauthorized, with one text whatever was wrong */
	async authenticate(headers: readonly string[] | undefined): Promise<Principal> {
		const token = headers?.length === 1 ? tokenOf(headers[0] ?? "") : null;
		if (token === null || !looksLikeToken(token)) throw unauthorized();
		const hash = hashToken(token);
		const id = hash.toString("base64");
		const believed = this.#believed.get(id);
		// What the database will say is true from now on at the earliest; by when it has said it, the token may be revoked.
		const askedAt = this.#now();
		if (believed !== undefined && believed.until > askedAt) return believed.principal;
		const found = await this.#database.inNoSite((transaction) => findAccessToken(transaction, hash));
		this.#believed.delete(id);
		if (found === null) throw unauthorized();
		if (this.#believed.size >= rememberedMax) this.#believed.clear();
		const { principal } = found;
		this.#believed.set(id, { principal, until: askedAt + believedMs });
		if (found.isUseStale) this.#noteUse(principal.tokenId);
		return principal;
	}

	/** Beside the request, which does not wait for it; a note that fails is written with one of the next requests. */
	#noteUse(tokenId: string): void {
		this.#database
			.inNoSite((transaction) => noteTokenUse(transaction, tokenId), { lax: true })
			.catch(() => undefined);
	}
}

/** @throws ProblemError forbidden */
export function authorize(principal: Principal, scope: string): void {
	if (principal.scopes.includes("*") || principal.scopes.includes(scope)) return;
	throw new ProblemError("forbidden", `This token lacks the scope ${scope}, which this address asks for.`);
}

function tokenOf(header: string): string | null {
	const [scheme, value, ...rest] = header.trim().split(/ +/);
	if (value === undefined || rest.length > 0) return null;
	if (scheme?.toLowerCase() === "bearer") return value;
	if (scheme?.toLowerCase() !== "basic") return null;
	// The name before the colon is the caller's; the token says who it is.
	return /:([^:]*)$/.exec(Buffer.from(value, "base64").toString("utf8"))?.[1] ?? null;
}

function unauthorized(): ProblemError {
	return new ProblemError(
		"unauthorized",
		"Authorization is missing, or its token is not known. Send `Authorization: Bearer <token>`; `npx muster token create` makes one.",
		{ headers: { "www-authenticate": 'Bearer realm="muster", Basic realm="muster"' } },
	);
}
