import { scopes } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken, shownPrefix } from "../../src/domain/token.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/route-table.ts";
import { listAccessTokens, revokeAccessToken } from "../../src/store/access-tokens.ts";
import {
	type Answered,
	guideBase,
	referenceBase,
	startMuster,
	type TestMuster,
	type TestSite,
} from "../muster.ts";
import { postRaw } from "./post-raw.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const path = "customer/bulk";

describe("the opt-in header", () => {
	test("is not asked for by default", async () => {
		const site = await muster.aSite();
		expect((await site.get("tasks")).status).toBe(200);
	});

	test.each([
		["missing", undefined, 412],
		["empty", "", 412],
		["false", "false", 412],
		["in another case", "True", 412],
		["true, as the guide says", "true", 200],
		["opt-in, as the reference says", "opt-in", 200],
	])("that is %s, where the site asks for it: the same on both bases", async (_what, value, status) => {
		const site = await muster.aSite({ requireOptIn: true });
		const headers: Record<string, string> = value === undefined ? {} : { "x-experimentalapi": value };
		for (const base of [guideBase, referenceBase, site.referenceBase]) {
			const answer = await site.get("tasks", { base, headers });
			expect(answer.status).toBe(status);
			if (status === 200) continue;
			expect(answer.body).toMatchObject({
				code: "opt_in_required",
				detail:
					"This site asks for the header `X-ExperimentalApi: opt-in` (`true` counts too). Nothing was saved.",
			});
		}
	});

	test("is judged after who asks and what they may", async () => {
		const site = await muster.aSite({ requireOptIn: true });
		expect((await site.get("tasks", { token: "none" })).status).toBe(401);
		expect((await site.get("tasks", { token: await site.aToken(["admin"]) })).status).toBe(403);
	});
});

describe("who may", () => {
	const byRoute = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
	const unauthorized =
		"Authorization is missing, or its token is not known. Send `Authorization: Bearer <token>`; `npx muster token create` makes one.";

	test.each(byRoute)("%s: a token with its scope, and no other, on every base", async (_name, route) => {
		const site = await muster.aSite();
		const others = scopes.filter((scope) => scope !== "*" && scope !== route.scope);
		const wrong = await site.aToken(others);
		const right = await site.aToken([route.scope ?? "admin"]);
		for (const base of [guideBase, referenceBase, site.referenceBase]) {
			const refused = await ask(site, route, `Bearer ${wrong}`, base);
			if (route.scope === null) expect(refused.status).toBeLessThan(300);
			else
				expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
					403,
					"forbidden",
					`This token lacks the scope ${route.scope}, which this address asks for.`,
				]);
			const answer = await ask(site, route, `Bearer ${right}`, base);
			expect([200, 204, 400, 404]).toContain(answer.status);
		}
	});

	/** The same for all routes: too many tokens that are not known would be taken for guesses. */
	let site: TestSite;
	let revoked: string;
	let expired: string;
	beforeAll(async () => {
		site = await muster.aSite();
		revoked = await site.aToken(["*"]);
		await revoke(site, revoked);
		expired = await site.aToken(["*"], 0);
	});

	test.each(byRoute)("%s: 401, the same whatever is wrong with the token", async (_name, route) => {
		const unknown = makeToken(Buffer.alloc(32, 7));
		const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
		const headers = [
			null,
			"",
			"Bearer",
			"Bearer mst_mistyped",
			`Bearer ${unknown}`,
			`Bearer ${revoked}`,
			`Bearer ${expired}`,
			`Bearer ${site.token.slice(0, -1)}`,
			`Bearer ${site.token} ${site.token}`,
			`Token ${site.token}`,
			site.token,
			basic("jane.smith@acme.com"),
			basic(`${site.token}:`),
			basic(`jane.smith@acme.com:${unknown}`),
			"Basic ???",
		];
		const texts = new Set<string>();
		for (const header of headers) {
			const refused = await ask(site, route, header, guideBase);
			expect([header, refused.status]).toEqual([header, 401]);
			expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="muster", Basic realm="muster"');
			texts.add(refused.text);
		}
		expect([...texts].map((text) => JSON.parse(text).detail)).toEqual([unauthorized]);
	});

	test("a token is good as Bearer in any case, and as the password of Basic under any name", async () => {
		const site = await muster.aSite();
		const encoded = (text: string): string => Buffer.from(text).toString("base64");
		for (const authorization of [
			`Bearer ${site.token}`,
			`bearer   ${site.token}`,
			`Basic ${encoded(`jane.smith@acme.com:${site.token}`)}`,
			`BASIC ${encoded(`:${site.token}`)}`,
			`Basic ${encoded(`a:b:${site.token}`)}`,
		]) {
			const answer = await site.get("tasks", { headers: { authorization } });
			expect([authorization, answer.status]).toEqual([authorization, 200]);
		}
	});

	test("a stranger's body is not read: 401 comes before it is sent", async () => {
		const headers = {
			"content-type": "application/json",
			authorization: "Bearer none",
			"content-length": 1000,
		};
		expect((await postRaw(`${muster.url}${guideBase}/${path}`, headers, null)).status).toBe(401);
	});
});

describe("a browser's page", () => {
	test("of the configured origin may read every answer, also a refusal", async () => {
		const site = await muster.aSite();
		const headers = { origin: "https://app.test" };
		const answers = [
			await site.get("tasks", { headers }),
			await site.get("tasks", { headers, token: "none" }),
			await site.get("nothing/here", { headers }),
			await site.post(path, { customers: [{}] }, { headers }),
		];
		expect(answers.map((answer) => answer.status)).toEqual([200, 401, 404, 202]);
		for (const answer of answers) {
			expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.test");
			expect(answer.headers.get("vary")).toMatch(/Origin/i);
			expect(answer.headers.get("access-control-expose-headers")).toBe(
				"Location, Retry-After, Idempotency-Replayed, Preference-Applied, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
			);
			expect(answer.headers.get("access-control-allow-credentials")).toBe(null);
		}
	});

	test("of the configured origin gets its preflight for every address, without a token", async () => {
		for (const route of routes) {
			const answer = await preflight(`${guideBase}/${filled(route.path)}`, "https://app.test", route.method);
			expect(answer.status).toBe(204);
			expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.test");
			expect(answer.headers.get("access-control-allow-methods")).toBe("GET, POST, PUT, DELETE");
			expect(answer.headers.get("access-control-allow-headers")).toBe(
				"authorization,content-type,idempotency-key",
			);
		}
	});

	test.each([
		"https://evil.test",
		"http://app.test",
		"https://app.test.evil.test",
		"https://app.test:444",
		"null",
	])("of the origin %s may read nothing", async (origin) => {
		const site = await muster.aSite();
		const answer = await site.get("tasks", { headers: { origin } });
		expect(answer.headers.get("access-control-allow-origin")).toBe(null);
		const asked = await preflight(`${guideBase}/${path}`, origin, "POST");
		expect(asked.headers.get("access-control-allow-origin")).toBe(null);
	});
});

/** A path with something in the place of each parameter. */
function filled(url: string): string {
	return url.replace(/\{\w+\}/g, "1");
}

function ask(site: TestSite, route: Route, authorization: string | null, base: string): Promise<Answered> {
	const headers = { "x-request-id": "request-1", ...(authorization === null ? {} : { authorization }) };
	// Without a header of its own, the harness would send the site's token.
	if (authorization === null) return askWithoutToken(route, base);
	return site.ask(route.method, filled(route.path), {
		base,
		headers,
		...(route.method === "GET" || route.method === "DELETE" ? {} : { body: {} }),
	});
}

async function askWithoutToken(route: Route, base: string): Promise<Answered> {
	const response = await fetch(`${muster.url}${base}/${filled(route.path)}`, {
		method: route.method,
		headers: { "x-request-id": "request-1" },
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

async function revoke(site: TestSite, token: string): Promise<void> {
	await muster.database.inNoSite(async (transaction) => {
		const listed = await listAccessTokens(transaction, site.siteId);
		const found = listed.find((each) => each.prefix === shownPrefix(token));
		if (found === undefined) throw new Error("the site has no such token");
		await revokeAccessToken(transaction, site.siteId, found.tokenId);
	});
}

function preflight(url: string, origin: string, method: string): Promise<Response> {
	return fetch(`${muster.url}${url}`, {
		method: "OPTIONS",
		headers: {
			origin,
			"access-control-request-method": method,
			"access-control-request-headers": "authorization,content-type,idempotency-key",
		},
	});
}
