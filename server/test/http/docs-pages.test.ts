import { failureCodes, problemCodes } from "@muster/client/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

test("the API reference loads from this server alone", async () => {
	const page = await fetch(`${muster.url}/docs`);
	const policy = page.headers.get("content-security-policy") ?? "";
	expect(policy).toContain("default-src 'none'");
	// Every source is this server, or stands in the page itself.
	const sources = policy.split("; ").flatMap((directive) => directive.split(" ").slice(1));
	expect(new Set(sources)).toEqual(new Set(["'none'", "'self'", "'unsafe-inline'", "data:", "blob:"]));
	expect(policy).toContain("script-src 'self';");
	const html = await page.text();
	expect(html.match(/https?:\/\//g)).toBeNull();
	// Scripts come by address; the one that holds settings has no text.
	expect(html.match(/<script[^>]*>[^<]/g)).toBeNull();
});

test("the reference's script is sent compressed, and once", async () => {
	const url = `${muster.url}/docs/scalar.js`;
	const packed = await fetch(url, { headers: { "accept-encoding": "gzip" } });
	expect(packed.headers.get("content-encoding")).toBe("gzip");
	expect(await packed.text()).toContain("data-configuration");
	const etag = packed.headers.get("etag") ?? "";
	expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
	const plain = await fetch(url, { headers: { "accept-encoding": "identity" } });
	expect(plain.headers.get("content-encoding")).toBeNull();
	expect((await plain.text()).length).toBeGreaterThan(1_000_000);
});

test("the type of a problem leads to an explanation of its code", async () => {
	const site = await muster.aSite();
	const { body } = await site.get("tasks?status=DONE");
	expect(body.type).toBe("https://muster.test/docs/errors#invalid_request");
	const page = await (await fetch(`${muster.url}/docs/errors`)).text();
	const anchors = Array.from(page.matchAll(/<article id="([^"]+)"/g), ([, anchor]) => anchor);
	expect(anchors).toEqual(expect.arrayContaining(Object.keys(problemCodes)));
	expect(anchors).toHaveLength(Object.keys(problemCodes).length + Object.keys(failureCodes).length);
	expect(new Set(anchors).size).toBe(anchors.length);
});
