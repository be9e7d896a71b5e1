import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingsFrom } from "../../src/domain/settings.ts";
import { createApp } from "../../src/http/app.ts";
import { listAuditEntries } from "../../src/store/list-audit-entries.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const defaults = {
	unknownFields: "create",
	unknownKeys: "fail",
	detailFieldsMax: 50,
	fieldOptionsMax: 2_000,
	unfinishedTasksMax: 10_000,
	retentionDays: 30,
	requestsPerMinute: 0,
	history: false,
	requireOptIn: false,
};

describe("a site's settings", () => {
	test("are the defaults until they are set, and what is left out of a change stays", async () => {
		const site = await muster.aSite({ history: false });
		for (const base of [guideBase, site.referenceBase]) {
			const first = await site.get("settings", { base });
			expect([first.status, first.body]).toEqual([200, expect.objectContaining({ unknownFields: "create" })]);
		}
		expect((await site.get("settings")).body).toEqual(settingsFrom({}));
		expect(settingsFrom({})).toEqual(defaults);
		const changed = { ...settingsFrom({}), unknownFields: "fail", retentionDays: 7 };
		expect((await put(site, { unknownFields: "fail", retentionDays: 7 })).body).toEqual(changed);
		const again = await put(site, { requireOptIn: true }, site.referenceBase);
		expect(again.body).toEqual({ ...changed, requireOptIn: true });
		const other = await muster.aSite({ history: false });
		expect((await other.get("settings")).body).toEqual(settingsFrom({}));
	});

	test("that are wrong are all told of, and none is changed", async () => {
		const site = await muster.aSite({ history: false });
		const refused = await put(site, {
			retentionDays: 3,
			unknownFields: "make",
			unfinishedTasksMax: 0,
			detailFieldsMax: "50",
			requireOptIn: "yes",
		});
		const expected = [
			["/unknownFields", 'unknownFields is "make"; create or fail is expected.'],
			["/unfinishedTasksMax", "unfinishedTasksMax is 0; a whole number from 1 to 1000000 is expected."],
			["/detailFieldsMax", 'detailFieldsMax is "50"; a whole number from 1 to 500 is expected.'],
			["/requireOptIn", 'requireOptIn is "yes"; true or false is expected.'],
		].map(([pointer, message]) => ({ code: "invalid_type", pointer, message }));
		expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
			400,
			"invalid_request",
			expected,
		]);
		expect((await site.get("settings")).body).toEqual(settingsFrom({}));
	});

	test("take no setting that there is not", async () => {
		const site = await muster.aSite();
		const refused = await put(site, { retentiondays: 3 });
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"unknown_key",
			'The body has the key "retentiondays", which is not known here. Did you mean "retentionDays"? Nothing was saved.',
		]);
		expect((await put(site, { __proto__: null, constructor: 1 })).status).toBe(400);
	});

	test("that are changed are in the audit log, with the token and where it was sent from", async () => {
		const site = await muster.aSite();
		await put(site, { retentionDays: 7 });
		const [entry] = await muster.database.inSite(site.siteId, (transaction) =>
			listAuditEntries(transaction, site.siteId, 1),
		);
		expect(entry).toMatchObject({
			action: "settings.changed",
			actor: expect.stringMatching(/^token [0-9a-f-]{36}$/),
			origin: "127.0.0.1",
			details: { retentionDays: { before: null, after: 7 } },
		});
	});

	test("are for tokens with the scope admin alone", async () => {
		const site = await muster.aSite();
		const admin = await site.aToken(["admin"]);
		const reader = await site.aToken(["read:customer:jira-service-management"]);
		expect((await site.get("settings", { token: admin })).status).toBe(200);
		expect((await site.get("settings", { token: reader })).status).toBe(403);
	});
});

describe("a change holds", () => {
	test("for the tasks that are carried out after it", async () => {
		const site = await muster.aSite();
		const items = { customers: [{ email: "jane.smith@acme.com", details: { tier: "x" }, colour: "red" }] };
		const codes = async (): Promise<string[]> => {
			const task = await site.run("customer/profile/bulk", items);
			return task.failures.map((failure: { code: string }) => failure.code);
		};
		expect(await codes()).toEqual(["unknown_item_key"]);
		await put(site, { unknownKeys: "ignore", unknownFields: "fail" });
		expect(await codes()).toEqual(["unknown_detail_field"]);
		await put(site, { unknownFields: "create" });
		expect(await codes()).toEqual([]);
	});

	test("on every other process within a second, whatever it believed before", async () => {
		const site = await muster.aSite();
		let nowMs = 0;
		const other = await anotherProcess(() => nowMs);
		const headers = { authorization: `Bearer ${site.token}` };
		const status = async (): Promise<number> =>
			(await fetch(`${other.url}${guideBase}/tasks`, { headers })).status;
		expect(await status()).toBe(200);
		await put(site, { requireOptIn: true });
		nowMs = 999;
		expect(await status()).toBe(200);
		nowMs = 1_000;
		expect(await status()).toBe(412);
		await other.close();
	});
});

function put(site: TestSite, body: unknown, base = guideBase) {
	const headers = { "x-experimentalapi": "true" };
	return site.ask("PUT", "settings", { body, base, headers });
}

/** A further edge on the same database, with a clock that the test moves. */
async function anotherProcess(now: () => number): Promise<{ url: string; close(): Promise<void> }> {
	const app = await createApp({
		services: muster.services,
		logger: pino({ level: "silent" }),
		now,
		trustedProxies: [],
		corsOrigins: [],
		consoleFolder: "none",
		readiness: async () => ({ isReady: true, reasons: [] }),
	});
	return {
		url: await app.listen({ host: "127.0.0.1", port: 0 }),
		close: async () => {
			await app.close();
		},
	};
}
