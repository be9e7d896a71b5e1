import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listAccessTokens, noteTokenUse, revokeAccessToken } from "../../src/store/access-tokens.ts";
import { actAs } from "../../src/store/act-as.ts";
import { changeSite } from "../../src/store/change-site.ts";
import { createSite } from "../../src/store/create-site.ts";
import { type AuditEntry, listAuditEntries } from "../../src/store/list-audit-entries.ts";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

const ann = { actor: "ann", origin: "host-1" };

describe("what is written down", () => {
	test("a site that is made, and each setting that changes, with what it was before", async () => {
		const siteId = await muster.database.inNoSite(async (transaction) => {
			await actAs(transaction, ann);
			const created = (await createSite(transaction, `audited-${randomUUID()}`)) ?? "";
			await changeSite(transaction, created, { unknownFields: "fail", retentionDays: 7 });
			return created;
		});
		await muster.database.inNoSite((transaction) =>
			changeSite(transaction, siteId, { unknownFields: "fail", retentionDays: 8 }),
		);
		expect(await entriesOf(siteId)).toMatchObject([
			{ action: "settings.changed", details: { retentionDays: { before: 7, after: 8 } } },
			{
				action: "settings.changed",
				...ann,
				details: {
					unknownFields: { before: null, after: "fail" },
					retentionDays: { before: null, after: 7 },
				},
			},
			{ action: "site.created", ...ann, details: { name: expect.stringMatching(/^audited-/) } },
		]);
	});

	test("a token that is made and one that is revoked, by id and beginning, once each", async () => {
		const site = await muster.aSite();
		const { tokenId, prefix } = await tokenOf(site);
		const revoke = (): Promise<boolean> =>
			muster.database.inNoSite(async (transaction) => {
				await actAs(transaction, ann);
				return revokeAccessToken(transaction, site.siteId, tokenId);
			});
		await revoke();
		await revoke();
		const details = { tokenId, prefix, scopes: ["*"], expiresAt: null };
		const [revoked, created, ...before] = await entriesOf(site.siteId);
		expect(revoked).toMatchObject({ action: "token.revoked", ...ann, details });
		expect(created).toMatchObject({ action: "token.created", details });
		expect(before.map((entry) => entry.action)).toEqual(["settings.changed", "site.created"]);
		expect(JSON.stringify(revoked)).not.toContain(site.token);
	});

	test("a statement by hand, with the login that it came by", async () => {
		const site = await muster.aSite();
		await admin.query("update muster.access_token set scopes = '{admin}' where site_id = $1", [site.siteId]);
		await admin.query("update muster.site set settings = '{\"retentionDays\": 1}' where site_id = $1", [
			site.siteId,
		]);
		await admin.query("delete from muster.access_token where site_id = $1", [site.siteId]);
		const actor = `database login ${new URL(muster.databaseUrl).username || "muster"}`;
		expect((await entriesOf(site.siteId)).slice(0, 3)).toMatchObject([
			{ action: "token.deleted", actor },
			{ action: "settings.changed", actor },
			{ action: "token.changed", actor, details: { scopes: ["admin"] } },
		]);
	});

	test("nothing where nothing changes, and not that a token is used", async () => {
		const site = await muster.aSite();
		const before = await entriesOf(site.siteId);
		const { tokenId } = await tokenOf(site);
		await muster.database.inNoSite((transaction) => noteTokenUse(transaction, tokenId));
		await muster.database.inNoSite((transaction) => changeSite(transaction, site.siteId, {}));
		expect(await entriesOf(site.siteId)).toEqual(before);
	});

	test("nothing of what came to nothing", async () => {
		const site = await muster.aSite();
		const before = await entriesOf(site.siteId);
		const undone = muster.database.inNoSite(async (transaction) => {
			await changeSite(transaction, site.siteId, { retentionDays: 1 });
			throw new Error("changed our mind");
		});
		await expect(undone).rejects.toThrow("changed our mind");
		expect(await entriesOf(site.siteId)).toEqual(before);
	});
});

describe("what is written down stays", () => {
	test.each([
		"update muster.audit_entry set actor = 'nobody'",
		"delete from muster.audit_entry",
		"truncate muster.audit_entry",
	])("the program cannot: %s", async (text) => {
		const site = await muster.aSite();
		await expect(
			muster.database.inSite(site.siteId, (transaction) =>
				transaction.execute({ name: `tamper-${text.slice(0, 6)}`, text }, []),
			),
		).rejects.toThrow("permission denied for table audit_entry");
	});
});

test("a site's list holds its own entries alone", async () => {
	const [one, other] = [await muster.aSite(), await muster.aSite()];
	const statement = {
		name: "all-entries",
		text: 'select distinct site_id as "siteId" from muster.audit_entry',
	};
	expect(await muster.database.inSite(one.siteId, (transaction) => transaction.query(statement, []))).toEqual(
		[{ siteId: one.siteId }],
	);
	expect(JSON.stringify(await entriesOf(one.siteId))).not.toContain((await tokenOf(other)).tokenId);
});

function entriesOf(siteId: string): Promise<AuditEntry[]> {
	return muster.database.inSite(siteId, (transaction) => listAuditEntries(transaction, siteId, 100));
}

async function tokenOf(site: TestSite): Promise<{ readonly tokenId: string; readonly prefix: string }> {
	const [token] = await muster.database.inNoSite((transaction) => listAccessTokens(transaction, site.siteId));
	if (token === undefined) throw new Error("the site has no token");
	return token;
}
