import { operations } from "@muster/client/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const keys = [
	...["email", "customerId", "displayName", "details", "organizations", "associateOrganizations"],
	...["organizationIds", "id", "organizationId", "name", "customers", "associateCustomers", "customerIds"],
	...["operationType", "operation", "payload", "operations", "fieldId", "value", "values", "clientRef"],
	...[
		"type",
		"options",
		"__proto__",
		"constructor",
		"toString",
		"toJSON",
		"length",
		"",
		"a/b~c",
		"\0",
		"\ud800",
	],
];
const words = [
	"ann@acme.com",
	"1",
	"Acme",
	"CREATE",
	"UPDATE",
	"DELETE",
	"PATCH",
	"SELECT",
	"",
	" ",
	"\0",
	"\ud800",
];
const { any, object } = fc.letrec((tie) => ({
	scalar: fc.oneof(
		fc.constantFrom(...words),
		fc.constantFrom(null, true, 0, 1, -0.5, 1e300),
		fc.string({ unit: "binary", maxLength: 12 }),
	),
	any: fc.oneof({ maxDepth: 5 }, tie("scalar"), fc.array(tie("any"), { maxLength: 3 }), tie("object")),
	object: fc.dictionary(fc.constantFrom(...keys), tie("any"), { maxKeys: 6 }),
}));
const items = fc.array(fc.oneof({ weight: 4, arbitrary: object }, any), { minLength: 1, maxLength: 10 });

test("whatever the items hold, the request is answered, and its task ends without trouble", async () => {
	const site = await muster.aSite();
	const detailFields = [
		{ name: "value", type: { name: "MULTISELECT", options: ["a", "b"] } },
		{ name: "name", type: "NUMBER" },
	];
	await site.post("customer/details/definitions/bulk", { detailFields });
	await site.run("customer/bulk", { customers: [{ email: "ann@acme.com" }] });
	await site.run("organization/bulk", { organizations: [{ name: "Acme" }] });
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...operations), items, async (operation, list) => {
			const submitted = await site.post(operation.path, { [operation.itemsKeys[0]]: list });
			if (operation.scope === "definitions" && submitted.status === 400) return;
			expect(submitted.status).toBe(202);
			await muster.worker.tick();
			expect(muster.troubles).toEqual([]);
			const { taskId } = submitted.body;
			const { status, summary, failures } = (await site.get(`tasks/${taskId}`)).body;
			expect([status, summary.total, summary.failed]).toEqual(["COMPLETED", list.length, failures.length]);
			expect(await site.results(taskId)).toHaveLength(list.length);
			expect((await site.get(`tasks/${taskId}`, { base: site.referenceBase })).status).toBe(200);
		}),
		{ numRuns: 200 },
	);
});
