import { randomUUID } from "node:crypto";
import { MusterClient } from "@muster/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ask, guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const waiting = { headers: { prefer: "wait=10" } } as const satisfies Ask;

/** A task with an item that fails and one that is created. */
async function aTask(site: TestSite): Promise<string> {
	const customers = [{ email: "jane@acme.com" }, { email: "invalid-email" }];
	return (await site.post("customer/bulk", { customers }, { ...waiting, key: "of-mine" })).body.taskId;
}

describe("a task tells where it comes from, in both dialects and in lists too", () => {
	test("a request: the key, and the token by its beginning for as long as it is there", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const told = {
			idempotencyKey: "of-mine",
			source: { kind: "request", tokenId: expect.any(String), tokenPrefix: site.token.slice(0, 9) },
		};
		for (const base of [guideBase, site.referenceBase]) {
			expect((await site.get(`tasks/${taskId}`, { base })).body).toMatchObject(told);
			expect((await site.get("tasks", { base })).body.results).toMatchObject([told]);
		}
	});

	test("a retry and an undo: the task, but not where they were asked for under a key of the caller's", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const sourceAfter = async (path: string, key: string | null) => {
			const { body } = await site.ask("POST", `tasks/${taskId}/${path}`, { ...waiting, key });
			return (await site.get(`tasks/${body.taskId}`)).body.source;
		};
		const token = { tokenId: expect.any(String), tokenPrefix: site.token.slice(0, 9) };
		expect(await sourceAfter("retry", null)).toEqual({ kind: "retry", taskId, ...token });
		expect(await sourceAfter("retry", randomUUID())).toEqual({ kind: "request", ...token });
		expect(await sourceAfter("undo?dryRun=true", null)).toEqual({ kind: "undo", taskId, ...token });
		expect(await sourceAfter("undo", randomUUID())).toEqual({ kind: "undo", ...token });
	});

	test("a file: the import", async () => {
		const site = await muster.aSite();
		const { body } = await site.ask("POST", "imports?operation=customer", {
			body: '{"email":"jane@acme.com"}\n',
			headers: { "content-type": "application/x-ndjson" },
		});
		const [task] = (await site.get("tasks")).body.results;
		expect(task.source).toMatchObject({ kind: "import", importId: body.importId });
	});

	test("a connector: its name, as the client's bulk runs write it into keys", async () => {
		const site = await muster.aSite();
		const client = new MusterClient({ url: muster.url, token: site.token });
		const rows = [{ email: "jane@acme.com" }];
		for (const source of ["sync-hubspot", undefined]) {
			const run = client.bulk("customer.profile").run(rows, source === undefined ? {} : { source });
			for await (const { outcome } of run) expect(outcome).not.toBe("failed");
		}
		const sources = [];
		for await (const { source } of client.listTasks()) sources.push(source);
		expect(sources).toMatchObject([{ kind: "request" }, { kind: "connector", connector: "hubspot" }]);
	});
});
