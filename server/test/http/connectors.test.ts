import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

// A connector is carried out by one process at a time, and what it has come to is never lost.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const begin = (site: TestSite, holder: string) => site.post("connectors", { name: "hubspot", holder });
const save = (site: TestSite, body: object) => site.ask("PUT", "connectors/hubspot", { body });

/** As if the process that holds it had said nothing for so long. */
async function letHoldRunOut({ siteId }: TestSite): Promise<void> {
	const statement = {
		name: "let-hold-run-out",
		text: "update muster.connector set held_until = clock_timestamp() where site_id = $1",
	};
	await muster.database.inSite(siteId, (transaction) => transaction.execute(statement, [siteId]));
}

test("of many processes that begin at once, one holds the connector", async () => {
	const site = await muster.aSite();
	const answers = await Promise.all(Array.from({ length: 12 }, () => begin(site, randomUUID())));
	expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(11).fill(409)]);
	expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
		code: "connector_held",
		detail: expect.stringMatching(
			/^Another process carries out the connector "hubspot"\. Its hold runs out in \d+ s/,
		),
	});
	expect((await site.get("connectors/hubspot/runs")).body.results).toHaveLength(1);
});

test("who has died is followed after its time, in the same run and with its state, and cannot save any more", async () => {
	const site = await muster.aSite();
	const [dead, next] = [randomUUID(), randomUUID()];
	const { run } = (await begin(site, dead)).body;
	await save(site, { holder: dead, state: { after: "17" } });
	expect((await begin(site, next)).status).toBe(409);
	await letHoldRunOut(site);
	const taken = await begin(site, next);
	expect(taken.body).toMatchObject({
		state: { after: "17" },
		run: { runId: run.runId, status: "RUNNING" },
	});
	const late = await save(site, { holder: dead, state: { after: "0" } });
	expect([late.status, late.body.code]).toEqual([409, "connector_held"]);
	expect((await site.get("connectors/hubspot")).body.state.after).toBe("17");
});

test("a stopped or failed run is gone on with at once, and only a completed one is followed by a new one", async () => {
	const site = await muster.aSite();
	const ids: string[] = [];
	for (const status of ["STOPPED", "FAILED", "COMPLETED", "COMPLETED"]) {
		const holder = randomUUID();
		ids.push((await begin(site, holder)).body.run.runId);
		// Sent twice, as after a lost answer, it is the same.
		for (const _ of [1, 2]) {
			const saved = await save(site, { holder, report: { status }, status });
			expect(saved.body).toMatchObject({ heldSeconds: 0, run: { status, report: { status } } });
		}
	}
	expect(new Set(ids).size).toBe(2);
	const { results } = (await site.get("connectors/hubspot/runs")).body;
	expect(results.map(({ runId }: { runId: string }) => runId)).toEqual([ids[3], ids[0]]);
});

test("numbers of a state keep their digits", async () => {
	const site = await muster.aSite();
	const holder = randomUUID();
	await begin(site, holder);
	await site.ask("PUT", "connectors/hubspot", {
		body: `{"holder":"${holder}","state":{"id":12345678901234567890,"part":1.50}}`,
	});
	const statement = { name: "state", text: "select state from muster.connector where site_id = $1" };
	const [row] = await muster.database.inSite(site.siteId, (transaction) =>
		transaction.query(statement, [site.siteId]),
	);
	expect(row).toEqual({ state: '{"id":12345678901234567890,"part":1.50}' });
});
