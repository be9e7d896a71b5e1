import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../../server/test/muster.ts";
import {
	type Dialect,
	MusterClient,
	type MusterClientOptions,
	MusterError,
	operations,
} from "../src/index.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster({ workerStarted: true });
});
afterAll(() => muster.close());

const jane = { email: "jane.smith@acme.com", displayName: "Jane Smith", details: { phone: "+1-555-0123" } };
const bad = { email: "invalid-email", clientRef: "row 2" };

async function all<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
	const found: Entry[] = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

interface Aimed {
	readonly site: TestSite;
	readonly client: MusterClient;
}

async function aClient(dialect: Dialect, options: Partial<MusterClientOptions> = {}): Promise<Aimed> {
	const site = await muster.aSite();
	const { token, siteId: cloudId } = site;
	// The slash at the end is one that people leave there.
	const client = new MusterClient({ url: `${muster.url}/`, token, dialect, cloudId, ...options });
	return { site, client };
}

describe.each<Dialect>(["guide", "reference"])("in the %s dialect", (dialect) => {
	test("what is submitted can be waited for and read back", async () => {
		const { client } = await aClient(dialect);
		const submitted = await client.submit("customer.profile", [jane, bad]);
		expect(submitted).toEqual({
			taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
			idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
			replayed: false,
		});
		const task = await client.waitForTask(submitted.taskId, { timeoutSeconds: 10 });
		expect(task).toEqual({
			taskId: submitted.taskId,
			status: "completed",
			operation: "customer.profile",
			dryRun: false,
			summary: { total: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, failed: 1 },
			failures: [
				{
					index: 1,
					code: "invalid_email",
					message: expect.stringContaining('"invalid-email" has no @'),
					clientRef: "row 2",
					entityId: dialect === "guide" ? null : "invalid-email",
					errors:
						dialect === "guide"
							? [{ code: "invalid_email", pointer: "/email", message: expect.stringContaining("has no @") }]
							: [],
				},
			],
			createdDate: expect.stringMatching(/Z$/),
			completedDate: expect.stringMatching(/Z$/),
			idempotencyKey: submitted.idempotencyKey,
			source: {
				kind: "request",
				tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/),
				tokenPrefix: expect.stringMatching(/^mst_/),
			},
		});
		expect(await client.getTask(submitted.taskId)).toEqual(task);

		const [created, failed] = await all(client.results(submitted.taskId));
		expect(failed).toMatchObject({ index: 1, clientRef: "row 2", outcome: "failed" });
		expect(await all(client.results(submitted.taskId, { outcome: "failed" }))).toEqual([failed]);
		expect(await client.getProfile("customer", created?.id ?? "")).toEqual({
			customerId: created?.id,
			...jane,
			organizations: [],
			createdDate: expect.any(String),
			updatedDate: expect.any(String),
		});
	});

	test("a submit that waits has the finished task in its answer", async () => {
		const { client } = await aClient(dialect);
		const { taskId, task } = await client.submit("organization", [{ name: "Acme" }], { waitSeconds: 10 });
		expect(task).toMatchObject({ taskId, status: "completed", summary: { created: 1 }, failures: [] });
	});

	test("the same key again is the same task, and says so", async () => {
		const { client } = await aClient(dialect);
		const first = await client.submit("customer", [{ email: jane.email }], { idempotencyKey: "first" });
		const again = await client.submit("customer", [{ email: jane.email }], { idempotencyKey: "first" });
		expect(again).toEqual({ ...first, replayed: true });
	});

	test("a dry run tells what would change and changes nothing", async () => {
		const { client } = await aClient(dialect);
		const { taskId, task } = await client.submit("customer.profile", [jane], {
			dryRun: true,
			waitSeconds: 10,
		});
		expect(task).toMatchObject({ dryRun: true, summary: { created: 1 } });
		const results = await all(client.results(taskId));
		expect(results[0]?.changes).toContainEqual({ field: "email", before: null, after: jane.email });
		expect(await all(client.customers())).toEqual([]);
	});

	test("every operation is sent under a key that the service knows", async () => {
		const { client } = await aClient(dialect);
		for (const { name, scope, entity } of operations) {
			const identity = entity === "customer" ? { email: jane.email } : { name: "Acme" };
			const item =
				scope === "definitions"
					? { name: `Field of ${entity}`, type: { name: "NUMBER" } }
					: { ...identity, ...(scope === "details" ? { details: [] } : {}) };
			const { task } = await client.submit(name, [item], { waitSeconds: 10 });
			expect(task, name).toMatchObject({ operation: name, summary: { failed: 0 } });
		}
	});

	test("details are of the guide's shape, by the types of their fields", async () => {
		const { client } = await aClient(dialect);
		const options = ["Red", "Green"];
		await client.submit("organization.definitions", [
			{ name: "Employees", type: { name: "NUMBER" } },
			{ name: "Active", type: { name: "BOOLEAN" } },
			{ name: "Colours", type: { name: "MULTISELECT", options } },
			{ name: "City", type: { name: "TEXT" } },
		]);
		const details = { employees: 6852, active: true, colours: options, city: "East Leonard" };
		await client.submit("organization.profile", [{ name: "Acme", details }], { waitSeconds: 10 });
		const [organization] = await all(client.organizations());
		expect(organization?.details).toEqual(details);
		expect(await client.getProfile("organization", organization?.id ?? "")).toEqual(organization);
	});

	test("lists go on over their pages, and filter", async () => {
		const { client } = await aClient(dialect);
		const emails = Array.from({ length: 130 }, (_, place) => `c${String(place).padStart(3, "0")}@acme.com`);
		for (const part of [emails.slice(0, 50), emails.slice(50, 100), emails.slice(100)]) {
			const items = part.map((email) => ({ email }));
			await client.submit("customer", items, { waitSeconds: 10 });
		}
		await client.submit("organization", [{ name: "Acme" }, { name: "Zeta" }], { waitSeconds: 10 });
		const every = await all(client.customers());
		expect(every.map(({ email }) => email).sort()).toEqual(emails);
		const some = await all(client.customers({ email: "c12" }));
		expect(some.map(({ email }) => email).sort()).toEqual(emails.slice(120));
		const named = await all(client.organizations({ name: "ze" }));
		expect(named.map(({ name }) => name)).toEqual(["Zeta"]);
	});

	test("tasks are listed newest first, and filter", async () => {
		const { client } = await aClient(dialect);
		const good = await client.submit("customer", [{ email: jane.email }], { waitSeconds: 10 });
		const half = await client.submit("customer.profile", [bad], { idempotencyKey: "half", waitSeconds: 10 });
		const idsOf = async (query: Parameters<MusterClient["listTasks"]>[0]): Promise<string[]> =>
			(await all(client.listTasks(query))).map(({ taskId }) => taskId);
		expect(await idsOf({})).toEqual([half.taskId, good.taskId]);
		expect(await idsOf({ status: "completed" })).toEqual([half.taskId, good.taskId]);
		expect(await idsOf({ status: "processing" })).toEqual([]);
		expect(await idsOf({ operation: "customer" })).toEqual([good.taskId]);
		expect(await idsOf({ hasFailures: true })).toEqual([half.taskId]);
		expect(await idsOf({ idempotencyKey: "half" })).toEqual([half.taskId]);
	});

	test("a refusal says what, by its code", async () => {
		const { client } = await aClient(dialect);
		const error = await client.submit("customer", [], { idempotencyKey: "none" }).catch((thrown) => thrown);
		expect(error).toBeInstanceOf(MusterError);
		expect(error).toMatchObject({
			name: "MusterError",
			status: 400,
			code: "empty_items",
			requestId: expect.stringMatching(/./),
			errors: [],
			retryAfterMs: null,
			problem: { title: "The list of items is empty", detail: error.message },
		});
	});

	test("every single fault of a refusal is listed where the dialect lists them", async () => {
		const { client } = await aClient(dialect);
		const error = await client
			.submit("customer.definitions", [{ name: " " }, { name: "Tier", type: { name: "LIST" } }])
			.catch((thrown) => thrown);
		expect(error).toMatchObject({ status: 400, code: "invalid_detail_field" });
		expect(error.errors).toHaveLength(dialect === "guide" ? 2 : 0);
	});

	test("another site's token finds nothing", async () => {
		const mine = await aClient(dialect);
		const { taskId } = await mine.client.submit("customer", [{ email: jane.email }]);
		const theirs = await aClient(dialect, { cloudId: mine.site.siteId });
		await expect(theirs.client.getTask(taskId)).rejects.toMatchObject({ status: 404, code: "not_found" });
	});
});

test("a wrong token is refused at once", async () => {
	const { client } = await aClient("guide", { token: "mst_mistyped" });
	await expect(client.submit("customer", [{ email: jane.email }])).rejects.toMatchObject({
		status: 401,
		code: "unauthorized",
	});
});

test("the reference's own limit of unfinished tasks is waited for, not thrown", async () => {
	// A worker that stands still holds the first task until the client waits.
	const still = await startMuster();
	try {
		const { token } = await still.aSite({ unfinishedTasksMax: 1 });
		const waits: number[] = [];
		const client = new MusterClient({
			url: still.url,
			token,
			dialect: "reference",
			sleep: async (milliseconds) => {
				waits.push(milliseconds);
				await still.worker.tick();
			},
		});
		await client.submit("customer", [{ email: jane.email }]);
		await client.submit("customer", [{ email: "bob@acme.com" }]);
		expect(waits).toHaveLength(1);
		expect(await all(client.customers())).toHaveLength(1);
	} finally {
		await still.close();
	}
});
