import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { guideBase, referenceSiteBase, scopes } from "@muster/client/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { makeToken } from "../../src/domain/token.ts";
import { createApp } from "../../src/http/app.ts";
import { EndedTasks } from "../../src/http/ended-tasks.ts";
import { Uploads } from "../../src/http/imports/uploads.ts";
import { LaneQueue } from "../../src/http/lane-queue.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/route-table.ts";
import { type Database, DatabaseUnavailable, OutcomeUnknown } from "../../src/store/database.ts";
import {
	type Answered,
	type Ask,
	anAcceptQueue,
	startMuster,
	type TestMuster,
	type TestSite,
} from "../muster.ts";
import { aWorld, type World } from "./a-world.ts";
import { Documented, type Json } from "./documented.ts";

let muster: TestMuster;
let document: Json;
let documented: Documented;
beforeAll(async () => {
	muster = await startMuster();
	document = await (await fetch(`${muster.url}/openapi.json`)).json();
	documented = new Documented(document);
});
afterAll(() => muster.close());

const bases = [
	{ dialect: "guide", base: guideBase },
	{ dialect: "reference", base: referenceSiteBase },
] as const;
type Base = (typeof bases)[number];

/** Every route under every base, as a row of a table of tests. */
const rows = bases.flatMap((base) =>
	routes.map((route) => [`${base.dialect} ${route.method} ${route.path}`, route, base] as const),
);
const rowsWithBody = rows.filter(([, route]) => route.bodies !== undefined);
const submissions = rows.filter(([, route]) => route.idempotent === "required" && route.bodies !== undefined);

describe("the document", () => {
	test("is valid OpenAPI 3.1", async () => {
		const { valid, errors } = await new Validator().validate(structuredClone(document));
		expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
		expect(document.openapi).toMatch(/^3\.1\./);
		expect(document.servers).toEqual([{ url: "https://muster.test" }]);
	});

	test("holds every route under both bases, and the probes, and nothing else", () => {
		const listed = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
			Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
		);
		const expected = bases.flatMap(({ base }) =>
			routes.map((route) => `${route.method} ${base}/${route.path}`),
		);
		expect(listed.toSorted()).toEqual([...expected, "GET /livez", "GET /readyz"].toSorted());
	});

	test("names each operation once and describes each tag", () => {
		const operations: Json[] = Object.values<Json>(document.paths).flatMap((methods) =>
			Object.values(methods),
		);
		expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
		const used = new Set(operations.flatMap(({ tags }) => tags));
		const undescribed = document.tags.filter((tag: Json) => !tag.description).map((tag: Json) => tag.name);
		expect(undescribed, "write what these tags are about in openapi/prose.ts").toEqual([]);
		expect(new Set(document.tags.map((tag: Json) => tag.name))).toEqual(used);
	});

	test("has examples that fit their schemas", () => {
		const examples = documented.examples();
		expect(examples.length).toBeGreaterThan(100);
		for (const { where, schema, value } of examples) {
			expect(documented.faults(schema, value), where).toEqual([]);
		}
	});

	test("tells of the probes what they answer", async () => {
		for (const path of ["/livez", "/readyz"]) {
			documented.expectAnswer("GET", path, await answered(await fetch(`${muster.url}${path}`)));
		}
	});
});

describe("a submission is answered as the document says", () => {
	test.each(submissions)("%s, sent again and waited for", async (_name, route, base) => {
		for (const { name, example } of route.bodies ?? []) {
			const site = await muster.aSite();
			const asked = { body: example, key: name };
			expect((await send(site, route, base, route.path, asked)).status).toBe(202);
			await muster.worker.tick();
			const again = await send(site, route, base, route.path, { ...asked, headers: { prefer: "wait=5" } });
			expect(again.status).toBe(200);
			expect(again.headers.get("idempotency-replayed")).toBe("true");
		}
	});
});

describe("a refused request is answered as the document says", () => {
	let world: World;
	let cautious: TestSite;
	beforeAll(async () => {
		world = await aWorld(muster);
		cautious = await muster.aSite({ requireOptIn: true });
	});

	test.each(rows)("%s: who may, where, and how", async (_name, route, base) => {
		const path = firstPath(world, route);
		const body = route.bodies?.[0]?.example;
		const refused = async (status: number, asked: Ask, where = path): Promise<void> => {
			expect((await send(world.site, route, base, where, { body, ...asked })).status).toBe(status);
		};
		await refused(401, { token: "mst_wrong" });
		const others = scopes.filter((scope) => scope !== "*" && scope !== route.scope);
		if (route.scope !== null) await refused(403, { token: await world.site.aToken(others) });
		await refused(415, { headers: { "content-encoding": "gzip" } });
		const query = /\?.*/.exec(path)?.[0] ?? "";
		if (route.path.includes("{")) {
			await refused(404, {}, route.path.replace(/\{\w+\}/, "no-such-thing") + query);
		}
		if (base.dialect === "reference") await refused(404, { base: base.base.replace("{cloudId}", "another") });
		if (route.query !== undefined)
			await refused(400, {}, `${path}${query === "" ? "?" : "&"}noSuchParameter=1`);
		const taken = routes.filter((each) => each.path === route.path).map(({ method }) => method);
		const foreign = taken.includes("PATCH") ? "PUT" : "PATCH";
		const otherMethod = await world.site.ask(foreign, path, { base: baseOf(world.site, base) });
		expect(otherMethod.status).toBe(405);
		documented.expectAnswer(route.method, documentedPath(route, base), otherMethod);
		expect((await send(cautious, route, base, path, { body })).status).toBe(412);
	});

	test.each(rowsWithBody)("%s: bodies", async (_name, route, base) => {
		const path = firstPath(world, route);
		const refused = async (status: number, code: string, asked: Ask): Promise<void> => {
			const answer = await send(world.site, route, base, path, asked);
			// Reading saves nothing, so there is nothing to be unsure of.
			const isRead = code === "outcome_unknown" && route.method === "GET";
			expect([answer.status, answer.body.code]).toEqual([status, isRead ? "unavailable" : code]);
		};
		await refused(400, "invalid_json", { body: "{" });
		await refused(400, "invalid_encoding", { body: Buffer.from([0xff]) });
		await refused(400, "too_deep", { body: `${"[".repeat(40)}${"]".repeat(40)}` });
		await refused(400, "body_not_object", { body: [] });
		await refused(415, "unsupported_media_type", { body: "a,b", headers: { "content-type": "text/csv" } });
		const tooLarge = await announce(
			world.site,
			route.method,
			`${baseOf(world.site, base)}/${path}`,
			8 * 1024 * 1024 + 1,
		);
		expect(tooLarge.status).toBe(413);
		documented.expectAnswer(route.method, documentedPath(route, base), tooLarge);
	});

	test.each(submissions)("%s: lists and keys", async (_name, route, base) => {
		const path = firstPath(world, route);
		const [body] = route.bodies ?? [];
		const [key = "", items = []] = Object.entries(body?.example as Record<string, unknown[]>)[0] ?? [];
		const refused = async (status: number, code: string, asked: Ask): Promise<void> => {
			const answer = await send(world.site, route, base, path, asked);
			// Reading saves nothing, so there is nothing to be unsure of.
			const isRead = code === "outcome_unknown" && route.method === "GET";
			expect([answer.status, answer.body.code]).toEqual([status, isRead ? "unavailable" : code]);
		};
		await refused(400, "missing_items", { body: {} });
		await refused(400, "empty_items", { body: { [key]: [] } });
		await refused(400, "too_many_items", { body: { [key]: Array(101).fill(items[0]) } });
		await refused(400, "unknown_key", { body: { [`${key}s`]: items } });
		await refused(400, "idempotency_key_missing", { body: body?.example, key: null });
		await refused(400, "idempotency_key_invalid", { body: body?.example, key: "two words" });
		await send(world.site, route, base, path, { body: body?.example, key: "used" });
		await refused(base.dialect === "guide" ? 422 : 400, "idempotency_key_reused", {
			body: { [key]: [{ name: "another" }] },
			key: "used",
		});
	});

	test("a full queue, too many edits and clashing definitions", async () => {
		const full = await muster.aSite({ unfinishedTasksMax: 1 });
		const body = { customers: [{ email: "ann@example.com" }] };
		for (const base of bases) {
			const account = routeOf("POST", "customer/bulk");
			await send(full, account, base, account.path, { body });
			const answer = await send(full, account, base, account.path, { body });
			expect(answer.status).toBe(base.dialect === "guide" ? 429 : 400);
			const details = routeOf("POST", "customer/details/bulk");
			const edits = Array(1_001).fill({ fieldId: "a", value: "b" });
			const many = { customers: [{ email: "ann@example.com", details: edits }] };
			const edited = await send(full, details, base, details.path, { body: many });
			expect(edited.body.code).toBe("too_many_edits");
			const site = await muster.aSite({ detailFieldsMax: 1 });
			const definitions = routeOf("POST", "customer/details/definitions/bulk");
			const codes: string[] = [];
			for (const names of [["Tier"], ["Tier"], ["Other"], [""]]) {
				const fields = { detailFields: names.map((name) => ({ name })) };
				codes.push((await send(site, definitions, base, definitions.path, { body: fields })).body.code);
			}
			expect(codes).toEqual([undefined, "detail_field_exists", "detail_field_limit", "invalid_detail_field"]);
		}
	});

	test.each([
		[503, "unavailable", new DatabaseUnavailable("away")],
		[503, "outcome_unknown", new OutcomeUnknown("away")],
		[500, "internal", new Error("a fault of ours")],
	])("%i %s, whatever was asked", async (status, code, trouble) => {
		const app = await anAppInTrouble(trouble);
		const url = await app.listen({ host: "127.0.0.1", port: 0 });
		for (const [, route, base] of rows) {
			const path = `${base.base}/${route.path}`;
			const response = await fetch(`${url}${path.replace(/\{\w+\}/g, "1")}`, {
				method: route.method,
				headers: { authorization: `Bearer ${makeToken(randomBytes(32))}` },
			});
			const answer = await answered(response);
			// Reading saves nothing, so there is nothing to be unsure of.
			const isRead = code === "outcome_unknown" && route.method === "GET";
			expect([answer.status, answer.body.code]).toEqual([status, isRead ? "unavailable" : code]);
			documented.expectAnswer(route.method, path, answer);
		}
		await app.close();
	});
});

/** The edge over a database that answers nothing but an error. */
function anAppInTrouble(trouble: Error): ReturnType<typeof createApp> {
	const database: Database = {
		inSite: () => Promise.reject(trouble),
		inNoSite: () => Promise.reject(trouble),
		close: async () => undefined,
	};
	return createApp({
		services: {
			database,
			endedTasks: new EndedTasks(),
			accepts: anAcceptQueue(database),
			lanes: new LaneQueue(database),
			courtesy: new Courtesy(() => performance.now()),
			uploads: new Uploads(),
			plainIntake: null,
			publicUrl: "https://muster.test",
			webhooksPrivate: false,
		},
		logger: pino({ level: "silent" }),
		now: () => 0,
		trustedProxies: [],
		corsOrigins: [],
		consoleFolder: "none",
		readiness: async () => ({ isReady: true, reasons: [] }),
	});
}

function firstPath(world: World, route: Route): string {
	return world.pathsOf(route)[0] ?? "";
}

function routeOf(method: string, path: string): Route {
	const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
	if (route === undefined) throw new Error(`there is no route ${method} ${path}`);
	return route;
}

function documentedPath(route: Route, { base }: Base): string {
	return `${base}/${route.path}`;
}

function baseOf(site: TestSite, { base }: Base): string {
	return base.replace("{cloudId}", site.siteId);
}

/** Asks, and holds the answer against the document. */
async function send(site: TestSite, route: Route, base: Base, path: string, asked: Ask): Promise<Answered> {
	const answer = await site.ask(route.method, path, { base: baseOf(site, base), ...asked });
	documented.expectAnswer(route.method, documentedPath(route, base), answer);
	return answer;
}

async function answered(response: Response): Promise<Answered> {
	const text = await response.text();
	return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

/** Announces a body by its length and sends none of it: the answer must not wait for it. */
function announce(site: TestSite, method: string, path: string, bytes: number): Promise<Answered> {
	return new Promise((resolve, reject) => {
		const headers = {
			authorization: `Bearer ${site.token}`,
			"content-type": "application/json",
			"content-length": bytes,
			"idempotency-key": "announced",
		};
		const request = httpRequest(`${muster.url}${path}`, { method, headers }, async (response) => {
			const text = (await response.toArray()).join("");
			request.destroy();
			const headers = new Headers();
			for (const [name, [value = ""] = []] of Object.entries(response.headersDistinct))
				headers.set(name, value);
			resolve({ status: response.statusCode ?? 0, headers, body: JSON.parse(text), text });
		});
		request.on("error", reject);
		request.flushHeaders();
	});
}
