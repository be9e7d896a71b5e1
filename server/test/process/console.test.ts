import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";
import { startProgram } from "../program.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ ownUrl: true });
});
afterAll(() => muster.close());

test("`muster console` prints a link that signs in once, with the rights of its token", async () => {
	const site = await muster.aSite();
	const token = await site.aToken(["read:task:jira-service-management"]);
	const { code, stdout } = await startProgram(["console"], { MUSTER_URL: muster.url, MUSTER_TOKEN: token })
		.ended;
	expect([code, stdout.split("#")[0]]).toEqual([0, `${muster.url}/sign-in`]);
	const key = stdout.trim().split("#")[1] ?? "";
	const first = await site.post("session", undefined, { token: key });
	expect([first.status, first.body.scopes]).toEqual([200, ["read:task:jira-service-management"]]);
	expect((await site.post("session", undefined, { token: key })).status).toBe(401);
});

test("without a server it says so, in words", async () => {
	const { code, stderr } = await startProgram(["console"], {
		MUSTER_URL: "http://127.0.0.1:1",
		MUSTER_TOKEN: "mst_x",
	}).ended;
	expect(code).not.toBe(0);
	expect(stderr).toContain("http://127.0.0.1:1 is out of reach");
});
