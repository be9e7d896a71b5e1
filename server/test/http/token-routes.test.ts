import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const readTasks = "read:task:jira-service-management";

test("a token that was made works, with its scopes and no other, until it is revoked", async () => {
	const site = await muster.aSite();
	const { token, tokenId } = (await site.post("tokens", { scopes: [readTasks], expires: "1d" })).body;
	expect((await site.get("tasks", { token })).status).toBe(200);
	expect((await site.get("customers", { token })).status).toBe(403);
	expect((await site.ask("DELETE", `tokens/${tokenId}`)).status).toBe(204);
	const { results } = (await site.get("tokens")).body;
	expect(results.find((each: { tokenId: string }) => each.tokenId === tokenId)).toMatchObject({
		prefix: token.slice(0, 9),
		scopes: [readTasks],
		revokedDate: expect.any(String),
	});
	// The token itself is told nowhere.
	expect((await site.get("tokens")).text).not.toContain(token.slice(0, 15));
});

test("nobody gives a right that the own token lacks", async () => {
	const site = await muster.aSite();
	const admin = await site.aToken(["admin", readTasks]);
	expect((await site.post("tokens", { scopes: [readTasks] }, { token: admin })).status).toBe(200);
	for (const scopes of [["*"], [readTasks, "write:customer:jira-service-management"]]) {
		const refused = await site.post("tokens", { scopes }, { token: admin });
		expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
		expect(refused.body.detail).toContain("No token was made.");
	}
});

test("what is wrong with a new token is told, all of it, and nothing is made", async () => {
	const site = await muster.aSite();
	const before = (await site.get("tokens")).body.results.length;
	const refused = await site.post("tokens", {
		scopes: ["admn"],
		expires: "2020-01-01",
		requestsPerMinute: 1.5,
	});
	expect([refused.status, refused.body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([
		400,
		["/scopes/0", "/requestsPerMinute", "/expires"],
	]);
	expect(refused.body.errors[0].message).toContain('Did you mean "admin"?');
	expect((await site.get("tokens")).body.results).toHaveLength(before);
});

test("the audit log says which token did what, and from where, page by page", async () => {
	const site = await muster.aSite();
	const { tokenId } = (await site.post("tokens", { scopes: ["admin"] })).body;
	await site.ask("PUT", "settings", { body: { retentionDays: 7 } });
	await site.ask("DELETE", `tokens/${tokenId}`);
	const own = (await site.get("session")).body.tokenId;
	const first = (await site.get("audit?limit=2")).body;
	expect(
		first.results.map(({ action, actor, origin }: Record<string, string>) => [action, actor, origin]),
	).toEqual([
		["token.revoked", `token ${own}`, "127.0.0.1"],
		["settings.changed", `token ${own}`, "127.0.0.1"],
	]);
	const second = (await site.get(`audit?limit=2&cursor=${first.nextCursor}`)).body;
	expect(second.results[0]).toMatchObject({
		action: "token.created",
		details: { tokenId, scopes: ["admin"] },
	});
});
