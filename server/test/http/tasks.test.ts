import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

/** One whose worker works when a test says so, and one whose worker works by itself. */
let muster: TestMuster;
let running: TestMuster;
beforeAll(async () => {
	[muster, running] = await Promise.all([startMuster(), startMuster({ workerStarted: true })]);
});
afterAll(() => Promise.all([muster.close(), running.close()]));

const path = "customer/bulk";
const email = "jane.smith@acme.com";
const jane = { customers: [{ email }] };

async function submit(site: TestSite, body: unknown = jane, to = path): Promise<string> {
	return (await site.post(to, body)).body.taskId;
}

describe("a task that is not there", () => {
	test.each([guideBase, "reference"])(
		"is 404 byte for byte alike, whether unknown or another site's (%s)",
		async (which) => {
			const [site, other] = [await muster.aSite(), await muster.aSite()];
			const theirs = await submit(other);
			const base = which === guideBase ? guideBase : site.referenceBase;
			const headers = { "x-request-id": "request-1" };
			for (const suffix of ["", "/results"]) {
				const answers = await Promise.all(
					[theirs, randomUUID()].map(async (taskId) => {
						const { status, text } = await site.get(`tasks/${taskId}${suffix}`, { base, headers });
						return [status, text.replaceAll(taskId, "<id>")];
					}),
				);
				expect(answers[0]).toEqual(answers[1]);
				expect(answers[0]?.[0]).toBe(404);
			}
			expect((await site.get("tasks", { base })).body).toEqual({ results: [] });
			expect((await other.get(`tasks/${theirs}`)).status).toBe(200);
		},
	);

	test("is 404 for everything that is no id as ours are written", async () => {
		const site = await muster.aSite();
		const taskId = await submit(site);
		for (const id of [
			taskId.toUpperCase(),
			`{${taskId}}`,
			`${taskId}%20`,
			"1",
			"null",
			"%00",
			"..%2ftasks",
		]) {
			expect([id, (await site.get(`tasks/${id}`)).status]).toEqual([id, 404]);
		}
	});

	test("is also one past its time of keeping, and its key is free again", async () => {
		const site = await muster.aSite({ retentionDays: 3 });
		const old = await site.run(path, jane, { key: "key-1" });
		const young = await site.run(path, jane, { key: "key-2" });
		const unfinished = await submit(site);
		const admin = new pg.Client({ connectionString: muster.databaseUrl });
		await admin.connect();
		await admin.query("select set_config('muster.site', $1, false)", [site.siteId]);
		const age =
			"update muster.task set accepted_at = now() - $2 * interval '1 hour', ended_at = ended_at - $2 * interval '1 hour' where task_id = $1";
		await admin.query(age, [old.taskId, 73]);
		await admin.query(age, [young.taskId, 71]);
		await admin.query(age, [unfinished, 1000]);
		await admin.end();
		expect(await deleteOldTasks(muster.database)).toBe(1);
		const statuses = [old.taskId, young.taskId, unfinished].map(
			async (id) => (await site.get(`tasks/${id}`)).status,
		);
		expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
		const again = await site.post(path, jane, { key: "key-1" });
		expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, null]);
		expect((await site.get("customers")).body.results).toHaveLength(1);
	});
});

describe("waiting", () => {
	test("?wait on a task is answered when it ends, in either dialect", async () => {
		for (const dialect of ["guide", "reference"]) {
			const site = await muster.aSite();
			const base = dialect === "guide" ? guideBase : site.referenceBase;
			const taskId = await submit(site);
			const [waited] = await Promise.all([
				site.get(`tasks/${taskId}?wait=30`, { base }),
				muster.worker.tick(),
			]);
			expect(waited.body).toEqual((await site.get(`tasks/${taskId}`, { base })).body);
			expect(waited.body.status).toBe(dialect === "guide" ? "COMPLETED" : "FINISHED");
			expect(waited.headers.get("retry-after")).toBe(null);
		}
	});

	test("Prefer: wait on a task does the same", async () => {
		const site = await muster.aSite();
		const taskId = await submit(site);
		const headers = { prefer: "respond-async, wait=30" };
		const [waited] = await Promise.all([site.get(`tasks/${taskId}`, { headers }), muster.worker.tick()]);
		expect(waited.body.status).toBe("COMPLETED");
	});

	test("?wait is answered with the unfinished task when the time is over", async () => {
		const site = await muster.aSite();
		const taskId = await submit(site);
		const started = performance.now();
		const waited = await site.get(`tasks/${taskId}?wait=1`);
		expect(performance.now() - started).toBeGreaterThan(990);
		expect([waited.status, waited.body.status, waited.headers.get("retry-after")]).toEqual([
			200,
			"PROCESSING",
			"1",
		]);
	});

	test("?wait=0 and the wait for a task that has ended are answered at once", async () => {
		const site = await muster.aSite();
		const taskId = await submit(site);
		expect((await site.get(`tasks/${taskId}?wait=0`)).body.status).toBe("PROCESSING");
		await muster.worker.tick();
		expect((await site.get(`tasks/${taskId}?wait=30`)).body.status).toBe("COMPLETED");
		expect((await site.get(`tasks/${randomUUID()}?wait=30`)).status).toBe(404);
	});

	test.each(["31", "-1", "1.5", "soon", "", "1e1"])("?wait=%s is refused", async (wait) => {
		const site = await muster.aSite();
		const refused = await site.get(`tasks/${await submit(site)}?wait=${wait}`);
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"invalid_request",
			`The query parameter wait is ${JSON.stringify(wait)}; a whole number from 0 to 30 is allowed.`,
		]);
	});

	test("Prefer: wait on a submission is answered with the finished task, in either dialect", async () => {
		for (const dialect of ["guide", "reference"]) {
			const site = await running.aSite();
			const base = dialect === "guide" ? guideBase : site.referenceBase;
			const answer = await site.post(path, jane, { base, headers: { prefer: "wait=20" } });
			expect([answer.status, answer.headers.get("preference-applied")]).toEqual([200, "wait=20"]);
			const taskId = answer.body.taskId ?? answer.body.id;
			expect(answer.headers.get("location")).toBe(`${base}/tasks/${taskId}`);
			expect(answer.body).toEqual((await site.get(`tasks/${taskId}`, { base })).body);
			expect(answer.body.summary).toMatchObject({ total: 1, created: 1 });
		}
	});

	test("of many submissions at once is answered for each", async () => {
		const site = await running.aSite();
		const answers = await Promise.all(
			Array.from({ length: 40 }, (_, number) =>
				site.post(
					path,
					{ customers: [{ email: `customer-${number}@acme.com` }] },
					{ headers: { prefer: "wait=20" } },
				),
			),
		);
		expect(answers.map((answer) => [answer.status, answer.body.status])).toEqual(
			answers.map(() => [200, "COMPLETED"]),
		);
	});

	test.each([
		["wait=1000", "wait=30"],
		['wait="20"; foo', "wait=20"],
		["return=minimal, wait=20", "wait=20"],
		["WAIT = 20", "wait=20"],
	])("Prefer: %s is understood as %s", async (prefer, applied) => {
		const site = await running.aSite();
		const answer = await site.post(path, jane, { headers: { prefer } });
		expect([answer.status, answer.headers.get("preference-applied")]).toEqual([200, applied]);
	});

	test.each(["wait", "wait=", "wait=soon", "wait=-1", "await=20", "respond-async"])(
		"Prefer: %s asks for no wait",
		async (prefer) => {
			const site = await muster.aSite();
			const answer = await site.post(path, jane, { headers: { prefer } });
			expect([answer.status, answer.headers.get("preference-applied")]).toEqual([202, null]);
		},
	);
});

describe("the list of tasks", () => {
	/** Four tasks: a good one, one with failures, one of another operation, and one that is unfinished. */
	async function prepare(): Promise<{ site: TestSite; ids: string[] }> {
		const site = await muster.aSite();
		const ids = [
			(await site.post(path, jane, { key: "good" })).body.taskId,
			(await site.post(path, { customers: [{ email }, {}] }, { key: "bad" })).body.taskId,
			(await site.post("organization/bulk", { organizations: [{ name: "Acme" }] }, { key: "good" })).body
				.taskId,
		];
		await muster.worker.tick();
		ids.push((await site.post(path, jane, { key: "waiting" })).body.taskId);
		return { site, ids };
	}

	test("shows the site's tasks newest first, each as it is by itself, in either dialect", async () => {
		const { site, ids } = await prepare();
		for (const base of [guideBase, site.referenceBase]) {
			const each = await Promise.all(ids.map(async (id) => (await site.get(`tasks/${id}`, { base })).body));
			expect((await site.get("tasks", { base })).body).toEqual({ results: each.reverse() });
		}
		await muster.worker.tick();
	});

	test.each<[string, number[]]>([
		["status=PROCESSING", [3]],
		["status=NOT_STARTED", [3]],
		["status=IN_PROGRESS", [3]],
		["status=COMPLETED", [2, 1, 0]],
		["status=FINISHED", [2, 1, 0]],
		["status=FAILED", []],
		["operation=customer", [3, 1, 0]],
		["operation=organization", [2]],
		["operation=customer.details", []],
		["hasFailures=true", [1]],
		["hasFailures=false", [3, 2, 0]],
		["idempotencyKey=good", [2, 0]],
		["idempotencyKey=GOOD", []],
		["idempotencyKey=", []],
		["idempotencyKey=good&operation=customer&status=FINISHED&hasFailures=false", [0]],
		["status=COMPLETED&limit=1", [2]],
	])("filtered by %s", async (query, places) => {
		const { site, ids } = await prepare();
		const { results } = (await site.get(`tasks?${query}`)).body;
		expect(results.map((task: { taskId: string }) => task.taskId)).toEqual(places.map((place) => ids[place]));
		await muster.worker.tick();
	});

	test.each([
		[
			"status=DONE",
			'The query parameter status is "DONE"; PROCESSING, NOT_STARTED, IN_PROGRESS, COMPLETED, FINISHED, FAILED are allowed.',
		],
		["hasFailures=yes", 'The query parameter hasFailures is "yes"; true, false are allowed.'],
		["limit=0", 'The query parameter limit is "0"; a whole number from 1 to 100 is allowed.'],
		["limit=101", 'The query parameter limit is "101"; a whole number from 1 to 100 is allowed.'],
		["limit=ten", 'The query parameter limit is "ten"; a whole number from 1 to 100 is allowed.'],
		["cursor=abc", 'The query parameter cursor is "abc"; take it from nextCursor of the page before.'],
		["cursor=", 'The query parameter cursor is ""; take it from nextCursor of the page before.'],
		["limit=1&limit=2", "The query parameter limit came more than once."],
		[
			"hasFailure=true",
			'The query parameter "hasFailure" is not known here; did you mean hasFailures? (known: status, operation, hasFailures, withFailures, idempotencyKey, limit, cursor).',
		],
		["idempotencyKey=a%00b", 'The query parameter idempotencyKey is "a\\u0000b"; U+0000 is not allowed.'],
	])("asked for by %s is refused by name", async (query, detail) => {
		const site = await muster.aSite();
		const refused = await site.get(`tasks?${query}`);
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"invalid_request",
			detail,
		]);
	});

	test("is paged without gap or repetition, also while tasks are added", async () => {
		const site = await muster.aSite();
		const ids: string[] = [];
		for (let number = 0; number < 12; number += 1) ids.push(await submit(site));
		for (const limit of [1, 5, 6, 11, 12, 13]) {
			const seen: string[] = [];
			let cursor = "";
			do {
				const { results, nextCursor } = (await site.get(`tasks?limit=${limit}${cursor}`)).body;
				expect(results.length).toBeLessThanOrEqual(limit);
				seen.push(...results.map((task: { taskId: string }) => task.taskId));
				cursor = nextCursor === undefined ? "" : `&cursor=${nextCursor}`;
				// It comes ahead of the first page, so the pages behind do not see it.
				if (cursor !== "") ids.push(await submit(site));
			} while (cursor !== "");
			expect(seen).toEqual(ids.slice(0, seen.length).reverse());
			expect(seen.at(-1)).toBe(ids[0]);
		}
		await muster.worker.tick();
	});
});

describe("the results of a task", () => {
	/** created, failed, unchanged, updated, and so on. */
	const customers = Array.from({ length: 20 }, (_, number) => [
		{ email: `customer-${number}@acme.com`, clientRef: `row ${number}` },
		{ email: "invalid-email", clientRef: `row ${number}` },
		{
			operationType: "UPSERT",
			clientRef: `row ${number}`,
			payload: { email: `customer-${number}@acme.com` },
		},
		{ email: `customer-${number}@acme.com`, displayName: "Changed" },
	]).flat();
	const outcomes = ["created", "failed", "unchanged", "updated"];

	test("are empty while it is unfinished, then one for each item, alike in both dialects", async () => {
		const site = await muster.aSite();
		const taskId = await submit(site, { customers: customers.slice(0, 4) });
		expect((await site.get(`tasks/${taskId}/results`)).body).toEqual({ results: [] });
		await muster.worker.tick();
		const id = expect.stringMatching(new RegExp(`^qm:${site.siteId}:[0-9a-f-]{36}$`));
		const key = "customer-0@acme.com";
		const expected = {
			results: [
				{ index: 0, clientRef: "row 0", id, key, outcome: "created" },
				{
					index: 1,
					clientRef: "row 0",
					key: "invalid-email",
					outcome: "failed",
					errors: [
						{
							code: "invalid_email",
							pointer: "/email",
							message: 'Invalid email format: "invalid-email" has no @.',
						},
					],
				},
				{ index: 2, clientRef: "row 0", id, key, outcome: "unchanged" },
				{ index: 3, id, key, outcome: "updated" },
			],
		};
		expect((await site.get(`tasks/${taskId}/results`)).body).toEqual(expected);
		const inReference = await site.get(`tasks/${taskId}/results`, { base: site.referenceBase });
		expect(inReference.body).toEqual(expected);
	});

	test("are paged in every size, with and without a filter, and add up to the summary", async () => {
		const site = await muster.aSite();
		const task = await site.run("customer/profile/bulk", { customers });
		const { results: all } = (await site.get(`tasks/${task.taskId}/results?limit=100`)).body;
		expect(all.map((result: { index: number }) => result.index)).toEqual(customers.map((_, index) => index));
		expect(task.summary).toEqual({
			total: 80,
			created: 20,
			updated: 20,
			unchanged: 20,
			skipped: 0,
			failed: 20,
		});
		const sizes = [1, 2, 7, 19, 20, 21, 50, 79, 80, 81, 100];
		for (const outcome of [undefined, ...outcomes, "skipped"]) {
			const expected = all.filter(
				(result: { outcome: string }) => outcome === undefined || result.outcome === outcome,
			);
			for (const limit of sizes.filter((size) => size > 2 || outcome === "failed")) {
				const filter = outcome === undefined ? "" : `&outcome=${outcome}`;
				const pages: unknown[][] = [];
				for (let cursor = ""; ; ) {
					const { body } = await site.get(`tasks/${task.taskId}/results?limit=${limit}${filter}${cursor}`);
					pages.push(body.results);
					if (body.nextCursor === undefined) break;
					cursor = `&cursor=${body.nextCursor}`;
				}
				expect(pages.flat()).toEqual(expected);
				// No page is larger than asked, and no empty one follows a full one.
				expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)));
			}
		}
		expect((await site.get(`tasks/${task.taskId}/results`)).body.results).toHaveLength(50);
	});

	test.each(["limit=0", "limit=101", "outcome=done", "cursor=x", "status=failed"])(
		"refuse %s",
		async (query) => {
			const site = await muster.aSite();
			const task = await site.run(path, jane);
			const refused = await site.get(`tasks/${task.taskId}/results?${query}`);
			expect([refused.status, refused.body.code]).toEqual([400, "invalid_request"]);
		},
	);
});

describe("order", () => {
	test("thirty tasks about one record, one after the other, end with the last one's value", async () => {
		const site = await running.aSite();
		let taskId = "";
		for (let number = 1; number <= 30; number += 1) {
			const details = { [`field ${number % 3}`]: `${number}` };
			taskId = await submit(
				site,
				{ customers: [{ email, displayName: `Name ${number}`, details }] },
				"customer/profile/bulk",
			);
		}
		await site.get(`tasks/${taskId}?wait=20`);
		const { results } = (await site.get("tasks?limit=100")).body;
		expect(results.map((task: { status: string }) => task.status)).toEqual(Array(30).fill("COMPLETED"));
		expect((await site.get("customers")).body.results).toMatchObject([
			{ displayName: "Name 30", details: { "field-0": "30", "field-1": "28", "field-2": "29" } },
		]);
	});

	test("tasks of several operations about one record take effect in the order of acceptance", async () => {
		const site = await running.aSite();
		let taskId = "";
		for (let number = 0; number < 10; number += 1) {
			await submit(site, { customers: [{ email, displayName: `Account ${number}` }] });
			const customers = [{ email, displayName: `Profile ${number}`, details: { turn: `profile ${number}` } }];
			await submit(site, { customers }, "customer/profile/bulk");
			const edits = [{ email, details: [{ fieldId: "turn", value: `edit ${number}` }] }];
			taskId = await submit(site, { customers: edits }, "customer/details/bulk");
		}
		await site.get(`tasks/${taskId}?wait=20`);
		expect((await site.get("customers")).body.results).toMatchObject([
			{ displayName: "Profile 9", details: { turn: "edit 9" } },
		]);
		expect((await site.get("tasks?hasFailures=true")).body.results).toEqual([]);
	});
});

test("nothing went wrong in the background", () => {
	expect([muster.troubles, running.troubles]).toEqual([[], []]);
});

test("tasks are listed without their failures where that is asked for, and the summary counts them all the same", async () => {
	const site = await muster.aSite();
	await site.run(path, { customers: [{ email }, { email: "none" }] });
	for (const base of [guideBase, site.referenceBase]) {
		const [whole] = (await site.get("tasks", { base })).body.results;
		const [alone] = (await site.get("tasks?withFailures=false", { base })).body.results;
		expect(whole.failures).toHaveLength(1);
		expect(alone).toEqual({ ...whole, failures: [] });
		expect(alone.summary.failed).toBe(1);
	}
});
