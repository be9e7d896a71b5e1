import { operations } from "@muster/client/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

// Whose data it is follows from the token alone, and what Muster gives (ids, times) from nothing that is sent.

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const otherSite = "01890000-0000-7000-8000-000000000000";
/** What a client might try to set, by the names that the wire, the database and other systems use. */
const given: Readonly<Record<string, unknown>> = {
	site: otherSite,
	siteId: otherSite,
	site_id: otherSite,
	cloudId: otherSite,
	tenantId: otherSite,
	uuid: otherSite,
	number: 7,
	createdDate: "1999-12-31T23:59:59Z",
	createdAt: "1999-12-31T23:59:59Z",
	updatedDate: "1999-12-31T23:59:59Z",
	updated_at: "1999-12-31T23:59:59Z",
	version: 1,
};

const items: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	customer: { email: "jane.smith@acme.com" },
	"customer.profile": { email: "jane.smith@acme.com", details: { tier: "Gold" } },
	"customer.details": {
		email: "jane.smith@acme.com",
		details: [{ fieldId: "tier", operation: "UPDATE", value: "Gold" }],
	},
	organization: { name: "Acme" },
	"organization.profile": { name: "Acme", details: { tier: "Gold" } },
	"organization.details": {
		name: "Acme",
		details: [{ fieldId: "tier", operation: "UPDATE", value: "Gold" }],
	},
};

const bulk = operations.filter((operation) => operation.scope !== "definitions");

test.each(bulk)(
	"$path: an item that names a site, an id of ours or a date fails by that name",
	async (operation) => {
		const site = await muster.aSite();
		const sent = Object.entries(given).map(([key, value]) => ({ ...items[operation.name], [key]: value }));
		const task = await site.run(operation.path, { [operation.itemsKeys[0]]: sent });
		const results = await site.results(task.taskId);
		expect(results.map(({ outcome, errors }) => [outcome, errors[0].code, errors[0].pointer])).toEqual(
			Object.keys(given).map((key) => ["failed", "unknown_item_key", `/${key}`]),
		);
		for (const list of ["customers", "organizations"])
			expect((await site.get(list)).body.results).toEqual([]);
	},
);

test.each(bulk)("$path: where a site ignores such keys, they change nothing", async (operation) => {
	const site = await muster.aSite({ unknownKeys: "ignore" });
	const started = Date.now();
	const own = { customer: { email: "jane.smith@acme.com" }, organization: { name: "Acme" } }[
		operation.entity
	];
	await site.run(`${operation.entity}/bulk`, { [`${operation.entity}s`]: [own] });
	const task = await site.run(operation.path, {
		[operation.itemsKeys[0]]: [{ ...items[operation.name], ...given }],
	});
	expect(task.summary.failed).toBe(0);
	const [record, ...others] = (await site.get(`${operation.entity}s`)).body.results;
	expect(others).toEqual([]);
	expect(JSON.stringify(record)).not.toContain(otherSite);
	expect(Date.parse(record.createdDate)).toBeGreaterThan(started - 1_000);
	expect(Date.parse(record.updatedDate)).toBeGreaterThan(started - 1_000);
});

test.each(bulk)(
	"$path: beside the items a site is refused, and so it is in the query; in a header it is nothing",
	async (operation) => {
		const site = await muster.aSite();
		const other = await muster.aSite();
		const list = { [operation.itemsKeys[0]]: [items[operation.name]] };
		const beside = await site.post(operation.path, { ...list, siteId: other.siteId });
		expect([beside.status, beside.body.code]).toEqual([400, "unknown_key"]);
		const query = await site.post(`${operation.path}?siteId=${other.siteId}`, list);
		expect([query.status, query.body.code]).toEqual([400, "invalid_request"]);
		const headers = {
			"x-site-id": other.siteId,
			"x-cloud-id": other.siteId,
			"x-forwarded-host": "other.test",
		};
		expect((await site.post(operation.path, list, { headers })).status).toBe(202);
		await muster.worker.tick();
		expect((await other.get("tasks")).body.results).toEqual([]);
		expect((await site.get("tasks")).body.results).toHaveLength(1);
	},
);

test("a customer cannot be made under an id of one's choice", async () => {
	const site = await muster.aSite();
	for (const customerId of [`qm:${site.siteId}:${otherSite}`, `qm:${otherSite}:${otherSite}`, otherSite]) {
		const task = await site.run("customer/profile/bulk", {
			customers: [{ customerId, email: "jane.smith@acme.com" }],
		});
		expect((await site.results(task.taskId))[0]).toMatchObject({ outcome: "failed" });
	}
	expect((await site.get("customers")).body.results).toEqual([]);
});
