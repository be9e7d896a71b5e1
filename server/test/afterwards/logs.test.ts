import { afterAll, beforeAll, expect, test } from "vitest";
import { breachesOf, collectedLines } from "../collected-log.ts";
import { startMuster, type TestMuster } from "../muster.ts";

// vitest.config.ts runs this folder when everything else has ended.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

test("each kind of thing that no log may hold is found", () => {
	const lines = [
		'{"msg":"jane.smith@acme.com"}',
		'{"msg":"mst_0aB1c"}',
		'{"msg":"Authorization: Basic amFuZTo="}',
		'{"msg":"canary-key-1"}',
		'{"msg":"{\\"displayName\\":\\"Jane Smith\\"}"}',
		'{"msg":"a request could not be answered","code":"internal"}',
	];
	expect(breachesOf(lines).map((breach) => breach.slice(0, breach.indexOf(":")))).toEqual([
		"email",
		"token",
		"credentials",
		"idempotency key",
		"body",
	]);
});

test("no line that anything has logged in this run holds an email, a token, a key or a part of a body", () => {
	const lines = collectedLines();
	// Even this file alone has started a server that says where it listens.
	expect(lines.length).toBeGreaterThan(0);
	expect(breachesOf(lines)).toEqual([]);
});

test("every line of a server's log is one JSON object", () => {
	const lines = collectedLines().filter((line) => line.startsWith(`{"level"`));
	expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => "object"));
});
