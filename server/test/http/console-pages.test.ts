import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let folder: string;
let muster: TestMuster;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "muster-console-"));
	muster = await startMuster({ consoleFolder: folder });
});
afterAll(async () => {
	await muster.close();
	await rm(folder, { recursive: true, force: true });
});

const html = { accept: "text/html,application/xhtml+xml" };
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
	fetch(`${muster.url}${path}`, { method, headers });

test("where the console was not built, its page says how to build it, and finds it from then on", async () => {
	const before = await ask("/");
	expect([before.status, await before.text()]).toEqual([503, expect.stringContaining("npm run console")]);
	await mkdir(join(folder, "assets"));
	const script = "console.log(1);".repeat(100);
	await writeFile(join(folder, "assets", "index-abc.js"), script);
	await writeFile(
		join(folder, "index.html"),
		`<base href="/" /><meta property="csp-nonce" nonce="{nonce}" />`,
	);
	expect((await ask("/")).status).toBe(200);
});

describe("the console's page", () => {
	test("has a policy that takes nothing from elsewhere, and a nonce that is never the same", async () => {
		const nonces = new Set<string>();
		for (let time = 0; time < 3; time += 1) {
			const page = await ask("/");
			const [, nonce = ""] = /nonce="([\w-]{24})"/.exec(await page.text()) ?? [];
			nonces.add(nonce);
			expect(page.headers.get("content-security-policy")).toBe(
				`default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'`,
			);
			expect(page.headers.get("cache-control")).toBe("no-cache");
		}
		expect(nonces.size).toBe(3);
	});

	test.each([
		["/", {}, 200],
		["/tasks", html, 200],
		["/customers/qm:1:2", html, 200],
		["/customers?search=a.b", html, 200],
		// Programs get problems, and not pages.
		["/tasks", { accept: "application/json" }, 404],
		["/tasks", {}, 404],
		["/api/v1/taks", html, 404],
		["/jsm/csm/api/v1/taks", html, 404],
		["/docs/nothing", html, 404],
		["/favicon.ico", html, 404],
		["/assets/gone-123.js", html, 404],
		["/assets/..%2findex.html", html, 404],
	])("GET %s with %j is %d", async (path, headers, status) => {
		const answer = await ask(path, headers);
		expect(answer.status).toBe(status);
		expect(answer.headers.get("content-type")).toMatch(
			status === 200 ? /^text\/html/ : /^application\/problem/,
		);
	});

	test("is for reading alone", async () => {
		expect((await ask("/tasks", html, "POST")).status).toBe(404);
	});
});

describe("what is named by its content", () => {
	const path = "/assets/index-abc.js";
	test("is kept by browsers for a year, and sent compressed", async () => {
		const script = await ask(path, { "accept-encoding": "gzip" });
		expect(Object.fromEntries(script.headers)).toMatchObject({
			"cache-control": "public, max-age=31536000, immutable",
			"content-encoding": "gzip",
			"content-type": "text/javascript; charset=utf-8",
			vary: "accept-encoding",
			"x-content-type-options": "nosniff",
		});
		expect(await script.text()).toBe("console.log(1);".repeat(100));
	});

	test("is sent as it is to who takes nothing compressed, and not at all to who has it", async () => {
		const plain = await ask(path, { "accept-encoding": "identity" });
		expect([plain.headers.get("content-encoding"), (await plain.text()).length]).toEqual([null, 1_500]);
		const etag = plain.headers.get("etag") ?? "";
		expect((await ask(path, { "if-none-match": etag })).status).toBe(304);
	});
});
