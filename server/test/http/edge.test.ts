import { once } from "node:events";
import { type OutgoingHttpHeaders, request } from "node:http";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Courtesy } from "../../src/domain/courtesy.ts";
import { createApp } from "../../src/http/app.ts";
import { EndedTasks } from "../../src/http/ended-tasks.ts";
import { Uploads } from "../../src/http/imports/uploads.ts";
import { LaneQueue } from "../../src/http/lane-queue.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/route-table.ts";
import {
	anAcceptQueue,
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
const bodyBytesMax = 8 * 1024 * 1024;

describe("a problem", () => {
	const detail =
		'The body has the key "customer", which is not known here. Did you mean "customers"? Nothing was saved.';
	const common = {
		type: "https://muster.test/docs/errors#unknown_key",
		title: "Unknown key",
		status: 400,
		detail,
		code: "unknown_key",
		message: detail,
		requestId: "request-1",
	};
	const headers = { "x-request-id": "request-1" };

	test("is as RFC 9457 says, with code, message and request id, under the guide's base", async () => {
		const site = await muster.aSite();
		const answer = await site.post(path, { customer: [{}] }, { headers });
		expect(answer.status).toBe(400);
		expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
		expect(answer.body).toEqual({ ...common, instance: `${guideBase}/${path}` });
	});

	test("has its text where live clients look for it, under both of the reference's bases", async () => {
		const site = await muster.aSite();
		for (const base of [referenceBase, site.referenceBase]) {
			const answer = await site.post(path, { customer: [{}] }, { headers, base });
			expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
			expect(answer.body).toEqual({
				...common,
				instance: `${base}/${path}`,
				errorMessage: detail,
				errorMessages: [detail],
			});
		}
	});

	test("lists its faults in errors under the guide's base, and as texts alone under the reference's", async () => {
		const site = await muster.aSite();
		const body = { name: " ", type: { name: "SELECT" } };
		const errors = [
			{ code: "invalid_name", pointer: "/name", message: "name is blank." },
			{
				code: "invalid_type",
				pointer: "/type/options",
				message: "A SELECT field needs at least one option.",
			},
		];
		const text = "name is blank. (and 1 more, see errors) Nothing was saved.";
		const inGuide = await site.post("customer/details", body);
		expect([inGuide.status, inGuide.body.detail, inGuide.body.errors]).toEqual([400, text, errors]);
		const inReference = await site.post("customer/details", body, { base: referenceBase });
		expect(inReference.body).not.toHaveProperty("errors");
		expect(inReference.body.errorMessages).toEqual([text, ...errors.map((error) => error.message)]);
	});

	test.each<[unknown, string, string]>([
		[{}, "", "The definition has no name."],
		[{ name: 5 }, "/name", "name is 5; a text is expected."],
		[{ name: "Tier", type: 5 }, "/type", "type is 5; an object is expected."],
		[
			{ name: "Tier", type: { name: "SELECT", options: "Free" } },
			"/type/options",
			'options is "Free"; a list is expected.',
		],
		[
			{ name: "Tier", type: { name: "SELECT", options: [{ toString: 0 }] } },
			"/type/options/0",
			'The option {"toString":0} is no text, or blank.',
		],
		[
			{ name: "Tier", type: { name: "SELECT", options: ["Free", " free"] } },
			"/type/options/1",
			'The option "free" comes twice.',
		],
		[
			{ name: "Tier", type: { name: "TEXT", options: ["Free"] } },
			"/type/options",
			"A TEXT field takes no options.",
		],
	])("of the detail field %j says what is wrong and where", async (body, pointer, message) => {
		const site = await muster.aSite();
		const refused = await site.post("customer/details", body);
		expect([refused.status, refused.body.code]).toEqual([400, "invalid_detail_field"]);
		expect(refused.body.errors).toMatchObject([{ pointer, message }]);
		expect((await site.get("customer/details")).body).toEqual({ results: [] });
	});

	test("never echoes the query or a request id that is no plain text, and shows 60 characters of a value", async () => {
		const site = await muster.aSite();
		const long = "c".repeat(1_000);
		const answer = await site.post(`${path}?${long}=1`, {}, { headers: { "x-request-id": "two words" } });
		expect(answer.body.instance).toBe(`${guideBase}/${path}`);
		expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
		expect(answer.body.detail).toBe(
			`The query parameter "${"c".repeat(57)}..." is not known here (known: dryRun).`,
		);
	});
});

describe("a body", () => {
	test.each<[string, string | Uint8Array, string, string]>([
		[
			"that is no JSON",
			"customers",
			"invalid_json",
			'The body is not JSON: reading stopped at line 1, column 1, before "c". Nothing was saved.',
		],
		[
			"with a comma too many",
			'{"customers": [\n\t{"email": "a@b.c",}\n]}',
			"invalid_json",
			'The body is not JSON: reading stopped at line 2, column 20, before "}". Nothing was saved.',
		],
		[
			"with a bracket amiss",
			'{"customers": [}',
			"invalid_json",
			'The body is not JSON: reading stopped at line 1, column 16, before "}". Nothing was saved.',
		],
		[
			"that ends too early",
			'{"customers": [{"email": "a@b',
			"invalid_json",
			"The body is not JSON: it ends too early. Nothing was saved.",
		],
		[
			"with two values",
			"{} {}",
			"invalid_json",
			'The body is not JSON: reading stopped at line 1, column 4, before "{". Nothing was saved.',
		],
		["that is empty", "", "body_not_object", "The body is empty; a JSON object is expected."],
		["that is a list", "[1]", "body_not_object", "The body is [1]; a JSON object is expected."],
		[
			"that is a text",
			'"customers"',
			"body_not_object",
			'The body is "customers"; a JSON object is expected.',
		],
		["that is null", "null", "body_not_object", "The body is null; a JSON object is expected."],
		["that is a number", "1e400", "body_not_object", "The body is 1e400; a JSON object is expected."],
		["without a list", "{}", "missing_items", 'The body has no "customers"; a list is expected there.'],
		[
			"with an object for its list",
			'{"customers": {"email": "a@b.c"}}',
			"missing_items",
			'"customers" is {"email":"a@b.c"}; a list is expected.',
		],
		[
			"with null for its list",
			'{"customers": null}',
			"missing_items",
			'"customers" is null; a list is expected.',
		],
		[
			"with an empty list",
			'{"customers": []}',
			"empty_items",
			'"customers" is empty; send at least one item.',
		],
		[
			"with an unknown key",
			'{"people": [{}]}',
			"unknown_key",
			'The body has the key "people", which is not known here. Known: customers, customerAccounts. Nothing was saved.',
		],
		[
			"with an unknown key beside its list",
			'{"customers": [{}], "Customer": []}',
			"unknown_key",
			'The body has the key "Customer", which is not known here. Did you mean "customers"? Nothing was saved.',
		],
		[
			"with __proto__ as a key",
			'{"customers": [{}], "__proto__": []}',
			"unknown_key",
			'The body has the key "__proto__", which is not known here. Known: customers, customerAccounts. Nothing was saved.',
		],
		[
			"with two lists",
			'{"customers": [{}], "customerAccounts": [{}]}',
			"unknown_key",
			'The body has both "customers" and "customerAccounts"; send one list.',
		],
		[
			"that is 33 levels deep",
			nested(33),
			"too_deep",
			"The body is nested 33 levels deep; 32 are allowed. Nothing was saved.",
		],
		[
			"that is a million levels deep",
			"[".repeat(1_000_000),
			"too_deep",
			"The body is nested 1000000 levels deep; 32 are allowed. Nothing was saved.",
		],
		[
			"with a byte order mark",
			"\ufeff{}",
			"invalid_encoding",
			"The body begins with a byte order mark; send UTF-8 without one.",
		],
		[
			"in UTF-16 with a byte order mark",
			Buffer.from("\ufeff{}", "utf16le"),
			"invalid_encoding",
			"The body is not valid UTF-8.",
		],
		[
			"in UTF-16",
			Buffer.from('{"customers": []}', "utf16le"),
			"invalid_json",
			'The body is not JSON: reading stopped at line 1, column 2, before "\\u0000". Nothing was saved.',
		],
		[
			"in Latin-1",
			Buffer.from('{"customers": [{"email": "josé@acme.com"}]}', "latin1"),
			"invalid_encoding",
			"The body is not valid UTF-8.",
		],
		[
			"with a surrogate as bytes",
			Uint8Array.of(0x22, 0xed, 0xa0, 0xbd, 0x22),
			"invalid_encoding",
			"The body is not valid UTF-8.",
		],
	])("%s is refused at once", async (_what, body, code, detail) => {
		const site = await muster.aSite();
		for (const base of [guideBase, site.referenceBase]) {
			const refused = await site.post(path, body, { base });
			expect([refused.status, refused.body.code, refused.body.detail]).toEqual([400, code, detail]);
		}
		expect((await site.get("tasks")).body).toEqual({ results: [] });
	});

	test("with too many detail edits is refused wherever its items hold them", async () => {
		const site = await muster.aSite();
		const edits = Array(1_001).fill({ fieldId: "note", value: "n" });
		for (const item of [{ details: edits }, { operations: edits }, { payload: { operations: edits } }]) {
			const refused = await site.post("customer/details/bulk", { customers: [item] });
			expect([refused.status, refused.body.code]).toEqual([400, "too_many_edits"]);
		}
	});

	test("of 32 levels is read: its item fails, and not the request", async () => {
		const site = await muster.aSite();
		const task = await site.run("customer/profile/bulk", nested(32));
		expect(task.failures).toMatchObject([{ index: 0, code: "invalid_type" }]);
	});

	test.each([
		"text/plain",
		"text/csv",
		"application/x-www-form-urlencoded",
		"application/problem+json",
		"multipart/form-data; boundary=x",
		"nonsense",
	])("of the type %s is refused with 415", async (type) => {
		const site = await muster.aSite();
		const refused = await site.post(path, '{"customers": [{}]}', { headers: { "content-type": type } });
		expect([refused.status, refused.body.code]).toEqual([415, "unsupported_media_type"]);
	});

	test("of no type at all is refused with 415", async () => {
		const site = await muster.aSite();
		const refused = await send(site, { "content-length": 2 }, "{}");
		expect([refused.status, refused.body.code]).toEqual([415, "unsupported_media_type"]);
	});

	test.each(["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"])(
		"of the type %s is read",
		async (type) => {
			const site = await muster.aSite();
			const headers = { "content-type": type };
			expect((await site.post(path, '{"customers": [{}]}', { headers })).status).toBe(202);
		},
	);

	test.each(["gzip", "br", "identity", ""])(
		"with Content-Encoding %j is refused with 415",
		async (encoding) => {
			const site = await muster.aSite();
			const headers = { "content-encoding": encoding };
			const refused = await site.post(path, { customers: [{}] }, { headers });
			expect([refused.status, refused.body.code]).toEqual([415, "unsupported_media_type"]);
		},
	);

	test("of 8 MiB is read", async () => {
		const site = await muster.aSite();
		const body = '{"customers": [{"email": "jane.smith@acme.com"}]}'.padEnd(bodyBytesMax, " ");
		expect((await site.post(path, body)).status).toBe(202);
	});

	test("of 8 MiB and a byte is refused with 413 by its Content-Length, before any of it is sent", async () => {
		const site = await muster.aSite();
		const headers = { "content-type": "application/json", "content-length": bodyBytesMax + 1 };
		const refused = await send(site, headers, null);
		expect([refused.status, refused.body.code]).toEqual([413, "body_too_large"]);
	});

	test("of 8 MiB and a byte in chunks is refused with 413 as soon as it is known, before its end", async () => {
		const site = await muster.aSite();
		const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
		const refused = await send(site, headers, " ".repeat(bodyBytesMax + 1), { isOpen: true });
		expect([refused.status, refused.body.code]).toEqual([413, "body_too_large"]);
		expect((await site.post(path, { customers: [{}] })).status).toBe(202);
	});
});

test("a client that goes away in the middle of its body is no fault of ours: nothing is logged", async () => {
	const site = await muster.aSite();
	const logged: string[] = [];
	const app = await createApp({
		services: {
			database: muster.database,
			accepts: anAcceptQueue(muster.database),
			lanes: new LaneQueue(muster.database),
			courtesy: new Courtesy(() => performance.now()),
			uploads: new Uploads(),
			plainIntake: null,
			endedTasks: new EndedTasks(),
			publicUrl: "https://muster.test",
			webhooksPrivate: false,
		},
		logger: pino({ level: "warn" }, { write: (line: string) => logged.push(line) }),
		now: () => performance.now(),
		trustedProxies: [],
		corsOrigins: [],
		consoleFolder: "none",
		readiness: async () => ({ isReady: true, reasons: [] }),
	});
	const url = await app.listen({ host: "127.0.0.1", port: 0 });
	const authorization = `Bearer ${site.token}`;
	// The token is known from now on, so that the next request gets to its body at once.
	expect((await fetch(`${url}${guideBase}/tasks`, { headers: { authorization } })).status).toBe(200);
	const arrived = once(app.server, "request");
	const client = request(`${url}${guideBase}/${path}`, {
		method: "POST",
		headers: {
			authorization,
			"content-type": "application/json",
			"content-length": 100,
			"idempotency-key": "key-1",
		},
	});
	client.on("error", () => undefined);
	client.write('{"customers": [');
	const [incoming] = await arrived;
	const closed = new Promise((resolve) => incoming.once("close", resolve));
	client.destroy();
	await closed;
	await app.close();
	expect(logged).toEqual([]);
});

describe("an address", () => {
	const urls = [...new Set(routes.map((route) => route.path))];

	test.each(urls)("%s answers methods that it does not take with 405 and Allow", async (url) => {
		const site = await muster.aSite();
		const taken = routes.filter((route) => route.path === url).map((route) => route.method);
		const allow = taken.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
		for (const base of [guideBase, referenceBase, site.referenceBase]) {
			for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter(
				(each) => !allow.includes(each),
			)) {
				const refused = await site.ask(method, filled(url), { base });
				expect([refused.status, refused.body.code, refused.headers.get("allow")]).toEqual([
					405,
					"method_not_allowed",
					allow.join(", "),
				]);
				expect(refused.body.detail).toBe(`This address takes ${allow.join(", ")}, not ${method}.`);
			}
		}
	});

	test.each([
		["unknown", `${guideBase}/customers/bulk`],
		["the base alone", guideBase],
		["with a slash too many", `${guideBase}/customer/bulk/`],
		["with another case", `${guideBase}/Customer/bulk`],
		["with two slashes", `${guideBase}//customer/bulk`],
		["outside of every base", "/customer/bulk"],
		["of another version", "/api/v2/customer/bulk"],
		["of another kind under the reference's base", `${referenceBase}/requests`],
		["with a path trick", `${guideBase}/tasks/%2e%2e%2fcustomers`],
	])("that is %s is 404, in the dialect of its base", async (_what, url) => {
		const site = await muster.aSite();
		for (const method of ["GET", "POST"]) {
			const answer = await site.ask(method, url.slice(1), { base: "" });
			// A task's address takes no POST; every other is nothing at all.
			expect(answer.status).toBe(url.includes("tasks") && method === "POST" ? 405 : 404);
			expect(Object.hasOwn(answer.body, "errorMessage")).toBe(url.startsWith(referenceBase));
		}
	});

	test("under another site's cloudId is 404, byte for byte like an unknown address", async () => {
		const [site, other] = [await muster.aSite(), await muster.aSite()];
		const headers = { "x-request-id": "request-1" };
		const textAt = async (base: string, route: Route): Promise<string> => {
			const answer = await site.ask(route.method, filled(route.path), { base, headers, body: {} });
			expect(answer.status).toBe(404);
			return answer.text.replace(/"instance":"[^"]*"/, "");
		};
		const unknown = await site.get("nothing/here", { base: referenceBase, headers });
		const expected = unknown.text.replace(/"instance":"[^"]*"/, "");
		for (const route of routes.filter((each) => each.method === "POST")) {
			for (const cloudId of [other.siteId, site.siteId.toUpperCase(), "x", "%00"]) {
				expect(await textAt(`/jsm/csm/cloudid/${cloudId}/api/v1`, route)).toBe(expected);
			}
		}
	});

	test.each([
		"tasks/{id}",
		"tasks/{id}/results",
		"customer/{id}",
		"customer/profile/{id}",
		"organization/{id}",
		"organization/profile/{id}",
		"organization/{id}/customers",
	])("%s with an id that cannot be one is 404", async (url) => {
		const site = await muster.aSite();
		const customer = `qm:${site.siteId}:${site.siteId}`;
		const ids = [
			site.siteId.toUpperCase(),
			customer,
			customer.toUpperCase(),
			"0",
			"-1",
			"1.0",
			"%00",
			"'",
			"%F0%9F%98%80",
			"x".repeat(300),
			"x".repeat(10_000),
		];
		for (const id of ids) {
			const answer = await site.get(url.replace("{id}", id));
			expect([id, answer.status, answer.body.code]).toEqual([id, 404, "not_found"]);
		}
	});

	test.each(["%", "%zz", "%f", "%c3%28", "a%ff"])("with the bad percent-encoding %s is 400", async (id) => {
		const site = await muster.aSite();
		for (const [base, dialect] of [
			[guideBase, "guide"],
			[referenceBase, "reference"],
		] as const) {
			const answer = await site.get(`tasks/${id}`, { base });
			expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
			expect(Object.hasOwn(answer.body, "errorMessage")).toBe(dialect === "reference");
		}
	});

	test.each(["customers?email=%00", "customers?name=a%00", "organizations?name=%00", "tasks?operation=%00"])(
		"with U+0000 in its query is 400 (%s)",
		async (url) => {
			const site = await muster.aSite();
			const answer = await site.get(url);
			expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
		},
	);
});

/** An item whose details are lists in lists, so that the whole body has as many levels. */
function nested(levels: number): string {
	const inner = levels - 3;
	return `{"customers": [{"details": ${"[".repeat(inner)}${"]".repeat(inner)}}]}`;
}

/** A path with something in the place of each parameter. */
function filled(url: string): string {
	return url.replace(/\{\w+\}/g, "1");
}

/** Submits with these headers beside those that every submission needs. */
function send(
	site: TestSite,
	headers: OutgoingHttpHeaders,
	body: string | null,
	options?: { readonly isOpen: boolean },
): ReturnType<typeof postRaw> {
	const common = { authorization: `Bearer ${site.token}`, "idempotency-key": "key-1" };
	return postRaw(`${muster.url}${guideBase}/${path}`, { ...common, ...headers }, body, options);
}
