import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const path = "customer/profile/bulk";

async function send(site: TestSite, ...customers: object[]): Promise<string> {
	return (await site.run(path, { customers })).taskId;
}

/** Undoes, lets the worker work, and gives the ended task with the results of its items. */
async function undo(site: TestSite, taskId: string, query = "") {
	const answer = await site.ask("POST", `tasks/${taskId}/undo${query}`);
	expect(answer.status).toBe(202);
	await muster.worker.tick();
	const { body } = await site.get(`tasks/${answer.body.taskId}`);
	return { ...body, results: await site.results(answer.body.taskId) };
}

async function customers(site: TestSite) {
	const { results } = (await site.get("customers")).body;
	return results.map(({ createdDate: _, updatedDate: __, ...rest }: Record<string, unknown>) => rest);
}

const counts = { total: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };

describe("an undo", () => {
	test("is a task of its own: what was created goes, what was changed has its old values, the rest stays", async () => {
		const site = await muster.aSite();
		await send(site, { email: "ann@acme.com", displayName: "Ann", details: { plan: "Free" } });
		const before = await customers(site);
		const taskId = await send(
			site,
			{ email: "bob@acme.com" },
			{
				email: "ann@acme.com",
				displayName: "Anna",
				details: { plan: "Gold", city: "Oslo" },
				clientRef: "row 2",
			},
			{ email: "none" },
			{ email: "bob@acme.com", displayName: "bob" },
		);
		const undone = await undo(site, taskId);
		expect(undone).toMatchObject({
			status: "COMPLETED",
			operation: "customer.undo",
			summary: { ...counts, total: 4, updated: 1, unchanged: 2, deleted: 1 },
			failures: [],
		});
		expect(undone.results).toEqual([
			{ index: 0, id: expect.stringMatching(/^qm:/), key: "bob@acme.com", outcome: "deleted" },
			{
				index: 1,
				clientRef: "row 2",
				id: expect.stringMatching(/^qm:/),
				key: "ann@acme.com",
				outcome: "updated",
			},
			{ index: 2, key: "none", outcome: "unchanged" },
			{ index: 3, id: expect.stringMatching(/^qm:/), key: "bob@acme.com", outcome: "unchanged" },
		]);
		expect(await customers(site)).toEqual(before);
		const task = (await site.get(`tasks/${undone.taskId}`, { base: site.referenceBase })).body;
		expect(task).toMatchObject({ type: "BULK_CUSTOMER_UNDO", status: "FINISHED" });
		expect((await site.get("tasks?operation=customer.undo")).body.results).toHaveLength(1);
	});

	test("leaves what was changed since, by a task or by hand, and says so item by item", async () => {
		const site = await muster.aSite();
		await send(site, { email: "ann@acme.com", details: { plan: "Free", city: "Oslo" } });
		const taskId = await send(
			site,
			{ email: "ann@acme.com", details: { plan: "Gold", city: "Rome" } },
			{ email: "bob@acme.com" },
			{ email: "cid@acme.com" },
		);
		await send(site, { email: "ann@acme.com", details: { plan: "Platinum" } });
		const [, bob, cid] = (await site.results(taskId)).map(({ id }) => id);
		await site.ask("PUT", `customer/account/${bob}`, { body: { displayName: "Bob" } });
		await site.ask("DELETE", `customer/account/${cid}`);
		const { summary, results } = await undo(site, taskId);
		expect(summary).toEqual({ ...counts, total: 3, updated: 1, skipped: 2 });
		expect(results).toMatchObject([
			{
				outcome: "updated",
				errors: [{ code: "changed_since", message: "details.plan was changed since, so it stays." }],
			},
			{
				outcome: "skipped",
				errors: [{ code: "changed_since", message: '"bob@acme.com" was changed since, so it stays.' }],
			},
			{
				outcome: "skipped",
				errors: [{ code: "changed_since", message: 'The customer "cid@acme.com" was deleted since.' }],
			},
		]);
		expect(await customers(site)).toMatchObject([
			{ email: "ann@acme.com", details: { plan: "Platinum", city: "Oslo" } },
			{ email: "bob@acme.com", displayName: "Bob" },
		]);
	});

	test("gives exchanged emails back, and not one that somebody else has since", async () => {
		const site = await muster.aSite();
		const made = await send(
			site,
			{ email: "ann@acme.com" },
			{ email: "bob@acme.com" },
			{ email: "cid@acme.com" },
		);
		const [ann, bob, cid] = (await site.results(made)).map(({ id }) => id);
		const taskId = await send(
			site,
			{ customerId: ann, email: "swap@acme.com" },
			{ customerId: bob, email: "ann@acme.com" },
			{ customerId: ann, email: "bob@acme.com" },
			{ customerId: cid, email: "new@acme.com" },
		);
		await send(site, { email: "cid@acme.com", displayName: "Another" });
		const { summary, results } = await undo(site, taskId);
		expect(summary).toEqual({ ...counts, total: 4, updated: 3, skipped: 1 });
		expect(results[3]).toMatchObject({
			outcome: "skipped",
			errors: [
				{ code: "changed_since", message: 'The email "cid@acme.com" belongs to another customer since.' },
			],
		});
		const emails = Object.fromEntries(
			(await site.get("customers")).body.results.map(({ customerId, email }: Record<string, string>) => [
				customerId,
				email,
			]),
		);
		expect(emails).toMatchObject({ [ann]: "ann@acme.com", [bob]: "bob@acme.com", [cid]: "new@acme.com" });
	});

	test("takes associations away that the task has made, but no entitlement that somebody has worked on", async () => {
		const site = await muster.aSite();
		for (const name of ["Gold", "Support"]) await site.post("product", { name });
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }, { name: "Globex" }] });
		await send(site, { email: "ann@acme.com", organizations: ["Acme"] });
		const before = await customers(site);
		const taskId = await send(site, {
			email: "ann@acme.com",
			organizations: ["Acme", "Globex"],
			products: ["Gold", "Support"],
		});
		const { customerId } = before[0];
		const { results: entitlements } = (await site.get(`customer/${customerId}/entitlement`)).body;
		const support = entitlements.find(
			({ product }: { product: { name: string } }) => product.name === "Support",
		);
		await site.ask("PUT", `entitlement/${support.id}/details?fieldName=level`, {
			body: { values: ["high"] },
		});
		const { results } = await undo(site, taskId);
		expect(results).toMatchObject([
			{ outcome: "updated", errors: [{ message: "An entitlement was changed since, so it stays." }] },
		]);
		expect(await customers(site)).toEqual([
			{ ...before[0], products: [{ id: expect.anything(), name: "Support" }] },
		]);
		const { results: entries } = (await site.get(`customer/${customerId}/history?limit=1`)).body;
		expect(entries).toMatchObject([
			{
				operation: "customer.undo",
				changes: [
					{ field: "organizations", before: ["2"], after: null },
					{ field: "products", before: [expect.anything()], after: null },
				],
			},
		]);
	});

	test("keeps an organization that has got members since, and gives its older sourceUpdatedAt back", async () => {
		const site = await muster.aSite();
		const older = { name: "Acme", sourceUpdatedAt: "2026-01-01T00:00:00Z", details: { size: 1 } };
		await site.run("organization/profile/bulk", { organizations: [older] });
		const { taskId } = await site.run("organization/profile/bulk", {
			organizations: [
				{ ...older, sourceUpdatedAt: "2026-02-01T00:00:00Z", details: { size: 2 } },
				{ name: "Globex" },
			],
		});
		await send(site, { email: "ann@acme.com", organizations: ["Globex"] });
		expect((await undo(site, taskId)).summary).toEqual({ ...counts, total: 2, updated: 1, skipped: 1 });
		const again = await site.run("organization/profile/bulk", {
			organizations: [{ ...older, sourceUpdatedAt: "2026-01-15T00:00:00Z", details: { size: 3 } }],
		});
		expect(again.summary).toMatchObject({ updated: 1 });
	});

	test("as a dry run says what would be, field by field, and writes nothing", async () => {
		const site = await muster.aSite();
		await send(site, { email: "ann@acme.com", details: { plan: "Free" } });
		const taskId = await send(
			site,
			{ email: "ann@acme.com", details: { plan: "Gold" } },
			{ email: "bob@acme.com" },
		);
		const before = (await site.get("customers")).body;
		const preview = await undo(site, taskId, "?dryRun=true");
		expect(preview).toMatchObject({ dryRun: true, summary: { ...counts, total: 2, updated: 1, deleted: 1 } });
		expect(preview.results).toMatchObject([
			{ outcome: "updated", changes: [{ field: "details.plan", before: "Gold", after: "Free" }] },
			{
				outcome: "deleted",
				changes: [
					{ field: "email", before: "bob@acme.com", after: null },
					{ field: "displayName", before: "bob", after: null },
				],
			},
		]);
		expect((await site.get("customers")).body).toEqual(before);
		await undo(site, taskId, "?dryRun=true");
		expect((await undo(site, taskId)).summary).toEqual(preview.summary);
	});

	test("is done once, however often it is asked for, and once more under a key of its own", async () => {
		const site = await muster.aSite();
		const taskId = await send(site, { email: "ann@acme.com" });
		const first = await site.ask("POST", `tasks/${taskId}/undo`, { key: null });
		const second = await site.ask("POST", `tasks/${taskId}/undo`, { key: null, base: site.referenceBase });
		expect([second.status, second.body.id]).toEqual([202, first.body.taskId]);
		expect(second.headers.get("idempotency-replayed")).toBe("true");
		await muster.worker.tick();
		expect(await customers(site)).toEqual([]);
		const third = await site.ask("POST", `tasks/${taskId}/undo`, { key: "again" });
		await muster.worker.tick();
		expect((await site.get(`tasks/${third.body.taskId}`)).body.summary).toEqual({
			...counts,
			total: 1,
			skipped: 1,
		});
	});

	test("cannot tell what was done while no history was kept, and leaves that alone", async () => {
		const site = await muster.aSite();
		await send(site, { email: "ann@acme.com", details: { plan: "Free" } });
		await site.ask("PUT", "settings", { body: { history: false } });
		const taskId = await send(
			site,
			{ email: "ann@acme.com", details: { plan: "Gold" } },
			{ email: "bob@acme.com" },
		);
		const before = await customers(site);
		const { summary, results } = await undo(site, taskId);
		expect(summary).toEqual({ ...counts, total: 2, skipped: 2 });
		expect(results).toMatchObject([
			{ errors: [{ code: "history_missing" }] },
			{ errors: [{ code: "history_missing" }] },
		]);
		expect(await customers(site)).toEqual(before);
	});

	test("comes between the tasks that were accepted before and after it", async () => {
		const site = await muster.aSite();
		const ann = (plan: string) => ({ customers: [{ email: "ann@acme.com", details: { plan } }] });
		const taskId = await send(site, ...ann("Free").customers, { email: "bob@acme.com" });
		await site.post(path, { customers: [{ email: "bob@acme.com", displayName: "Bob" }] });
		const asked = await site.ask("POST", `tasks/${taskId}/undo`);
		await site.post(path, ann("Gold"));
		await muster.worker.tick();
		expect((await site.get(`tasks/${asked.body.taskId}`)).body.summary).toEqual({
			...counts,
			total: 2,
			skipped: 1,
			deleted: 1,
		});
		expect(await customers(site)).toMatchObject([
			{ email: "bob@acme.com" },
			{ email: "ann@acme.com", details: { plan: "Gold" } },
		]);
	});
});

describe("there is nothing to undo", () => {
	test.each<[string, (site: TestSite) => Promise<string>, string]>([
		[
			"of a dry run",
			async (site) =>
				(await site.run(`${path}?dryRun=true`, { customers: [{ email: "a@acme.com" }] })).taskId,
			"dry run",
		],
		["of a task that changed nothing", (site) => send(site, { email: "none" }), "changed no record"],
		[
			"of made detail fields",
			async (site) =>
				(
					await site.post("customer/details/definitions/bulk", {
						detailFields: [{ name: "Plan", type: { name: "TEXT" } }],
					})
				).body.taskId,
			"detail fields",
		],
		[
			"of an undo",
			async (site) => (await undo(site, await send(site, { email: "a@acme.com" }))).taskId,
			"undo itself",
		],
	])("%s", async (_what, taskIn, words) => {
		const site = await muster.aSite();
		const taskId = await taskIn(site);
		for (const base of [guideBase, site.referenceBase]) {
			const { status, body } = await site.ask("POST", `tasks/${taskId}/undo`, { base });
			expect([status, body.code]).toEqual([409, "nothing_to_undo"]);
			expect(body.detail).toContain(words);
		}
	});
});

test("a token needs the scope of the task's operation, and an undo is neither retried nor sent again by hand", async () => {
	const site = await muster.aSite();
	const taskId = await send(site, { email: "ann@acme.com" });
	const reader = await site.aToken(["read:task:jira-service-management"]);
	expect((await site.ask("POST", `tasks/${taskId}/undo`, { token: reader })).status).toBe(403);
	expect((await site.ask("POST", `tasks/${taskId}/undo`, { body: { items: [1] } })).status).toBe(400);
	const undone = await undo(site, taskId);
	expect((await site.ask("POST", `tasks/${undone.taskId}/retry`)).body.code).toBe("nothing_failed");
	expect((await site.get(`tasks/${undone.taskId}/failed-request`)).body.code).toBe("nothing_failed");
});
