import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { revokeAccessToken } from "../../src/store/access-tokens.ts";
import { type Answered, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	site = await muster.aSite();
});
afterAll(() => muster.close());

const sameOrigin = { "sec-fetch-site": "same-origin" };

describe("signing in with a token", () => {
	test("gives a cookie that scripts cannot read, other sites cannot use, and http does not carry", async () => {
		const answer = await site.post("session", undefined);
		expect(answer.headers.get("set-cookie")).toMatch(
			/^__Host-muster_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
		);
		expect(answer.text).not.toContain(/[\w-]{43}/.exec(answer.headers.get("set-cookie") ?? "")?.[0]);
	});

	test("the cookie stands for the token, with its scopes and no other", async () => {
		const token = await site.aToken(["read:task:jira-service-management"]);
		const cookie = await signIn(token);
		expect((await byCookie("GET", "session", cookie)).body).toMatchObject({
			siteId: site.siteId,
			scopes: ["read:task:jira-service-management"],
		});
		expect((await byCookie("GET", "tasks", cookie)).status).toBe(200);
		expect((await byCookie("GET", "customers", cookie)).status).toBe(403);
	});

	test("what is no key of a session is no more than nothing", async () => {
		for (const key of ["", "short", "a".repeat(43), `${site.token}`]) {
			expect((await byCookie("GET", "session", `muster_session=${key}`)).status).toBe(401);
		}
	});

	test("signing out ends the session on the server, and takes the cookie back", async () => {
		const cookie = await signIn(site.token);
		const out = await byCookie("DELETE", "session", cookie);
		expect([out.status, out.headers.get("set-cookie")]).toEqual([
			204,
			expect.stringContaining("__Host-muster_session=; Path=/; Max-Age=0"),
		]);
		expect((await byCookie("GET", "session", cookie)).status).toBe(401);
		expect((await site.get("session")).status).toBe(200);
	});

	test("a token that is revoked takes its sessions along, at once", async () => {
		const token = await site.aToken(["*"]);
		const cookie = await signIn(token);
		const { tokenId } = (await byCookie("GET", "session", cookie)).body;
		await muster.database.inNoSite((transaction) => revokeAccessToken(transaction, site.siteId, tokenId));
		expect((await byCookie("GET", "session", cookie)).status).toBe(401);
	});

	test("a session ends with its token, where that is sooner than the end of the day", async () => {
		const cookie = await signIn(await site.aToken(["*"], 1 / 24));
		const age = await muster.database.inNoSite((transaction) =>
			transaction.query<{ minutes: number }>(
				{
					name: "age-of-session",
					text: "select extract(epoch from max(console_key.expires_at) - clock_timestamp())::int / 60 as minutes from muster.console_key join muster.access_token using (token_id) where access_token.expires_at is not null",
				},
				[],
			),
		);
		expect(age[0]?.minutes).toBeLessThanOrEqual(60);
		expect((await byCookie("GET", "session", cookie)).status).toBe(200);
	});
});

describe("a cookie changes things from pages of this server alone", () => {
	const body = { name: "Acme" };
	test.each([
		["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.test" }, 403],
		[
			"another port or subdomain",
			{ "sec-fetch-site": "same-site", origin: "https://other.muster.test" },
			403,
		],
		["a form that was sent by nobody", { "sec-fetch-site": "none" }, 403],
		["a browser without Sec-Fetch-Site, from elsewhere", { origin: "https://evil.test" }, 403],
		["something that names no page", {}, 403],
		["a page that has no origin", { origin: "null" }, 403],
		["a page of ours", sameOrigin, 200],
		["a page of ours, by Origin", { origin: "https://muster.test" }, 200],
	])("%s", async (what, headers, status) => {
		const cookie = await signIn(site.token);
		const answer = await byCookie("POST", "organization", cookie, headers, { name: `${body.name} ${what}` });
		expect(answer.status).toBe(status);
		const { results } = (await site.get(`organizations?name=${encodeURIComponent(`Acme ${what}`)}`)).body;
		expect(results).toHaveLength(status === 200 ? 1 : 0);
	});

	test("reading is free, since no other page can see what is read", async () => {
		const cookie = await signIn(site.token);
		const answer = await byCookie("GET", "tasks", cookie, { "sec-fetch-site": "none" });
		expect([answer.status, answer.headers.get("access-control-allow-credentials")]).toEqual([200, null]);
	});
});

describe("a link", () => {
	test("signs in once", async () => {
		const { url } = (await site.post("session/link", undefined)).body;
		const key = url.split("#")[1];
		const first = await site.post("session", undefined, { token: key });
		expect(first.status).toBe(200);
		expect((await byCookie("GET", "session", cookieOf(first))).body).toEqual(first.body);
		expect((await site.post("session", undefined, { token: key })).status).toBe(401);
	});

	test("signs in once even where it is opened twice at the same moment", async () => {
		const { url } = (await site.post("session/link", undefined)).body;
		const token = url.split("#")[1];
		const answers = await Promise.all([1, 2, 3, 4].map(() => site.post("session", undefined, { token })));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
	});

	test("is no token, and no session", async () => {
		const { url } = (await site.post("session/link", undefined)).body;
		const token = url.split("#")[1];
		expect((await site.get("tasks", { token })).status).toBe(401);
		expect((await byCookie("GET", "session", `muster_session=${token.slice(4)}`)).status).toBe(401);
	});

	test("is past its time after five minutes", async () => {
		const { url, expiresDate } = (await site.post("session/link", undefined)).body;
		expect(Date.parse(expiresDate) - Date.now()).toBeLessThanOrEqual(300_000);
		await muster.database.inNoSite((transaction) =>
			transaction.execute(
				{
					name: "let-links-grow-old",
					text: "update muster.console_key set expires_at = clock_timestamp() - interval '1 second' where is_link",
				},
				[],
			),
		);
		expect((await site.post("session", undefined, { token: url.split("#")[1] })).status).toBe(401);
	});
});

async function signIn(token: string): Promise<string> {
	return cookieOf(await site.post("session", undefined, { token }));
}

function cookieOf(answer: Answered): string {
	return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

async function byCookie(
	method: string,
	path: string,
	cookie: string,
	headers: Readonly<Record<string, string>> = sameOrigin,
	body?: unknown,
): Promise<{ status: number; headers: Headers; body: ReturnType<typeof JSON.parse> }> {
	const response = await fetch(`${muster.url}/api/v1/${path}`, {
		method,
		headers: {
			cookie,
			...headers,
			...(body === undefined ? {} : { "content-type": "application/json" }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}
