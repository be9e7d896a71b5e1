import { operations } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingsFrom } from "../../src/domain/settings.ts";
import { ProblemError } from "../../src/http/problem-error.ts";
import { Query } from "../../src/http/query.ts";
import { readSubmission } from "../../src/http/read-submission.ts";
import type { Call } from "../../src/http/route.ts";
import { startMuster, type TestMuster } from "../muster.ts";

const bodyBytesMax = 8 * 1024 * 1024;
/**
 * How long nobody else is served, in milliseconds (issue 4), and how long for all that a task takes, which is done in
 * several turns. Both are of the processor, so that a machine which is busy with other tests does not count.
 */
const blockedMsMax = 100;
const taskMsMax = 500;

function processorMs(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
}

/** Parts with commas between, as many as fit into a body, inside of what stands around them. */
function filled(part: (index: number) => string, [before, after]: readonly [string, string]): string {
	const parts: string[] = [];
	let length = before.length + after.length;
	for (let index = 0; ; index += 1) {
		const next = part(index);
		length += next.length + 1;
		if (length > bodyBytesMax) return before + parts.join(",") + after;
		parts.push(next);
	}
}

function list<Each>(count: number, part: (index: number) => Each): Each[] {
	return Array.from({ length: count }, (_, index) => part(index));
}

const inItem = ['{"customers":[{"email":"jane.smith@acme.com",', "}]}"] as const;
const inDetails = ['{"customers":[{"email":"jane.smith@acme.com","details":{', "}}]}"] as const;
const inList = ['{"customers":[', "]}"] as const;
const inText = bodyBytesMax - 20;

/** Bodies that cost as much as a body can, each by another of the steps that read it; and what is said of them. */
const bodies: [string, string, string][] = [
	["a million keys in an item", filled((index) => `"k${index}":1`, inItem), "too_much"],
	["a million details", filled((index) => `"k${index}":1`, inDetails), "too_much"],
	["a million keys that are one and the same", filled(() => '"k":1', inItem), "too_much"],
	[
		"a million keys that differ in their last character",
		filled((index) => `"${"k".repeat(20)}${index}":1`, inItem),
		"too_much",
	],
	["keys that look like indexes", filled((index) => `"${index * 7}":1`, inItem), "too_much"],
	["four million numbers", filled(() => "1", inList), "too_much"],
	["numbers that are kept digit by digit", filled(() => "1.50", inList), "too_much"],
	["empty objects", filled(() => "{}", inList), "too_much"],
	["empty lists", filled(() => "[]", inList), "too_much"],
	["short texts", filled(() => '"a"', inList), "too_much"],
	["commas alone", `[${",".repeat(inText)}`, "too_much"],
	["brackets alone", "[".repeat(inText), "too_deep"],
	["braces and keys", '{"a":'.repeat(inText / 5), "too_deep"],
	["one text", `{"customers":["${"x".repeat(inText)}"]}`.slice(0, bodyBytesMax), "too_much"],
	["one text of escapes", `{"customers":["${"\\u00e9".repeat(inText / 6)}`, "too_much"],
	["one text of backslashes", `{"customers":["${"\\\\".repeat(inText / 2)}`, "too_much"],
	["one number", `{"customers":[${"9".repeat(inText)}`, "too_much"],
	["one number of minus signs", `{"customers":[${"-".repeat(inText)}`, "too_much"],
	["one key", `{"${"k".repeat(inText)}":1}`, "too_much"],
	["a key of ten thousand characters", `{"customers":[{"${"k".repeat(10_000)}" : 1}]}`, "too_much"],
	["quotes alone", '"'.repeat(inText), "invalid_json"],
	["blanks and then JSON", `${" ".repeat(inText - 40)}{"customers":[]}`, "empty_items"],
	["empty lines and then no JSON", `${"\n".repeat(inText)}x`, "invalid_json"],
	[
		"a fault at the end of eighty texts",
		`{"customers":[${`"${"x".repeat(100_000)}",`.repeat(80)}]}`,
		"invalid_json",
	],
	[
		"as many keys as there may be",
		`{"customers":[{${list(79_990, (index) => `"key ${index}":1`)}}]}`,
		"taken",
	],
	[
		"as many numbers as there may be that are kept digit by digit",
		`{"customers":[{"details":{"a":[${list(79_990, () => "1.50")}]}}]}`,
		"taken",
	],
	[
		"as many objects as there may be",
		`{"customers":[{"details":[${list(39_990, () => "{}")}]}]}`,
		"too_many_edits",
	],
	[
		"the longest texts there may be",
		`{"customers":[{"details":{${list(68, (index) => `"f${index}":"${"\\u00e9".repeat(19_999)}"`)}}}]}`,
		"taken",
	],
];

const operation = operations.find(({ name }) => name === "customer.details") ?? operations[0];

/** What is said of a body, and how long it took to say it. */
function read(body: Buffer): { readonly said: string; readonly ms: number } {
	// Nothing else of a call is read before its body is.
	const call = {
		principal: {
			tokenId: "",
			siteId: "",
			scopes: ["*"],
			settings: settingsFrom({}),
			requestsPerMinute: null,
		},
		query: new Query(new URLSearchParams(), ["dryRun"]),
		headersDistinct: { "idempotency-key": ["key-1"] },
		body,
	} as unknown as Call;
	const began = processorMs();
	try {
		readSubmission(operation, call);
		return { said: "taken", ms: processorMs() - began };
	} catch (error) {
		if (!(error instanceof ProblemError)) throw error;
		return { said: error.code, ms: processorMs() - began };
	}
}

describe("a body that costs as much as it can holds up nobody for long, and is told what is wrong", () => {
	test.each(bodies)("%s", (_what, text, expected) => {
		const body = Buffer.from(text);
		expect(body.length).toBeLessThanOrEqual(bodyBytesMax);
		// The best of a few: the first ones are not compiled.
		const tries = list(3, () => read(body));
		expect(new Set(tries.map(({ said }) => said))).toEqual(new Set([expected]));
		expect(Math.min(...tries.map(({ ms }) => ms))).toBeLessThan(blockedMsMax);
	});
});

describe("what is taken is applied without holding up anybody", () => {
	let muster: TestMuster;
	beforeAll(async () => {
		muster = await startMuster();
	});
	afterAll(() => muster.close());

	test.each(bodies.filter(([, , said]) => said === "taken"))("%s", async (_what, text) => {
		const taken: number[] = [];
		for (let count = 0; count < 3; count += 1) {
			const site = await muster.aSite();
			const accepted = await site.post("customer/profile/bulk", text);
			expect([accepted.status, accepted.text.slice(0, 200)]).toEqual([202, accepted.text.slice(0, 200)]);
			const began = processorMs();
			await muster.worker.tick();
			taken.push(processorMs() - began);
			const task = await site.get(`tasks/${accepted.body.taskId}`);
			expect(task.body).toMatchObject({ status: "COMPLETED", summary: { total: 1, failed: 1 } });
		}
		expect(Math.min(...taken)).toBeLessThan(taskMsMax);
	});
});
