import { operationNamed } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	type Answered,
	type Ask,
	guideBase,
	startMuster,
	type TestMuster,
	type TestSite,
} from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const good = { email: "jane.smith@acme.com" };
const needsAcme = { email: "bob@acme.com", organizations: ["Acme"], clientRef: "row 2" };

/** A task of three items, of which the last two fail: one until Acme is there, the other one for ever. */
async function aTask(site: TestSite, query = ""): Promise<string> {
	const customers = [good, needsAcme, { email: "invalid-email" }];
	return (await site.run(`customer/profile/bulk${query}`, { customers })).taskId;
}

describe("the failed request of a task", () => {
	test("is the failed items as they were sent, digit by digit, in either base, and can be posted", async () => {
		const site = await muster.aSite();
		const text = `{"customers": [
			{"email": "jane.smith@acme.com"},
			{"email": "bob", "details": {"count": 12345678901234567890.10, "ok": true, "tags": ["ä", null]}, "colour": "red"},
			null
		]}`;
		const { taskId } = await site.run("customer/profile/bulk", text);
		for (const base of [guideBase, site.referenceBase]) {
			const answer = await site.get(`tasks/${taskId}/failed-request`, { base });
			expect(answer.status).toBe(200);
			expect(answer.text).toBe(
				'{"customers":[{"email":"bob","details":{"count":12345678901234567890.10,"ok":true,"tags":["ä",null]},"colour":"red"},null]}',
			);
		}
		const again = await site.run("customer/profile/bulk", (await failedRequest(site, taskId)).text);
		expect(again.summary).toMatchObject({ total: 2, failed: 2 });
	});

	test.each([
		["customer", "customers", { operationType: "CREATE", payload: { email: "none" } }],
		["customer.profile", "customers", { email: "none" }],
		[
			"customer.profile",
			"customerProfiles",
			{ operationType: "UPSERT", clientRef: "1", payload: { email: "none" } },
		],
		["customer.details", "customers", { email: "none@acme.com", details: [{ fieldId: "a", value: "b" }] }],
		[
			"customer.details",
			"customers",
			{ customerId: "qm:none", operations: [{ payload: { name: "a", values: ["b"] } }] },
		],
		["organization", "organizations", { id: "77" }],
		["organization.profile", "organizationProfiles", { payload: { id: "77" } }],
		[
			"organization.details",
			"organizations",
			{ organizationId: "77", operations: [{ payload: { name: "a" } }] },
		],
	] as const)("of %s is under %s for an item of its shape", async (name, key, item) => {
		const site = await muster.aSite();
		const { path } = operationNamed(name);
		const { taskId } = await site.run(path, { [key]: [item] });
		const { body } = await failedRequest(site, taskId);
		expect(body).toEqual({ [key]: [item] });
		expect((await site.run(path, body)).summary).toMatchObject({ total: 1, failed: 1 });
	});
});

describe("a retry", () => {
	test("sends what failed again as a new task, and leaves the old one as it was", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const before = (await site.get(`tasks/${taskId}`)).body;
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		const accepted = await retry(site, taskId);
		const retried = accepted.body.taskId;
		expect([accepted.status, accepted.headers.get("location"), accepted.body]).toEqual([
			202,
			`/api/v1/tasks/${retried}`,
			{ taskId: retried, statusUrl: `https://muster.test/api/v1/tasks/${retried}` },
		]);
		await muster.worker.tick();
		expect(await site.results(retried)).toEqual([
			{ index: 0, clientRef: "row 2", id: expect.any(String), key: "bob@acme.com", outcome: "created" },
			{ index: 1, key: "invalid-email", outcome: "failed", errors: [expect.anything()] },
		]);
		expect((await site.get(`tasks/${taskId}`)).body).toEqual(before);
		expect((await failedRequest(site, retried)).body).toEqual({ customers: [{ email: "invalid-email" }] });
	});

	test("without a key makes one task, however often and by however many it is asked for", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const together = await Promise.all(Array.from({ length: 10 }, () => retry(site, taskId)));
		await muster.worker.tick();
		const later = await retry(site, taskId, { base: site.referenceBase });
		const tasks = new Set([...together.map(({ body }) => body.taskId), later.body.id]);
		expect(tasks.size).toBe(1);
		const replayed = together.map(({ headers }) => headers.get("idempotency-replayed"));
		expect(replayed.toSorted()).toEqual([...Array(9).fill("true"), null].toSorted());
		expect([later.status, later.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
		const listed = (await site.get(`tasks?idempotencyKey=retry-of-${taskId}`)).body.results;
		expect(listed).toHaveLength(1);
		// What fails once more is retried by its own task.
		expect((await retry(site, listed[0].taskId)).body.taskId).not.toBe(listed[0].taskId);
	});

	test("under a key is a submission like any other", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const first = await retry(site, taskId, { key: "again-1" });
		const second = await retry(site, taskId, { key: "again-2" });
		const replayed = await retry(site, taskId, { key: "again-1" });
		expect(first.body.taskId).not.toBe(second.body.taskId);
		expect([replayed.body.taskId, replayed.headers.get("idempotency-replayed")]).toEqual([
			first.body.taskId,
			"true",
		]);
		// The very same request, posted by hand.
		const { body } = await failedRequest(site, taskId);
		const posted = await site.post("customer/profile/bulk", body, { key: "again-1" });
		expect(posted.body.taskId).toBe(first.body.taskId);
		await site.post("customer/profile/bulk", { customers: [good] }, { key: "used" });
		const guide = await retry(site, taskId, { key: "used" });
		const reference = await retry(site, taskId, { key: "used", base: site.referenceBase });
		for (const [answer, status] of [
			[guide, 422],
			[reference, 400],
		] as const) {
			expect([answer.status, answer.body.code]).toEqual([status, "idempotency_key_reused"]);
		}
		const invalid = await retry(site, taskId, { key: "two words" });
		expect([invalid.status, invalid.body.code]).toEqual([400, "idempotency_key_invalid"]);
	});

	test("of a dry run is a dry run", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site, "?dryRun=true");
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		const { body } = await retry(site, taskId);
		await muster.worker.tick();
		const task = (await site.get(`tasks/${body.taskId}`)).body;
		expect(task).toMatchObject({ dryRun: true, summary: { total: 2, created: 1, failed: 1 } });
		expect((await site.get("customers")).body.results).toEqual([]);
	});

	test("is waited for where the sender prefers that", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		await retry(site, taskId);
		await muster.worker.tick();
		const answer = await retry(site, taskId, { headers: { prefer: "wait=5" } });
		expect([answer.status, answer.headers.get("preference-applied"), answer.body.status]).toEqual([
			200,
			"wait=5",
			"COMPLETED",
		]);
	});

	test("keeps the digits of numbers", async () => {
		const site = await muster.aSite();
		const item = '{"email":"bob","details":{"count":1.50}}';
		const { taskId } = await site.run("customer/profile/bulk", `{"customers": [${item}]}`);
		const { body } = await retry(site, taskId);
		await muster.worker.tick();
		expect((await failedRequest(site, body.taskId)).text).toBe(`{"customers":[${item}]}`);
	});

	test("takes no corrections: a body that is more than an empty object is refused", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const refused = await retry(site, taskId, { body: { customers: [good] } });
		expect([refused.status, refused.body.code]).toEqual([400, "invalid_request"]);
		expect(refused.body.detail).toMatch(/^The body is not empty, .* Nothing was saved\.$/);
		expect((await retry(site, taskId, { body: "{ }" })).status).toBe(400);
		expect((await retry(site, taskId, { body: "{}\n" })).status).toBe(202);
	});

	test("needs the write scope of the task's operation", async () => {
		const site = await muster.aSite();
		const taskId = await aTask(site);
		const read = "read:task:jira-service-management";
		const { writeScope } = operationNamed("customer.profile");
		const refused = await retry(site, taskId, { token: await site.aToken([read]) });
		expect([refused.status, refused.body.detail]).toEqual([
			403,
			`This token lacks the scope ${writeScope}, which this address asks for.`,
		]);
		expect((await retry(site, taskId, { token: await site.aToken([read, writeScope]) })).status).toBe(202);
	});

	test("is turned away where the site has all the unfinished tasks that it may have", async () => {
		const site = await muster.aSite({ unfinishedTasksMax: 1 });
		const taskId = await aTask(site);
		await site.post("customer/bulk", { customers: [good] });
		const refused = await retry(site, taskId);
		expect([refused.status, refused.body.code]).toEqual([429, "too_many_tasks"]);
	});
});

describe.each(["failed-request", "retry"])("%s", (what) => {
	const ask = (site: TestSite, taskId: string, base: string): Promise<Answered> =>
		site.ask(what === "retry" ? "POST" : "GET", `tasks/${taskId}/${what}`, { base, key: null });

	test("of a task that has not ended, or where nothing failed, says so; of one that is not there, nothing", async () => {
		const site = await muster.aSite();
		const done = await site.run("customer/bulk", { customers: [good] });
		const waiting = (await site.post("customer/bulk", { customers: [good] })).body;
		for (const base of [guideBase, site.referenceBase]) {
			const early = await ask(site, waiting.taskId, base);
			expect([early.status, early.body.code, early.headers.get("retry-after")]).toEqual([
				409,
				"task_unfinished",
				"1",
			]);
			const needless = await ask(site, done.taskId, base);
			expect([needless.status, needless.body.code]).toEqual([409, "nothing_failed"]);
			for (const id of ["01890000-0000-7000-8000-000000000000", "none"]) {
				expect((await ask(site, id, base)).status).toBe(404);
			}
			const other = await muster.aSite();
			expect((await ask(other, done.taskId, base === guideBase ? base : other.referenceBase)).status).toBe(
				404,
			);
		}
	});
});

function failedRequest(site: TestSite, taskId: string): Promise<Answered> {
	return site.get(`tasks/${taskId}/failed-request`);
}

function retry(site: TestSite, taskId: string, asked: Ask = {}): Promise<Answered> {
	return site.ask("POST", `tasks/${taskId}/retry`, { key: null, ...asked });
}
