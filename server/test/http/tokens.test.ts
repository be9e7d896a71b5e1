import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashToken, makeToken, shownPrefix } from "../../src/domain/token.ts";
import { Authenticator } from "../../src/http/authenticate.ts";
import {
	findAccessToken,
	type ListedToken,
	listAccessTokens,
	noteTokenUse,
	revokeAccessToken,
} from "../../src/store/access-tokens.ts";
import { type Database, DatabaseUnavailable, openDatabase } from "../../src/store/database.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

describe("a token at rest", () => {
	test("is nowhere in the database, only its hash and its beginning", async () => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email: "jane.smith@acme.com" }] });
		const admin = new pg.Client({ connectionString: muster.databaseUrl });
		await admin.connect();
		const { rows: tables } = await admin.query(
			"select relname as name from pg_class where relnamespace = 'muster'::regnamespace and relkind = 'r'",
		);
		const all: string[] = [];
		for (const { name } of tables) {
			const { rows } = await admin.query(`select t::text as text from muster.${name} t`);
			all.push(...rows.map(({ text }) => text));
		}
		await admin.end();
		const holding = (part: string): number => all.filter((text) => text.includes(part)).length;
		expect(holding(site.token)).toBe(0);
		expect(holding(site.token.slice(shownPrefix(site.token).length))).toBe(0);
		expect(holding(hashToken(site.token).toString("hex"))).toBe(1);
	});

	test("that is garbage is refused by its checksum, without asking the database", async () => {
		const closed = openDatabase({ url: muster.databaseUrl });
		await closed.close();
		const authenticator = new Authenticator(closed, () => 0);
		const good = makeToken(Buffer.alloc(32, 7));
		const mistyped = good.slice(0, -1) + (good.endsWith("0") ? "1" : "0");
		for (const token of ["none", "mst_", mistyped, good.toUpperCase(), `${good}0`]) {
			await expect(authenticator.authenticate(`Bearer ${token}`, "192.0.2.1")).rejects.toMatchObject({
				code: "unauthorized",
			});
		}
		// One that could be ours is asked for.
		await expect(authenticator.authenticate(`Bearer ${good}`, "192.0.2.1")).rejects.toThrow(
			DatabaseUnavailable,
		);
	});
});

describe("a token that is revoked", () => {
	test("is believed for a second at most", async () => {
		const site = await muster.aSite();
		let now = 0;
		const authenticator = new Authenticator(muster.database, () => now);
		const authorization = `Bearer ${site.token}`;
		expect(await authenticator.authenticate(authorization, "192.0.2.1")).toMatchObject({
			siteId: site.siteId,
		});
		await revoke(site);
		now = 999;
		expect(await authenticator.authenticate(authorization, "192.0.2.1")).toMatchObject({
			siteId: site.siteId,
		});
		now = 1_000;
		await expect(authenticator.authenticate(authorization, "192.0.2.1")).rejects.toMatchObject({
			code: "unauthorized",
		});
	});

	test("is not believed longer because the database was slow to answer", async () => {
		const site = await muster.aSite();
		let now = 0;
		const slow: Database = {
			...muster.database,
			inNoSite: async (work, limits) => {
				const found = await muster.database.inNoSite(work, limits);
				now = 900;
				return found;
			},
		};
		const authenticator = new Authenticator(slow, () => now);
		await authenticator.authenticate(`Bearer ${site.token}`, "192.0.2.1");
		await revoke(site);
		now = 1_000;
		await expect(authenticator.authenticate(`Bearer ${site.token}`, "192.0.2.1")).rejects.toMatchObject({
			code: "unauthorized",
		});
	});
});

describe("when a token was last used", () => {
	test("is written down with its first request", async () => {
		const site = await muster.aSite();
		expect((await tokenOf(site)).lastUsedAt).toBe(null);
		await site.get("tasks");
		// The note is written beside the request, which does not wait for it.
		await expect.poll(async () => (await tokenOf(site)).lastUsedAt).not.toBe(null);
	});

	test.each([
		["never", null, true],
		["59 seconds ago", 59, false],
		["61 seconds ago", 61, true],
	])("is written down anew where it was %s: %s", async (_when, secondsAgo, isStale) => {
		const site = await muster.aSite();
		await setLastUse(site, secondsAgo);
		const before = await tokenOf(site);
		const found = await muster.database.inNoSite((transaction) =>
			findAccessToken(transaction, hashToken(site.token)),
		);
		expect(found?.isUseStale).toBe(isStale);
		await muster.database.inNoSite((transaction) => noteTokenUse(transaction, before.tokenId));
		const after = await tokenOf(site);
		expect(after.lastUsedAt?.getTime() !== before.lastUsedAt?.getTime()).toBe(isStale);
	});

	test("holds up no request where somebody else has the token's row", async () => {
		const site = await muster.aSite();
		const hold = {
			name: "hold-token",
			text: "select from muster.access_token where token_hash = $1 for update",
		};
		await muster.database.inNoSite(async (transaction) => {
			await transaction.query(hold, [hashToken(site.token)]);
			expect((await site.get("tasks")).status).toBe(200);
			const { tokenId } = await tokenOf(site);
			await muster.database.inNoSite((other) => noteTokenUse(other, tokenId), { lockMs: 1_000 });
		});
	});
});

async function tokenOf(site: TestSite): Promise<ListedToken> {
	const [listed] = await muster.database.inNoSite((transaction) =>
		listAccessTokens(transaction, site.siteId),
	);
	if (listed === undefined) throw new Error("the site has no token");
	return listed;
}

async function revoke(site: TestSite): Promise<void> {
	const { tokenId } = await tokenOf(site);
	await muster.database.inNoSite((transaction) => revokeAccessToken(transaction, site.siteId, tokenId));
}

async function setLastUse(site: TestSite, secondsAgo: number | null): Promise<void> {
	const statement = {
		name: "set-last-use",
		text: "update muster.access_token set last_used_at = clock_timestamp() - $2 * interval '1 second' where site_id = $1",
	};
	await muster.database.inNoSite((transaction) => transaction.execute(statement, [site.siteId, secondsAgo]));
}
