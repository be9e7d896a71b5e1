import { afterEach, describe, expect, test } from "vitest";
import { makeToken } from "../../src/domain/token.ts";
import { networkOf } from "../../src/http/authenticate.ts";
import { issueToken } from "../../src/server/issue-token.ts";
import {
	type Answered,
	guideBase,
	type MusterOptions,
	referenceBase,
	startMuster,
	type TestMuster,
	type TestSite,
} from "../muster.ts";

const musters: TestMuster[] = [];
afterEach(async () => {
	for (const muster of musters.splice(0)) await muster.close();
});

let now = 0;

/** A server whose clock moves when a test moves it. */
async function aMuster(options: MusterOptions = {}): Promise<TestMuster> {
	const muster = await startMuster({ now: () => now, ...options });
	musters.push(muster);
	return muster;
}

const path = "customer/bulk";
const body = { customers: [{ email: "jane.smith@acme.com" }] };

/** What an answer says of limits: limit, remaining, reset, and Retry-After. */
function limitsOf({ headers }: Answered): (string | null)[] {
	return ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"].map((name) =>
		headers.get(name),
	);
}

async function aTokenWithLimit(
	muster: TestMuster,
	site: TestSite,
	requestsPerMinute: number,
): Promise<string> {
	const token = makeToken(crypto.getRandomValues(new Uint8Array(32)));
	await muster.database.inNoSite((transaction) =>
		issueToken(transaction, {
			siteId: site.siteId,
			token,
			scopes: ["*"],
			expiresAt: null,
			requestsPerMinute,
		}),
	);
	return token;
}

describe("a limit of requests", () => {
	test("is none by default, and nothing is said of one", async () => {
		const site = await (await aMuster()).aSite();
		for (let count = 0; count < 50; count += 1) {
			expect(limitsOf(await site.get("tasks"))).toEqual([null, null, null, null]);
		}
	});

	test("of a site lets so many through at once, then one by one as time passes, on both bases", async () => {
		const site = await (await aMuster()).aSite({ requestsPerMinute: 3 });
		expect(limitsOf(await site.get("tasks"))).toEqual(["3", "2", "20", null]);
		expect(limitsOf(await site.post(path, body, { key: "key-1" }))).toEqual(["3", "1", "40", null]);
		expect(limitsOf(await site.get("nothing/here"))).toEqual([null, null, null, null]);
		expect(limitsOf(await site.get("tasks/none", { base: referenceBase }))).toEqual(["3", "0", "60", null]);
		for (const base of [guideBase, referenceBase, site.referenceBase]) {
			const refused = await site.post(path, body, { base });
			expect([refused.status, refused.body.code, ...limitsOf(refused)]).toEqual([
				429,
				"rate_limited",
				"3",
				"0",
				"60",
				"20",
			]);
			expect(refused.body.detail).toBe(
				"This site may send 3 requests a minute, and has sent them. Nothing was saved; send the same request again after the time in Retry-After.",
			);
		}
		now += 19_999;
		expect((await site.get("tasks")).status).toBe(429);
		now += 1;
		// What was refused took nothing, and its key was not used up.
		const retried = await site.post(path, body, { key: "key-1" });
		expect([retried.status, ...limitsOf(retried)]).toEqual([202, "3", "0", "60", null]);
		now += 600_000;
		expect(limitsOf(await site.get("tasks"))).toEqual(["3", "2", "20", null]);
	});

	test("of a token is its own: other tokens of its site do not notice, and the narrower limit is told", async () => {
		const muster = await aMuster();
		const site = await muster.aSite({ requestsPerMinute: 10 });
		const token = await aTokenWithLimit(muster, site, 2);
		expect(limitsOf(await site.get("tasks", { token }))).toEqual(["2", "1", "30", null]);
		expect(limitsOf(await site.get("tasks", { token }))).toEqual(["2", "0", "60", null]);
		const refused = await site.get("tasks", { token });
		expect([refused.status, ...limitsOf(refused)]).toEqual([429, "2", "0", "60", "30"]);
		expect(refused.body.detail).toContain("This token may send 2 requests a minute");
		expect(limitsOf(await site.get("tasks"))).toEqual(["10", "7", "18", null]);
	});

	test("of one site is nothing to another", async () => {
		const muster = await aMuster();
		const [site, other] = [await muster.aSite({ requestsPerMinute: 1 }), await muster.aSite()];
		await site.get("tasks");
		expect((await site.get("tasks")).status).toBe(429);
		expect((await other.get("tasks")).status).toBe(200);
	});
});

describe("when all sites together have too many unfinished tasks", () => {
	test("new ones are turned away with 503 and Retry-After, keys that have a task get it, and polls are served", async () => {
		const muster = await aMuster({ allUnfinishedMax: 3 });
		const [site, other] = [await muster.aSite(), await muster.aSite()];
		const first = await site.post(path, body, { key: "key-1" });
		for (const each of [site, other]) await each.post(path, body);
		now += 1_000;
		// This one is still taken: the count is asked for beside it.
		await muster.whole.looking;
		expect((await other.post(path, body)).status).toBe(202);
		await muster.whole.looking;
		for (const base of [guideBase, referenceBase]) {
			const refused = await other.post(path, body, { base, key: "key-2" });
			expect([refused.status, refused.body.code, refused.headers.get("retry-after")]).toEqual([
				503,
				"overloaded",
				"5",
			]);
		}
		const replayed = await site.post(path, body, { key: "key-1" });
		expect([replayed.status, replayed.body]).toEqual([202, first.body]);
		const polls = [`tasks/${first.body.taskId}`, `tasks/${first.body.taskId}/results`, "tasks", "customers"];
		for (const poll of polls) expect([poll, (await site.get(poll)).status]).toEqual([poll, 200]);

		expect(await muster.worker.tick()).toBe(4);
		now += 1_000;
		await other.post(path, body, { key: "key-2" });
		await muster.whole.looking;
		expect((await other.post(path, body, { key: "key-2" })).status).toBe(202);
	});
});

describe("tokens that are guessed", () => {
	const guess = (): string => makeToken(crypto.getRandomValues(new Uint8Array(32)));
	const asked = (forwarded: string, token: string): { token: string; headers: Record<string, string> } => ({
		token,
		headers: { "x-forwarded-for": forwarded },
	});

	/** Whether a good token is taken that this server sees for the first time. */
	async function takesNewToken(site: TestSite, forwarded: string): Promise<boolean> {
		const answer = await site.get("tasks", asked(forwarded, await site.aToken(["*"])));
		if (answer.status === 401) expect(answer.body.code).toBe("unauthorized");
		return answer.status === 200;
	}

	test("twenty times from one address are not looked up any more for a while, and get the same 401", async () => {
		const site = await (await aMuster()).aSite();
		expect((await site.get("tasks")).status).toBe(200);
		const texts = new Set<string>();
		for (let count = 0; count < 25; count += 1) {
			// Whatever an address says of itself: no proxy is trusted here.
			const refused = await site.get("tasks", {
				token: guess(),
				headers: { "x-forwarded-for": `192.0.2.${count}`, "x-request-id": "request-1" },
			});
			expect(refused.headers.get("retry-after")).toBe(null);
			texts.add(refused.text);
		}
		expect(texts.size).toBe(1);
		expect(await takesNewToken(site, "192.0.2.99")).toBe(false);
		// Who was there before is not locked out, also after what was believed of the token has to be asked for again.
		now += 1_500;
		expect((await site.get("tasks")).status).toBe(200);
		now += 1_500;
		expect(await takesNewToken(site, "192.0.2.99")).toBe(true);
	});

	test("count once however often they are sent: a client with an old token locks nobody out", async () => {
		const site = await (await aMuster()).aSite();
		const old = await site.aToken(["*"], 0);
		for (let count = 0; count < 50; count += 1) {
			expect((await site.get("tasks", { token: old })).status).toBe(401);
		}
		expect(await takesNewToken(site, "192.0.2.1")).toBe(true);
	});

	test("are counted by the address that a trusted proxy tells, and by no other that stands in the header", async () => {
		const site = await (await aMuster({ trustedProxies: ["127.0.0.0/8"] })).aSite();
		for (let count = 0; count < 20; count += 1) {
			await site.get("tasks", asked(`10.0.0.${count}, 192.0.2.1`, guess()));
		}
		expect(await takesNewToken(site, "192.0.2.1")).toBe(false);
		expect(await takesNewToken(site, "10.9.9.9, 192.0.2.1")).toBe(false);
		expect(await takesNewToken(site, "192.0.2.1, 192.0.2.2")).toBe(true);
	});

	test("under one name are counted by the name, wherever they come from", async () => {
		const site = await (await aMuster({ trustedProxies: ["127.0.0.1"] })).aSite();
		const basic = (name: string, token: string): string =>
			`Basic ${Buffer.from(`${name}:${token}`).toString("base64")}`;
		const tryAs = async (name: string, forwarded: string, token: string): Promise<number> => {
			const headers = { authorization: basic(name, token), "x-forwarded-for": forwarded };
			return (await site.get("tasks", { headers })).status;
		};
		for (let count = 0; count < 20; count += 1) {
			expect(await tryAs("Jane@acme.com", `192.0.2.${count}`, guess())).toBe(401);
		}
		expect(await tryAs("jane@ACME.com", "192.0.2.50", await site.aToken(["*"]))).toBe(401);
		expect(await tryAs("joe@acme.com", "192.0.2.51", await site.aToken(["*"]))).toBe(200);
	});

	test.each([
		["192.0.2.1", "192.0.2.1"],
		["::ffff:192.0.2.1", "192.0.2.1"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
		["2001:0DB8:0001:0002::1", "2001:db8:1:2"],
		["2001:db8::1", "2001:db8:0:0"],
		["::1", "0:0:0:0"],
	])("%s counts as %s", (address, network) => {
		expect(networkOf(address)).toBe(network);
	});
});
