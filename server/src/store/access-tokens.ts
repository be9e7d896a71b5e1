import { type SiteSettings, settingsFrom } from "../domain/settings.ts";
import type { Transaction } from "./database.ts";

/** Who asks: a token that is good now, and the site it belongs to. */
export interface Principal {
	readonly tokenId: string;
	readonly siteId: string;
	readonly scopes: readonly string[];
	readonly settings: SiteSettings;
	/** What this token may send; null: as much as its site. */
	readonly requestsPerMinute: number | null;
}

/** How exactly the last use of a token is kept: writing it at each request would cost as much as the request. */
const usedPrecision = "interval '1 minute'";

/** A token that is good now. */
export interface FoundToken {
	readonly principal: Principal;
	/** Whether its use has not been noted for a minute. */
	readonly isUseStale: boolean;
}

const findStatement = {
	name: "find-access-token",
	text: `
		select token_id as "tokenId", site_id as "siteId", scopes, settings,
			requests_per_minute as "requestsPerMinute",
			coalesce(last_used_at < clock_timestamp() - ${usedPrecision}, true) as "isUseStale"
		from muster.access_token join muster.site using (site_id)
		where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`,
};

/** @param hash SHA-256 of the token; the token itself is kept nowhere */
export async function findAccessToken(transaction: Transaction, hash: Buffer): Promise<FoundToken | null> {
	const rows = await transaction.query<Principal & { isUseStale: boolean }>(findStatement, [hash]);
	const [row] = rows;
	if (row === undefined) return null;
	const { isUseStale, ...principal } = row;
	return { principal: { ...principal, settings: settingsFrom(row.settings) }, isUseStale };
}

const noteUseStatement = {
	name: "note-token-use",
	// Whoever holds the row is noting the same, or revoking it: there is nothing to wait for.
	text: `
		update muster.access_token set last_used_at = clock_timestamp()
		where token_id = (
			select token_id from muster.access_token
			where token_id = $1 and coalesce(last_used_at < clock_timestamp() - ${usedPrecision}, true)
			for update skip locked
		)`,
};

/** Notes that a token is in use, at most once a minute however many processes see it. */
export async function noteTokenUse(transaction: Transaction, tokenId: string): Promise<void> {
	await transaction.execute(noteUseStatement, [tokenId]);
}

const createStatement = {
	name: "create-access-token",
	text: `
		insert into muster.access_token (token_hash, site_id, prefix, scopes, expires_at, requests_per_minute)
		values ($1, $2, $3, $4, $5, $6)
		returning token_id as "tokenId"`,
};

export interface NewAccessToken {
	readonly hash: Buffer;
	readonly siteId: string;
	/** The beginning of the token, by which people tell theirs apart. */
	readonly prefix: string;
	readonly scopes: readonly string[];
	/** null for one that does not expire. */
	readonly expiresAt: Date | null;
	/** null for no limit but its site's. */
	readonly requestsPerMinute: number | null;
}

export async function createAccessToken(transaction: Transaction, token: NewAccessToken): Promise<string> {
	const rows = await transaction.query<{ tokenId: string }>(createStatement, [
		token.hash,
		token.siteId,
		token.prefix,
		token.scopes,
		token.expiresAt,
		token.requestsPerMinute,
	]);
	const tokenId = rows[0]?.tokenId;
	if (tokenId === undefined) throw new Error("an inserted token came back without its id");
	return tokenId;
}

export interface ListedToken {
	readonly tokenId: string;
	readonly prefix: string;
	readonly scopes: readonly string[];
	readonly createdAt: Date;
	/** To the minute; null for one that was never used. */
	readonly lastUsedAt: Date | null;
	readonly expiresAt: Date | null;
	readonly revokedAt: Date | null;
	readonly requestsPerMinute: number | null;
}

const listStatement = {
	name: "list-access-tokens",
	text: `
		select token_id as "tokenId", prefix, scopes, created_at as "createdAt", last_used_at as "lastUsedAt",
			expires_at as "expiresAt", revoked_at as "revokedAt", requests_per_minute as "requestsPerMinute"
		from muster.access_token
		where site_id = $1
		order by token_id`,
};

export function listAccessTokens(transaction: Transaction, siteId: string): Promise<ListedToken[]> {
	return transaction.query<ListedToken>(listStatement, [siteId]);
}

const revokeStatement = {
	name: "revoke-access-token",
	text: `
		update muster.access_token set revoked_at = coalesce(revoked_at, clock_timestamp())
		where site_id = $1 and token_id = $2
		returning token_id as "tokenId"`,
};

/** @returns whether the site has such a token */
export async function revokeAccessToken(
	transaction: Transaction,
	siteId: string,
	tokenId: string,
): Promise<boolean> {
	return (await transaction.query(revokeStatement, [siteId, tokenId])).length > 0;
}
