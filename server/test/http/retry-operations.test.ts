import { operationNamed } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideBase, startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const sourceUpdatedAt = "2026-11-24T09:30:00.1234567+01:00";
const stored = "2026-11-24T08:30:00.1234567Z";

const email = "jane@acme.com";
const name = "Acme";
const note = { fieldId: "note", operation: "UPDATE", value: "new" };
const listed = { name: "note", values: ["new"] };
const update = { operationType: "UPDATE", clientRef: "row 1", sourceUpdatedAt };

/** An item of each operation in either shape, that fails until its record is there. */
const items = [
	["customer", "customers", { ...update, email, displayName: "Jane" }],
	["customer", "customers", { ...update, payload: { email, displayName: "Jane" } }],
	["customer.profile", "customers", { ...update, email, details: { note: "new" } }],
	["customer.profile", "customerProfiles", { ...update, payload: { email, details: [listed] } }],
	["customer.details", "customers", { sourceUpdatedAt, email, details: [note] }],
	["customer.details", "customers", { sourceUpdatedAt, email, operations: [{ payload: listed }] }],
	["organization", "organizations", { ...update, name }],
	["organization", "organizations", { ...update, payload: { name } }],
	["organization.profile", "organizations", { ...update, name, details: { note: "new" } }],
	["organization.profile", "organizationProfiles", { ...update, payload: { name, details: [listed] } }],
	["organization.details", "organizations", { sourceUpdatedAt, name, details: [note] }],
	["organization.details", "organizations", { sourceUpdatedAt, name, operations: [{ payload: listed }] }],
] as const;

/** Makes the record that the items name, and gives its profile as it is later. */
async function aRecord(site: TestSite, entity: string, more: object = {}) {
	const isCustomer = entity === "customer";
	const { body } = await site.post(entity, { ...(isCustomer ? { email } : { name }), ...more });
	return () =>
		site.get(isCustomer ? `customer/profile/${body.customerId}` : `organization/profile/${body.id}`);
}

describe.each(["guide", "reference"])("under the base of the %s", (dialect) => {
	/** Submits the item, which fails, and gives its task. */
	async function failing(site: TestSite, path: string, body: unknown) {
		const base = dialect === "guide" ? guideBase : site.referenceBase;
		const idOf = (answered: { taskId?: string; id?: string }): string => answered.taskId ?? answered.id ?? "";
		const ended = async (accepted: { status: number; text: string; body: object }) => {
			expect(accepted.status, accepted.text).toBe(202);
			await muster.worker.tick();
			const taskId = idOf(accepted.body);
			return { taskId, results: await site.results(taskId) };
		};
		const retry = async (taskId: string) =>
			ended(await site.ask("POST", `tasks/${taskId}/retry`, { base, key: null }));
		const failedRequest = async (taskId: string): Promise<string> =>
			(await site.get(`tasks/${taskId}/failed-request`, { base })).text;
		return { first: await ended(await site.post(path, body, { base })), retry, failedRequest };
	}

	test.each(items)(
		"%s under %s: the same item comes back twice, and takes effect once it can: %j",
		async (operation, key, item) => {
			const site = await muster.aSite();
			const { path, entity } = operationNamed(operation);
			const body = { [key]: [item] };
			const { first, retry, failedRequest } = await failing(site, path, body);
			const second = await retry(first.taskId);
			for (const { taskId, results } of [first, second]) {
				expect(results).toMatchObject([{ index: 0, outcome: "failed" }]);
				expect(await failedRequest(taskId)).toBe(JSON.stringify(body));
			}
			expect(second.taskId).not.toBe(first.taskId);
			const profile = await aRecord(site, entity);
			const third = await retry(second.taskId);
			// An organization's account is its name: the stamp alone is new.
			const outcome = operation === "organization" ? "unchanged" : "updated";
			expect(third.results).toMatchObject([{ index: 0, outcome }]);
			const { displayName = "Jane", details, sourceUpdatedAt } = (await profile()).body;
			const isAccount = operation === entity;
			expect({ displayName, details, sourceUpdatedAt }).toEqual({
				displayName: entity === "customer" && !isAccount ? "jane" : "Jane",
				details: isAccount ? {} : { note: "new" },
				sourceUpdatedAt: stored,
			});
		},
	);

	test.each(items)(
		"%s under %s: what has been written later at its source is not overwritten by a retry: %j",
		async (operation, key, item) => {
			const site = await muster.aSite();
			const { path, entity } = operationNamed(operation);
			const { first, retry } = await failing(site, path, { [key]: [item] });
			const later = "2026-11-24T08:30:00.1234568Z";
			const profile = await aRecord(site, entity, { sourceUpdatedAt: later });
			const before = (await profile()).text;
			expect((await retry(first.taskId)).results).toMatchObject([{ outcome: "skipped" }]);
			expect((await profile()).text).toBe(before);
		},
	);
});

test.each(["customer", "organization"])(
	"%s/details/definitions/bulk has nothing to retry: it is refused as a whole, or all of it is done",
	async (entity) => {
		const site = await muster.aSite();
		const path = `${entity}/details/definitions/bulk`;
		const { taskId } = await site.run(path, { detailFields: [{ name: "Plan" }] });
		for (const base of [guideBase, site.referenceBase]) {
			const failed = await site.get(`tasks/${taskId}/failed-request`, { base });
			const retried = await site.ask("POST", `tasks/${taskId}/retry`, { base, key: null });
			expect([failed.status, failed.body.code]).toEqual([409, "nothing_failed"]);
			expect([retried.status, retried.body.code]).toEqual([409, "nothing_failed"]);
		}
		expect((await site.post(path, { detailFields: [{ name: "Plan" }] })).status).toBe(400);
	},
);
