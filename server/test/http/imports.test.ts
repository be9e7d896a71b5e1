import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answered, type Ask, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

/** Sends a file of JSON lines. */
function send(
	site: TestSite,
	file: string,
	key: string,
	ask: Ask & { readonly query?: string } = {},
): Promise<Answered> {
	const { query = "operation=customer.profile", headers, ...rest } = ask;
	return site.ask("POST", `imports?${query}`, {
		...rest,
		body: file,
		key,
		headers: { "content-type": "application/x-ndjson", ...headers },
	});
}

/** The import when its tasks have ended. */
async function ended(site: TestSite, importId: string) {
	for (;;) {
		const { body } = await site.get(`imports/${importId}`);
		if (body.status !== "PROCESSING") return body;
	}
}

function lines(count: number, from = 0): string {
	return Array.from(
		{ length: count },
		(_, place) => `{"email":"p${from + place}@acme.com","displayName":"P ${from + place}"}\n`,
	).join("");
}

test("a file of lines becomes tasks, each of as many items as its operation takes, and every line takes effect", async () => {
	const site = await muster.aSite();
	const file = lines(1_234);
	const answer = await send(site, file, "first");
	expect([answer.status, answer.body], answer.text).toEqual([202, expect.anything()]);
	const { importId } = answer.body;
	expect(answer.headers.get("location")).toBe(`/api/v1/imports/${importId}`);
	const found = await ended(site, importId);
	expect(found).toEqual({
		importId,
		status: "COMPLETED",
		operation: "customer.profile",
		format: "jsonl",
		createdDate: expect.any(String),
		completedDate: expect.any(String),
		receivedBytes: file.length,
		totalBytes: file.length,
		receivedItems: 1_234,
		unreadableLines: 0,
		tasks: 13,
		summary: { total: 1_234, created: 1_234, updated: 0, unchanged: 0, skipped: 0, failed: 0 },
		processedBytes: file.length,
		progress: 1,
	});
	expect((await site.get("customers?email=p1233@")).body.results).toMatchObject([{ displayName: "P 1233" }]);
});
