import { settingsFrom } from "../domain/settings.ts";
import type { Principal } from "./access-tokens.ts";
import type { Transaction } from "./database.ts";

/** A key to the console: of a session, or of a link that opens one once. */
export interface NewConsoleKey {
	/** SHA-256 of the key; the key itself is kept nowhere. */
	readonly hash: Buffer;
	readonly tokenId: string;
	readonly isLink: boolean;
	readonly seconds: number;
}

const createStatement = {
	name: "create-console-key",
	// Those that are past their time go as new ones come, so that the table stays small.
	text: `
		with past as (delete from muster.console_key where expires_at < clock_timestamp())
		insert into muster.console_key (key_hash, token_id, is_link, expires_at)
		select $1, token_id, $3, least(clock_timestamp() + $4 * interval '1 second', expires_at)
		from muster.access_token
		where token_id = $2
		returning expires_at as "expiresAt"`,
};

/** @returns when it ends: with its token at the latest */
export async function createConsoleKey(transaction: Transaction, key: NewConsoleKey): Promise<Date> {
	const [row] = await transaction.query<{ expiresAt: Date }>(createStatement, [
		key.hash,
		key.tokenId,
		key.isLink,
		key.seconds,
	]);
	if (row === undefined) throw new Error("a token that was found good is gone");
	return row.expiresAt;
}

/** Whoever has the key of a session, and until when. */
export interface FoundSession {
	readonly principal: Principal;
	readonly expiresAt: Date;
}

interface Row extends Principal {
	readonly expiresAt: Date;
}

const ofToken = `
	access_token.token_id as "tokenId", site_id as "siteId", scopes, settings,
	requests_per_minute as "requestsPerMinute", console_key.expires_at as "expiresAt"`;
const isGood = `
	console_key.expires_at > clock_timestamp() and revoked_at is null
	and (access_token.expires_at is null or access_token.expires_at > clock_timestamp())`;

const findStatement = {
	name: "find-console-session",
	text: `
		select ${ofToken}
		from muster.console_key join muster.access_token using (token_id) join muster.site using (site_id)
		where key_hash = $1 and not is_link and ${isGood}`,
};

export async function findConsoleSession(
	transaction: Transaction,
	hash: Buffer,
): Promise<FoundSession | null> {
	return sessionOf(await transaction.query<Row>(findStatement, [hash]));
}

const redeemStatement = {
	name: "redeem-console-link",
	// Two that come at once delete it one after the other, and the second finds nothing.
	text: `
		delete from muster.console_key
		using muster.access_token join muster.site using (site_id)
		where key_hash = $1 and is_link and access_token.token_id = console_key.token_id and ${isGood}
		returning ${ofToken}`,
};

/** Takes a link, which then is used up. */
export async function redeemConsoleLink(
	transaction: Transaction,
	hash: Buffer,
): Promise<FoundSession | null> {
	return sessionOf(await transaction.query<Row>(redeemStatement, [hash]));
}

const deleteStatement = {
	name: "delete-console-session",
	text: "delete from muster.console_key where key_hash = $1 and not is_link",
};

export async function deleteConsoleSession(transaction: Transaction, hash: Buffer): Promise<void> {
	await transaction.execute(deleteStatement, [hash]);
}

function sessionOf([row]: readonly Row[]): FoundSession | null {
	if (row === undefined) return null;
	const { expiresAt, ...principal } = row;
	return { principal: { ...principal, settings: settingsFrom(row.settings) }, expiresAt };
}
