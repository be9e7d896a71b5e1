import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideBase, referenceBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { sayRaw } from "./raw-connection.ts";

let muster: TestMuster;
let site: TestSite;
beforeAll(async () => {
	muster = await startMuster();
	site = await muster.aSite();
});
afterAll(() => muster.close());

const body = '{"customers":[{"email":"jane.smith@acme.com"}]}';
const length = `Content-Length: ${body.length}`;
const inChunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** A request with these lines of its head beside those that every submission needs. */
function submission(
	lines: readonly string[],
	rest: string,
	{ version = "1.1", base = guideBase } = {},
): string {
	const head = [
		`POST ${base}/customer/bulk HTTP/${version}`,
		...(lines.some((line) => /^host/i.test(line)) ? [] : ["Host: muster.test"]),
		`Authorization: Bearer ${site.token}`,
		"Content-Type: application/json",
		"Idempotency-Key: key-1",
		...lines,
	];
	return `${head.join("\r\n")}\r\n\r\n${rest}`;
}

/** What would be carried out if the server took what comes behind a bad request for a request. */
function hidden(): string {
	const lines = [length, "Idempotency-Key: hidden"];
	return submission(lines, body).replace("Idempotency-Key: key-1\r\n", "");
}

async function expectNothingSaved(): Promise<void> {
	expect((await site.get("tasks")).body).toEqual({ results: [] });
}

// RFC 9112, 3.2, 6.1, 6.3 and 11.2; RFC 9110, 7.2; and what is known of servers that read them in two ways.
const ambiguous: [string, readonly string[], string, { version?: string }?][] = [
	["two Host headers", ["Host: muster.test", "Host: muster.test", length], body],
	["two Host headers that differ", ["Host: muster.test", "host: evil.test", length], body],
	["no host in Host", ["Host:", length], body],
	["a path in Host", ["Host: muster.test/evil", length], body],
	["a user in Host", ["Host: jane@muster.test", length], body],
	["a blank in Host", ["Host: muster.test evil.test", length], body],
	["a list in Host", ["Host: muster.test, evil.test", length], body],
	["no number as the port of Host", ["Host: muster.test:80x", length], body],
	["a script in Host", ["Host: <script>", length], body],
	["a Host of 300 characters", [`Host: ${"a".repeat(300)}`, length], body],
	["a Host that is no ASCII", ["Host: müster.test", length], body],
	["two Content-Length", [length, length], body],
	["two Content-Length that differ", [length, "Content-Length: 0"], body],
	["a list in Content-Length", [`${length}, ${body.length}`], body],
	["a sign in Content-Length", [`Content-Length: +${body.length}`], body],
	["a negative Content-Length", ["Content-Length: -1"], body],
	["a hexadecimal Content-Length", [`Content-Length: 0x${body.length.toString(16)}`], body],
	["a Content-Length past any number", [`Content-Length: ${"9".repeat(30)}`], body],
	["an empty Content-Length", ["Content-Length:"], body],
	["two Authorization", ["Authorization: Bearer none", length], body],
	["two Idempotency-Key", ["Idempotency-Key: key-2", length], body],
	["two equal Idempotency-Key", ["idempotency-key: key-1", length], body],
	["two Content-Type", ["Content-Type: text/plain", length], body],
	["Transfer-Encoding with Content-Length", [length, "Transfer-Encoding: chunked"], inChunks],
	["Content-Length behind Transfer-Encoding", ["Transfer-Encoding: chunked", length], inChunks],
	["two Transfer-Encoding", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], inChunks],
	["Transfer-Encoding: identity", ["Transfer-Encoding: identity"], inChunks],
	["Transfer-Encoding: xchunked", ["Transfer-Encoding: xchunked"], inChunks],
	["Transfer-Encoding: gzip, chunked", ["Transfer-Encoding: gzip, chunked"], inChunks],
	["Transfer-Encoding: chunked, identity", ["Transfer-Encoding: chunked, identity"], inChunks],
	["Transfer-Encoding: chunked, chunked", ["Transfer-Encoding: chunked, chunked"], inChunks],
	["a quoted Transfer-Encoding", ['Transfer-Encoding: "chunked"'], inChunks],
	["an empty Transfer-Encoding", ["Transfer-Encoding:"], inChunks],
	["a vertical tab in Transfer-Encoding", ["Transfer-Encoding: \u000bchunked"], inChunks],
	["a blank before the colon of Transfer-Encoding", ["Transfer-Encoding : chunked"], inChunks],
	["a blank before the colon of Content-Length", [`Content-Length : ${body.length}`], body],
	["a line folded into Transfer-Encoding", ["Transfer-Encoding:\r\n chunked"], inChunks],
	["a line that begins with a blank", [" Transfer-Encoding: chunked", length], body],
	["a bare line feed as the end of a line", [`X-One: 1\nTransfer-Encoding: chunked`, length], body],
	["a bare carriage return in a value", [`X-One: 1\rTransfer-Encoding: chunked`, length], body],
	["a NUL in a value", ["X-One: a\u0000b", length], body],
	["a line without a colon", ["Transfer-Encoding chunked", length], body],
	["an empty name", [": chunked", length], body],
	["HTTP/1.0 with Transfer-Encoding", ["Transfer-Encoding: chunked"], inChunks, { version: "1.0" }],
	["HTTP/2.0 on the first line", [length], body, { version: "2.0" }],
	["HTTP/1.2 on the first line", [length], body, { version: "1.2" }],
	["no number as a chunk's size", ["Transfer-Encoding: chunked"], `zz\r\n${body}\r\n0\r\n\r\n`],
	["a sign in a chunk's size", ["Transfer-Encoding: chunked"], `+${inChunks}`],
	["0x in a chunk's size", ["Transfer-Encoding: chunked"], `0x${inChunks}`],
	["a chunk's size past any number", ["Transfer-Encoding: chunked"], `${"f".repeat(20)}\r\n${body}`],
	["a chunk longer than its size", ["Transfer-Encoding: chunked"], `5\r\n${body}\r\n0\r\n\r\n`],
	["a bare line feed behind a chunk's size", ["Transfer-Encoding: chunked"], inChunks.replace("\r\n", "\n")],
];

describe("a request that two servers could read in two ways is refused, once, and its connection closed", () => {
	test.each(ambiguous)("%s", async (_what, lines, rest, options) => {
		const { statuses, text } = await sayRaw(muster.url, submission(lines, rest, options) + hidden());
		expect([statuses, text.slice(0, 200)]).toEqual([[400], text.slice(0, 200)]);
		expect(text).toContain("application/problem+json");
		expect(text.toLowerCase()).toContain("connection: close");
		await expectNothingSaved();
	});

	test("without a Host, where HTTP/1.1 asks for one", async () => {
		const request = submission([length], body).replace("Host: muster.test\r\n", "");
		expect((await sayRaw(muster.url, request + hidden())).statuses).toEqual([400]);
		await expectNothingSaved();
	});

	test("a header that stands behind two thousand others is seen", async () => {
		const many = Array.from({ length: 2_100 }, () => "a:");
		const { statuses } = await sayRaw(
			muster.url,
			submission(["Host: muster.test", ...many, "Host: evil.test", length], body),
		);
		expect(statuses).toEqual([400]);
		await expectNothingSaved();
	});

	test("in the dialect of its base, with the code of what is wrong", async () => {
		const problemOf = async (lines: readonly string[], base: string): Promise<unknown> => {
			const { text } = await sayRaw(muster.url, submission(lines, body, { base }));
			return JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
		};
		const detail = "The Idempotency-Key header came twice. Nothing was saved.";
		const inGuide = {
			type: "https://muster.test/docs/errors#idempotency_key_invalid",
			title: "The Idempotency-Key header is not valid",
			status: 400,
			detail,
			instance: `${guideBase}/customer/bulk`,
			code: "idempotency_key_invalid",
			message: detail,
			requestId: "",
		};
		const lines = [length, "Idempotency-Key: key-2"];
		expect(await problemOf(lines, guideBase)).toEqual(inGuide);
		expect(await problemOf(lines, referenceBase)).toEqual({
			...inGuide,
			instance: `${referenceBase}/customer/bulk`,
			errorMessage: detail,
			errorMessages: [detail],
		});
	});
});

describe("what is not ambiguous is read", () => {
	const close = "Connection: close";

	test.each([
		["chunks, in any case of the word", ["Transfer-Encoding: Chunked", close], inChunks, "1.1"],
		[
			"a chunk with an extension",
			["Transfer-Encoding: chunked", close],
			inChunks.replace("\r\n", ";a=b\r\n"),
			"1.1",
		],
		["HTTP/1.0 without a Host", [length], body, "1.0"],
		["a host with a port", ["Host: muster.test:8700", length, close], body, "1.1"],
		["an IPv6 host", ["Host: [::1]:8700", length, close], body, "1.1"],
	])("%s", async (what, lines, rest, version) => {
		const own = submission(lines, rest, { version }).replace(
			"Key: key-1",
			`Key: ${what.replaceAll(" ", "-")}`,
		);
		const request = what.endsWith("without a Host") ? own.replace("Host: muster.test\r\n", "") : own;
		expect((await sayRaw(muster.url, request)).statuses).toEqual([202]);
	});
});

describe("behind a whole request on the same connection", () => {
	const ask = (path: string): string =>
		`GET ${guideBase}/${path} HTTP/1.1\r\nHost: muster.test\r\nAuthorization: Bearer ${site.token}\r\n\r\n`;

	test("what cannot be read does not take the place of the answer to it", async () => {
		const request = submission([length, "Prefer: wait=1"], body).replace("key-1", "key-before-garbage");
		const { statuses, text } = await sayRaw(muster.url, `${request}\u0000garbage\r\n\r\n`);
		expect(statuses).toEqual([202]);
		expect(text).toContain("taskId");
	});

	test("more requests than a client can wait for are not carried out: the connection ends", async () => {
		const { statuses } = await sayRaw(muster.url, ask("tasks").repeat(200));
		expect(statuses).toEqual([...Array(16).fill(200), 503]);
	});
});

describe("a URL in an answer", () => {
	test.each(["evil.test", "muster.test:1", "localhost"])("is never made of the Host %s", async (host) => {
		const proxied = [`X-Forwarded-Host: ${host}`, "X-Forwarded-Proto: gopher", `Forwarded: host=${host}`];
		const request = submission([`Host: ${host}`, ...proxied, length, "Connection: close"], body);
		const { text } = await sayRaw(muster.url, request.replace("Key: key-1", `Key: ${host}`));
		expect(/"statusUrl":"([^"]*)\/api/.exec(text)?.[1]).toBe("https://muster.test");
		expect(text.toLowerCase()).not.toContain(`${host}/`);
		expect(text).not.toContain("gopher");
	});
});
