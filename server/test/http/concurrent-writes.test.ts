import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answered, startMuster, type TestMuster, type TestSite } from "../muster.ts";

// What is written directly and what tasks write meet in the database alone: here they meet as often as they can.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const email = "jane@acme.com";
const rounds = 30;

const put = (site: TestSite, path: string, body: unknown): Promise<Answered> =>
	site.ask("PUT", path, { body });

/** Submits one item and waits for its result. */
async function bulk(site: TestSite, path: string, item: unknown): Promise<{ outcome: string }> {
	const answer = await site.post(path, { customers: [item] }, { headers: { prefer: "wait=20" } });
	expect(answer.status, answer.text).toBe(200);
	return (await site.results(answer.body.taskId))[0];
}

function expectAll(answers: readonly Answered[], statuses: readonly number[]): void {
	for (const { status, text } of answers) expect(statuses, text).toContain(status);
}

test("edits and a bulk write of one record come one after the other: each keeps what only the others named", async () => {
	const site = await muster.aSite();
	const { customerId } = (await site.post("customer", { email })).body;
	for (let round = 1; round <= rounds; round += 1) {
		const value = String(round);
		const detail = (name: string): Promise<Answered> =>
			put(site, `customer/${customerId}/details?fieldName=${name}`, { values: [value] });
		const [edits, result, details] = await Promise.all([
			Promise.all([
				detail("one"),
				detail("two"),
				put(site, `customer/account/${customerId}`, { displayName: `Jane ${value}` }),
			]),
			bulk(site, "customer/profile/bulk", { email, details: { three: value, four: value } }),
			bulk(site, "customer/details/bulk", { customerId, details: [{ fieldId: "five", value }] }),
		]);
		expectAll(edits, [200]);
		expect([result.outcome, details.outcome]).toEqual(["updated", "updated"]);
		expect((await site.get(`customer/profile/${customerId}`)).body).toMatchObject({
			displayName: `Jane ${value}`,
			details: { one: value, two: value, three: value, four: value, five: value },
		});
	}
	expect(muster.troubles).toEqual([]);
});

test("many edits of one record at once are all done, and the newest of those with a stamp is what stays", async () => {
	const site = await muster.aSite();
	const { customerId } = (await site.post("customer/profile", { email, details: { plan: "none" } })).body;
	const stamps = Array.from(
		{ length: 30 },
		(_, number) => `2026-11-24T09:30:00.${100 + ((number * 7) % 30)}Z`,
	);
	const [edits, result] = await Promise.all([
		Promise.all(
			stamps.map((stamp, number) =>
				put(site, `customer/${customerId}/details?fieldName=plan`, {
					values: [String(number)],
					sourceUpdatedAt: stamp,
				}),
			),
		),
		bulk(site, "customer/profile/bulk", { email, displayName: "Jane", sourceUpdatedAt: stamps[0] }),
	]);
	expectAll(edits, [200, 409]);
	const newest = stamps.toSorted().at(-1) ?? "";
	expect(edits[stamps.indexOf(newest)]?.status).toBe(200);
	expect(["updated", "skipped"]).toContain(result.outcome);
	expect((await site.get(`customer/profile/${customerId}`)).body).toMatchObject({
		details: { plan: String(stamps.indexOf(newest)) },
		sourceUpdatedAt: newest,
	});
	expect(muster.troubles).toEqual([]);
});

test("a value that is set while its field is deleted is gone with it, or refused", async () => {
	const site = await muster.aSite({ unknownFields: "fail" });
	const { customerId } = (await site.post("customer", { email })).body;
	for (let round = 1; round <= rounds; round += 1) {
		await site.post("customer/details", { name: "Note" });
		const path = `customer/${customerId}/details?fieldName=note`;
		const [[edit], deleted] = await Promise.all([
			Promise.all([put(site, path, { values: ["left over"] })]),
			site.ask("DELETE", "customer/details/note?confirm=true"),
		]);
		expectAll([edit], [200, 400]);
		expect(deleted.status).toBe(204);
		await site.post("customer/details", { name: "Note" });
		expect((await site.get(path)).body.values, `round ${round}`).toEqual([]);
		await site.ask("DELETE", "customer/details/note?confirm=true");
	}
});

test("an option that is set while it is renamed is stored under its new name, or refused", async () => {
	const site = await muster.aSite();
	const { customerId } = (await site.post("customer", { email })).body;
	const type = { name: "SELECT", options: ["Option 0"] };
	await site.post("customer/details", { name: "Plan", type });
	const path = `customer/${customerId}/details?fieldName=plan`;
	for (let round = 1; round <= rounds; round += 1) {
		const [old, renamed] = [`Option ${round - 1}`, `Option ${round}`];
		await put(site, path, { values: [] });
		const [edit, change] = await Promise.all([
			put(site, path, { values: [old] }),
			put(site, "customer/details/plan", { options: [renamed], renameOptions: { [old]: renamed } }),
		]);
		expectAll([change], [200]);
		expectAll([edit], [200, 400]);
		const { values } = (await site.get(path)).body;
		expect(values, `round ${round}`).toEqual(edit.status === 200 ? [renamed] : []);
	}
});

test("a record that is deleted under a task is created anew by it, or gone: the task ends either way", async () => {
	const site = await muster.aSite();
	await site.post("organization", { name: "Acme" });
	for (let round = 1; round <= rounds; round += 1) {
		const { customerId } = (await site.post("customer/profile", { email, organizations: ["Acme"] })).body;
		const [result, deleted] = await Promise.all([
			bulk(site, "customer/profile/bulk", { email, displayName: "Jane", organizations: ["Acme"] }),
			site.ask("DELETE", `customer/account/${customerId}`),
		]);
		expect(deleted.status).toBe(204);
		expect(["created", "updated"]).toContain(result.outcome);
		const left = (await site.get("organization/1/customers")).body.results;
		expect(left.length).toBe(result.outcome === "created" ? 1 : 0);
		for (const customer of left) await site.ask("DELETE", `customer/account/${customer.customerId}`);
	}
	expect(muster.troubles).toEqual([]);
});
