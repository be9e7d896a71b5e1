import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emulatedSettings } from "../../src/domain/first-site.ts";
import { type Answered, type Ask, startMuster, type TestMuster, type TestSite } from "../muster.ts";

const slowSeconds = 60;
const timeoutSeconds = 1_800;
const optIn = { "x-experimentalapi": "true" };

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ emulation: { rates: {}, seed: 1, slowSeconds, timeoutSeconds } });
});
afterAll(() => muster.close());

describe("an emulated site", () => {
	test("turns the sixth unfinished task away, with 429 or in the reference's words with 400", async () => {
		const site = await anEmulatedSite();
		for (let count = 0; count < 5; count += 1)
			expect((await submit(site, `${count}@a.example`)).status).toBe(202);
		const ours = await submit(site, "six@a.example");
		expect([ours.status, ours.body.code, ours.headers.get("retry-after")]).toEqual([
			429,
			"too_many_tasks",
			"1",
		]);
		const theirs = await submit(site, "six@a.example", { base: site.referenceBase });
		expect([theirs.status, theirs.headers.get("retry-after")]).toEqual([400, "1"]);
		expect(theirs.body.errorMessages[0]).toMatch(/^Maximum number of tasks reached/);
		await muster.worker.tick();
		expect((await submit(site, "six@a.example")).status).toBe(202);
	});

	test("asks for the opt-in header", async () => {
		const site = await anEmulatedSite();
		const refused = await site.post("customer/bulk", { customers: [{ email: "ann@a.example" }] });
		expect([refused.status, refused.body.code]).toEqual([412, "opt_in_required"]);
	});

	test("fails an unknown detail field, and tells of a failure no more than the real service does", async () => {
		const site = await anEmulatedSite();
		const customers = [{ email: "ann@a.example" }, { email: "bob@a.example", details: { city: "Bonn" } }];
		const accepted = await site.post("customer/profile/bulk", { customers }, { headers: optIn });
		await muster.worker.tick();
		const { taskId } = accepted.body;
		expect((await look(site, taskId)).body).toEqual({
			taskId,
			status: "COMPLETED",
			createdDate: expect.any(String),
			completedDate: expect.any(String),
			failures: [{ index: 1, message: expect.stringMatching(/^Invalid detail field/) }],
		});
		expect((await look(site, taskId, site.referenceBase)).body).toEqual({
			id: taskId,
			type: "BULK_CUSTOMER_PROFILE_CREATE_UPDATE",
			status: "FINISHED",
			createdAt: expect.any(String),
			updatedAt: expect.any(String),
			failures: [
				{
					entity: "CUSTOMER",
					entityId: "bob@a.example",
					operation: "UPSERT",
					operatedOn: "CUSTOMER_ACCOUNT",
					operatedOnIds: ["city"],
					error: expect.stringMatching(/^Invalid detail field/),
				},
			],
		});
	});

	test("takes 50 detail fields, and 50 options of a field", async () => {
		const site = await anEmulatedSite();
		const define = (detailFields: readonly object[]): Promise<Answered> =>
			site.post("customer/details/definitions/bulk", { detailFields }, { headers: optIn });
		const aSelect = (count: number): object => ({
			name: "Plan",
			type: { name: "SELECT", options: names(count) },
		});
		const tooMany = await define([aSelect(51)]);
		expect([tooMany.status, tooMany.body.errors]).toEqual([
			400,
			[
				{
					code: "invalid_type",
					pointer: "/detailFields/0/type/options",
					message: "51 options were sent; 50 are allowed.",
				},
			],
		]);
		expect((await define([aSelect(50)])).status).toBe(202);
		const changed = await site.ask("PUT", "customer/details/plan", {
			body: { options: names(51) },
			headers: optIn,
		});
		expect([changed.status, changed.body.code]).toEqual([400, "invalid_detail_field"]);
		expect((await define(names(49).map((name) => ({ name })))).status).toBe(202);
		const full = await define([{ name: "one more" }]);
		expect([full.status, full.body.code]).toEqual([400, "detail_field_limit"]);
	});
});

describe("a fault that the header X-Emulate-Fault asks for", () => {
	test("429 and 503 come with Retry-After and save nothing, so the same key may be sent again", async () => {
		const site = await anEmulatedSite();
		const key = "refused-1";
		for (const [fault, status] of [
			["429", 429],
			["503", 503],
		] as const) {
			const refused = await submit(site, "ann@a.example", { key, headers: { "x-emulate-fault": fault } });
			expect([refused.status, refused.headers.get("retry-after")]).toEqual([status, "1"]);
		}
		const accepted = await submit(site, "ann@a.example", { key });
		expect([accepted.status, accepted.headers.get("idempotency-replayed")]).toEqual([202, null]);
	});

	test("lost cuts the connection when the task has been saved, so the same key finds it", async () => {
		const site = await anEmulatedSite();
		const key = "lost-1";
		await expect(
			submit(site, "ann@a.example", { key, headers: { "x-emulate-fault": "lost" } }),
		).rejects.toThrow("other side closed");
		const replayed = await submit(site, "ann@a.example", { key });
		expect([replayed.status, replayed.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
		const { results } = (await site.get("tasks", { headers: optIn })).body;
		expect(results).toEqual([expect.objectContaining({ taskId: replayed.body.taskId })]);
	});

	test("slow keeps the task unfinished for its time, and those behind it with it", async () => {
		const site = await anEmulatedSite();
		const { taskId } = (await submit(site, "ann@a.example", { headers: { "x-emulate-fault": "slow" } })).body;
		const behind = (await submit(site, "bob@a.example")).body.taskId;
		const statuses = async (): Promise<string[]> => [
			(await look(site, taskId)).body.status,
			(await look(site, behind)).body.status,
		];
		await muster.worker.tick();
		expect(await statuses()).toEqual(["PROCESSING", "PROCESSING"]);
		await age(site, slowSeconds);
		await muster.worker.tick();
		expect(await statuses()).toEqual(["COMPLETED", "COMPLETED"]);
	});

	test("failed ends the task as FAILED with nothing saved, and the same items under another key are carried out", async () => {
		const site = await anEmulatedSite();
		const { taskId } = (await submit(site, "ann@a.example", { headers: { "x-emulate-fault": "failed" } }))
			.body;
		await muster.worker.tick();
		expect((await look(site, taskId)).body).toMatchObject({
			status: "FAILED",
			failures: [
				{ index: 0, message: "This service is emulated, and fails this task. Nothing of it was saved." },
			],
		});
		const second = (await submit(site, "ann@a.example")).body;
		await muster.worker.tick();
		expect((await look(site, second.taskId)).body).toMatchObject({ status: "COMPLETED", failures: [] });
	});

	test("stuck keeps the task unfinished until it times out after half an hour, as FAILED", async () => {
		const site = await anEmulatedSite();
		const { taskId } = (await submit(site, "ann@a.example", { headers: { "x-emulate-fault": "stuck" } }))
			.body;
		await age(site, timeoutSeconds - 60);
		await muster.worker.tick();
		expect((await look(site, taskId)).body.status).toBe("PROCESSING");
		await age(site, 60);
		await muster.worker.tick();
		expect((await look(site, taskId)).body).toMatchObject({
			status: "FAILED",
			failures: [{ index: 0, message: "The task timed out. Nothing of it was saved." }],
		});
		expect((await site.get("customers", { headers: optIn })).body.results).toEqual([]);
	});

	test("meets uploads and downloads too, and the service goes on", async () => {
		const site = await anEmulatedSite();
		await submit(site, "ann@a.example");
		await muster.worker.tick();
		const file = `${JSON.stringify({ email: "bob@a.example", displayName: "B".repeat(200) })}\n`.repeat(200);
		const upload = (headers: Record<string, string>): Promise<Answered> =>
			site.post("imports?operation=customer", file, {
				headers: { ...optIn, "content-type": "application/x-ndjson", ...headers },
			});
		const refused = await upload({ "x-emulate-fault": "503" });
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
		expect((await upload({})).status).toBe(202);
		const download = (headers: Record<string, string>): Promise<Answered> =>
			site.get("customers/export?format=jsonl", { headers: { ...optIn, ...headers } });
		await expect(download({ "x-emulate-fault": "lost" })).rejects.toThrow("other side closed");
		expect((await download({})).text).toContain("ann@a.example");
	});

	test("is refused by name where there is none of it, and a task's fault without a key", async () => {
		const site = await anEmulatedSite();
		const refused = await submit(site, "ann@a.example", { headers: { "x-emulate-fault": "500" } });
		expect([refused.status, refused.body.detail]).toEqual([
			400,
			'The header X-Emulate-Fault is "500"; one of 429, 503, lost, slow, failed, stuck is expected. Nothing was saved.',
		]);
		const keyless = await site.get("customers", { headers: { ...optIn, "x-emulate-fault": "slow" } });
		expect([keyless.status, keyless.body.code]).toEqual([400, "idempotency_key_missing"]);
	});

	test("means nothing to a service that is not emulated", async () => {
		const real = await startMuster();
		try {
			const site = await real.aSite();
			const body = { customers: [{ email: "ann@a.example" }] };
			for (const fault of ["429", "503", "lost", "failed", "nonsense"]) {
				const accepted = await site.post("customer/bulk", body, { headers: { "x-emulate-fault": fault } });
				expect(accepted.status).toBe(202);
				await real.worker.tick();
				expect((await site.get(`tasks/${accepted.body.taskId}`)).body.status).toBe("COMPLETED");
			}
		} finally {
			await real.close();
		}
	});
});

function anEmulatedSite(): Promise<TestSite> {
	return muster.aSite(emulatedSettings);
}

function submit(site: TestSite, email: string, { headers, ...ask }: Ask = {}): Promise<Answered> {
	return site.post(
		"customer/bulk",
		{ customers: [{ email }] },
		{ ...ask, headers: { ...optIn, ...headers } },
	);
}

function look(site: TestSite, taskId: string, base?: string): Promise<Answered> {
	return site.get(`tasks/${taskId}`, { headers: optIn, ...(base === undefined ? {} : { base }) });
}

/** Makes the unfinished tasks of a site so many seconds older. */
async function age(site: TestSite, seconds: number): Promise<void> {
	await muster.database.inSite(site.siteId, (transaction) =>
		transaction.query(
			{
				name: "make-tasks-older",
				text: "update muster.task set accepted_at = accepted_at - make_interval(secs => $2) where site_id = $1 and ended_at is null",
			},
			[site.siteId, seconds],
		),
	);
}

function names(count: number): string[] {
	return Array.from({ length: count }, (_, place) => `name ${place}`);
}
