import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { customerLines, sendFile } from "./import-files.ts";

// Without an SDK nothing is traced here; what a client sends is kept for a worker that has one.

const sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** What is kept with the tasks of a site, in the order of acceptance. */
async function kept({ siteId }: TestSite): Promise<[operation: string, traceparent: string | null][]> {
	const { rows } = await admin.query(
		"select operation, traceparent from muster.task where site_id = $1 order by number",
		[siteId],
	);
	return rows.map((row) => [row.operation, row.traceparent]);
}

const customers = [{ email: "ann@acme.com", displayName: "Ann" }, { email: "none" }];
const followed = { headers: { traceparent: sent } };

test("a traceparent is kept with every kind of task that a request makes", async () => {
	const site = await muster.aSite();
	const task = await site.run("customer/bulk", { customers }, followed);
	await site.post(`tasks/${task.taskId}/retry`, undefined, followed);
	await muster.worker.tick();
	await site.post(`tasks/${task.taskId}/undo`, undefined, followed);
	await site.post("customer/details/definitions/bulk", { detailFields: [{ name: "Plan" }] }, followed);
	await sendFile(site, customerLines(1), { query: "operation=customer", ...followed });
	expect(await kept(site)).toEqual([
		["customer", sent],
		["customer", sent],
		["customer.undo", sent],
		["customer.definitions", sent],
		["customer", sent],
	]);
});

test("one that is not sent, or is none, leaves nothing, also where it is saved together with others", async () => {
	const site = await muster.aSite();
	const headers = [{}, { traceparent: "ann@acme.com" }, followed.headers, { traceparent: sent.slice(0, -1) }];
	const answers = await Promise.all(
		headers.map((each) => site.post("customer/bulk", { customers }, { headers: each })),
	);
	expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
	expect((await kept(site)).filter(([, traceparent]) => traceparent !== null)).toEqual([["customer", sent]]);
	const { rows } = await admin.query(
		`select task_id as "taskId" from muster.task where site_id = $1 and traceparent is not null`,
		[site.siteId],
	);
	expect(rows).toEqual([{ taskId: answers[2]?.body.taskId }]);
});

test("an answer that was lost is made up for whatever follows the second try: the key decides", async () => {
	const site = await muster.aSite();
	const key = "same-key";
	const first = await site.post("customer/bulk", { customers }, { key, ...followed });
	const again = await site.post("customer/bulk", { customers }, { key });
	expect([again.status, again.body]).toEqual([first.status, first.body]);
	expect(await kept(site)).toEqual([["customer", sent]]);
});
