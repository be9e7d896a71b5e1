import { hashToken, looksLikeToken, shownPrefix } from "../domain/token.ts";
import { findAccessToken, noteTokenUse, type Principal } from "../store/access-tokens.ts";
import type { Database } from "../store/database.ts";
import { ProblemError } from "./problem-error.ts";
import { TokenBuckets } from "./token-bucket.ts";

/** How long a token that was found good is believed without asking again, in milliseconds: revoking it takes so long. */
const believedMs = 1_000;

/** Most tokens, addresses and names remembered; a site has a handful. */
const rememberedMax = 10_000;

/**
 * Tokens that nobody has which an address, and whoever goes by one name, may try at once, and how fast that comes back, a
 * millisecond. More are refused without a look: in the same words, so that nothing is learned from it.
 */
const failuresMax = 20;
const failuresPerMs = 1 / 3_000;

/** Finds out who asks, by `Bearer <token>` or `Basic <email>:<token>` (contract, section 6). */
export class Authenticator {
	readonly #database: Database;
	readonly #now: () => number;
	readonly #failures: TokenBuckets = new TokenBuckets(rememberedMax);
	/** Tokens that were not good will never be: a client that goes on with an old one is no guesser, and costs no look. */
	readonly #refused: Set<string> = new Set();
	/** Also those whose time is over: they are asked for again. */
	readonly #believed: Map<string, { readonly principal: Principal; readonly until: number }> = new Map();

	/** @param now milliseconds of a clock that never jumps */
	constructor(database: Database, now: () => number) {
		this.#database = database;
		this.#now = now;
	}

	/**
	 * @param address where the request came from
	 * @throws ProblemError unauthorized, with one text whatever was wrong
	 */
	async authenticate(header: string | undefined, address: string): Promise<Principal> {
		const credentials = header === undefined ? null : credentialsOf(header);
		if (credentials === null || !looksLikeToken(credentials.token)) throw unauthorized();
		const hash = hashToken(credentials.token);
		const id = hash.toString("base64");
		const believed = this.#believed.get(id);
		if (this.#refused.has(id)) throw unauthorized();
		// What the database will say is true from now on at the earliest; by when it has said it, the token may be revoked.
		const askedAt = this.#now();
		if (believed !== undefined && believed.until > askedAt) return believed.principal;
		const failures = [`address ${networkOf(address)}`, `name ${credentials.name}`].map((name) =>
			this.#failures.of(name, failuresMax, failuresPerMs, askedAt),
		);
		// A token that was good a while ago was not guessed: whoever has it is not locked out by those who guess.
		if (believed === undefined && failures.some((bucket) => bucket.level(askedAt) < 1)) throw unauthorized();
		const found = await this.#database.inNoSite((transaction) => findAccessToken(transaction, hash));
		this.#believed.delete(id);
		if (found === null) {
			for (const bucket of failures) bucket.take(this.#now());
			if (this.#refused.size >= rememberedMax) this.#refused.clear();
			this.#refused.add(id);
			throw unauthorized();
		}
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
export function authorize(principal: Principal, scope: string | null): void {
	if (scope === null || principal.scopes.includes("*") || principal.scopes.includes(scope)) return;
	throw new ProblemError("forbidden", `This token lacks the scope ${scope}, which this address asks for.`);
}

interface Credentials {
	readonly token: string;
	/** Whom the sender claims to be: the name of Basic, or what a token shows of itself. */
	readonly name: string;
}

function credentialsOf(header: string): Credentials | null {
	const [scheme, value, ...rest] = header.trim().split(/ +/);
	if (value === undefined || rest.length > 0) return null;
	if (scheme?.toLowerCase() === "bearer") return { token: value, name: shownPrefix(value) };
	if (scheme?.toLowerCase() !== "basic") return null;
	// The name before the colon is the caller's; the token says who it is.
	const [, name, token] = /^(.*):([^:]*)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
	return name === undefined || token === undefined ? null : { token, name: name.toLowerCase() };
}

/** What one sender can have of addresses: one of IPv4, and of IPv6 all that begin with the same 64 bits. */
export function networkOf(address: string): string {
	const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
	if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
	const [head = "", tail] = address.split("::");
	const groups = head.split(":");
	if (tail !== undefined) groups.push("0", "0", "0", "0");
	return groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, "").toLowerCase() || "0")
		.join(":");
}

export function unauthorized(): ProblemError {
	return new ProblemError(
		"unauthorized",
		"Authorization is missing, or its token is not known. Send `Authorization: Bearer <token>`; `npx muster token create` makes one.",
		{ headers: { "www-authenticate": 'Bearer realm="muster", Basic realm="muster"' } },
	);
}
