import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

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

const email = "jane.smith@acme.com";
const path = "customer/profile/bulk";

describe("the same record many times", () => {
	/** Items that meet in one record, and what becomes of each. */
	const items = [
		{ item: { email, details: { tier: "Free" } }, outcome: "created" },
		{ item: { email, displayName: "Jane" }, outcome: "updated" },
		{ item: { email: email.toUpperCase(), displayName: "Jane" }, outcome: "unchanged" },
		{ item: { operationType: "CREATE", payload: { email } }, outcome: "failed" },
		{ item: { email, displayName: "Nobody", details: { tags: ["Pink"] } }, outcome: "failed" },
		{ item: { email, details: { tier: "Gold", tags: ["Red"] } }, outcome: "updated" },
		{
			item: { email, details: [{ fieldId: "tags", operation: "PATCH", value: "Blue" }] },
			outcome: "updated",
		},
		{ item: { email, details: { tier: null }, organizations: ["Acme"] }, outcome: "updated" },
		{ item: { email, organizations: ["Acme"] }, outcome: "unchanged" },
		{
			item: { email, details: [{ fieldId: "tags", operation: "PATCH", value: ["Red"] }] },
			outcome: "unchanged",
		},
		{ item: { operationType: "UPDATE", payload: { email, displayName: "Jane Smith" } }, outcome: "updated" },
	];
	const customers = items.map(({ item }) => item);
	const outcomes = items.map(({ outcome }) => outcome);
	const after = {
		customerId: expect.any(String),
		email,
		displayName: "Jane Smith",
		details: { tags: ["Red", "Blue"] },
		organizations: [{ id: "1", name: "Acme" }],
		createdDate: expect.any(String),
		updatedDate: expect.any(String),
	};

	async function prepare(): Promise<TestSite> {
		const site = await muster.aSite();
		await site.post("customer/details", {
			name: "Tags",
			type: { name: "MULTISELECT", options: ["Red", "Blue"] },
		});
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
		return site;
	}

	test("in one request: each item takes effect on top of the one before", async () => {
		const site = await prepare();
		const task = await site.run(path, { customers });
		const results = await site.results(task.taskId);
		expect(results.map((result) => result.outcome)).toEqual(outcomes);
		// Every result names the record, also those of items that failed on it.
		expect(new Set(results.map((result) => result.id)).size).toBe(1);
		expect((await site.get("customers")).body).toEqual({ results: [after] });
	});

	test.each([
		["applied together", false],
		["applied one by one", true],
	])("in tasks of their own, %s: the same as in one request", async (_how, isApart) => {
		const site = await prepare();
		const taskIds: string[] = [];
		for (const item of customers) {
			taskIds.push((await site.post(path, { customers: [item] })).body.taskId);
			if (isApart) expect(await muster.worker.tick()).toBe(1);
		}
		expect(await muster.worker.tick()).toBe(isApart ? 0 : items.length);
		const results = await Promise.all(taskIds.map((taskId) => site.results(taskId)));
		expect(results.map(([result]) => result.outcome)).toEqual(outcomes);
		expect((await site.get("customers")).body).toEqual({ results: [after] });
	});

	test("in tasks of several operations: they take effect in the order of acceptance", async () => {
		const site = await muster.aSite();
		const submit = async (path: string, body: unknown): Promise<string> =>
			(await site.post(path, body)).body.taskId;
		const taskIds = [
			await submit("customer/profile/bulk", { customers: [{ email, organizations: ["Acme"] }] }),
			await submit("organization/bulk", { organizations: [{ name: "Acme" }] }),
			await submit("customer/details/bulk", { customers: [{ email, details: { tier: "Free" } }] }),
			await submit("customer/profile/bulk", { customers: [{ email, organizations: ["Acme"] }] }),
			await submit("customer/details/bulk", { customers: [{ email, details: { tier: "Gold" } }] }),
			await submit("organization/profile/bulk", { organizations: [{ name: "ACME", customers: [email] }] }),
			await submit("customer/bulk", { customers: [{ email, displayName: "Jane" }] }),
			await submit("customer/details/bulk", { customers: [{ email, details: { tier: null } }] }),
		];
		await muster.worker.tick();
		const results = await Promise.all(taskIds.map((taskId) => site.results(taskId)));
		expect(results.map(([result]) => result.outcome)).toEqual([
			"failed",
			"created",
			"failed",
			"created",
			"updated",
			"unchanged",
			"updated",
			"updated",
		]);
		expect((await site.get("customers")).body.results).toMatchObject([
			{ email, displayName: "Jane", details: {}, organizations: [{ id: "1", name: "Acme" }] },
		]);
	});
});

test("each result names the record as it was after its item, also where a later item renames it", async () => {
	const site = await muster.aSite();
	const made = await site.run("customer/bulk", { customers: [{ email }] });
	const [{ id }] = await site.results(made.taskId);
	const emails = ["first@acme.com", "second@acme.com", email];
	const task = await site.run("customer/bulk", {
		customers: emails.map((each) => ({ customerId: id, email: each })),
	});
	expect(await site.results(task.taskId)).toEqual(
		emails.map((key, index) => ({ index, id, key, outcome: "updated" })),
	);
});

test("an address that is given up and taken again is spelled as it was taken", async () => {
	const site = await muster.aSite();
	const made = await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	const [{ id }] = await site.results(made.taskId);
	await site.run("organization/bulk", {
		organizations: [
			{ id, name: "Other" },
			{ id, name: "ACME" },
		],
	});
	expect((await site.get(`organization/${id}`)).body).toEqual({ id, name: "ACME" });
});

describe("a record that an item leaves as it is", () => {
	test("is not written", async () => {
		const site = await muster.aSite();
		await site.run("organization/profile/bulk", {
			organizations: [{ name: "Acme", details: { industry: "IT" } }],
		});
		const customer = { email, displayName: "Jane", details: { tier: "Gold" }, organizations: ["Acme"] };
		const made = await site.run(path, { customers: [customer] });
		const [{ id }] = await site.results(made.taskId);
		const before = await versionsOf(site);

		const tasks = [
			await site.run(path, { customers: [customer, { ...customer, email: email.toUpperCase() }] }),
			await site.run("customer/bulk", { customers: [{ customerId: id }, { email, displayName: " " }] }),
			await site.run("customer/details/bulk", {
				customers: [{ email, details: [{ fieldId: "TIER", operation: "PATCH", value: "Gold" }] }],
			}),
			await site.run("customer/details/bulk", {
				customers: [
					{ customerId: id, operations: [{ operationType: "DELETE", payload: { name: "phone" } }] },
				],
			}),
			await site.run("organization/profile/bulk", {
				organizations: [{ name: "acme", details: { Industry: "IT" }, customers: [email] }],
			}),
			await site.run("organization/bulk", { organizations: [{ id: 1 }, { id: "1", name: " ACME " }] }),
		];
		for (const task of tasks) expect(task.summary.unchanged).toBe(task.summary.total);
		expect(await versionsOf(site)).toEqual(before);
	});

	test("is not written by an item that fails on it, nor by a dry run", async () => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email }] });
		const before = await versionsOf(site);
		await site.run(path, { customers: [{ email, displayName: "Jane", organizations: ["Nowhere"] }] });
		await site.run(`${path}?dryRun=true`, { customers: [{ email, displayName: "Jane" }] });
		expect(await versionsOf(site)).toEqual(before);
	});

	test("is not written by items that change it and change it back, where no history is to tell of it", async () => {
		const site = await muster.aSite({ history: false });
		const made = await site.run(path, {
			customers: [{ email, displayName: "Jane", details: { tier: "Free" } }],
		});
		const [{ id }] = await site.results(made.taskId);
		const before = await versionsOf(site);
		const task = await site.run(path, {
			customers: [
				{ customerId: id, email: "other@acme.com", displayName: "Ann", details: { tier: "Gold" } },
				{ customerId: id, email, displayName: "Jane", details: { tier: "Free" } },
			],
		});
		expect(task.summary).toMatchObject({ updated: 2 });
		expect(await versionsOf(site)).toEqual(before);
	});

	test("stands beside one that is written, in the same request", async () => {
		const site = await muster.aSite();
		await site.run("customer/bulk", { customers: [{ email }, { email: "bob@acme.com" }] });
		const before = await versionsOf(site);
		await site.run("customer/bulk", {
			customers: [{ email }, { email: "bob@acme.com", displayName: "Bob" }],
		});
		const after = await versionsOf(site);
		expect(after[email]).toBe(before[email]);
		expect(after["bob@acme.com"]).not.toBe(before["bob@acme.com"]);
	});
});

/** The version of each row of the site, by email or name: it changes with every write, also one of the same values. */
async function versionsOf(site: TestSite): Promise<Record<string, string>> {
	// Bound to the site, so that a login under row-level security sees it too.
	await admin.query("select set_config('muster.site', $1, false)", [site.siteId]);
	const { rows } = await admin.query(
		`select email as key, xmin::text as version from muster.customer where site_id = $1
		union all select name, xmin::text from muster.organization where site_id = $1
		union all select customer_id || ' in ' || organization_id, xmin::text from muster.membership where site_id = $1`,
		[site.siteId],
	);
	return Object.fromEntries(rows.map((row) => [row.key, row.version]));
}
