import { operationNamed } from "@muster/client/contract";
import { expect, test } from "vitest";
import { Draft } from "../../src/domain/draft.ts";
import { judgeItem } from "../../src/domain/judge-item.ts";
import { writesOf } from "../../src/store/write-fold.ts";
import type { JudgedTasks } from "../../src/worker/apply-tasks.ts";
import { dependsOn, type Touched, touchedBy } from "../../src/worker/touched.ts";

const siteId = "00000000-0000-7000-8000-000000000000";
const uuid = "00000000-0000-7000-8000-000000000001";

/** A claim that has written a customer: ann@acme.com, who was old@acme.com. */
const touched: Touched = {
	entity: "customer",
	fields: false,
	ids: new Set([uuid]),
	keys: new Set(["old@acme.com", "ann@acme.com"]),
};

function judged(operation: string, item: unknown): JudgedTasks {
	const named = operationNamed(operation);
	const context = { siteId, ignoreUnknownKeys: false };
	return { tasks: [], operation: named, items: [judgeItem(named, item, 0, context)], lots: [] };
}

test.each<[string, string, unknown, boolean]>([
	["its email in another case", "customer", { email: "ANN@acme.com" }, true],
	[
		"the email that it has given up",
		"customer.details",
		{ email: "old@acme.com", details: { a: "b" } },
		true,
	],
	["its id", "customer.profile", { customerId: `qm:${siteId}:${uuid}`, email: "new@acme.com" }, true],
	["another customer", "customer", { email: "bob@acme.com" }, false],
	["an email that is none", "customer", { email: "ann" }, false],
	[
		"an organization with customers",
		"organization.profile",
		{ name: "Acme", customers: ["bob@acme.com"] },
		true,
	],
	["an organization alone", "organization.profile", { name: "ann@acme.com" }, false],
])("an item about %s (%s)", (_what, operation, item, depends) => {
	expect(dependsOn(judged(operation, item), touched)).toBe(depends);
});

test("every item of the entity is folded after a claim that makes fields of it, and none of the other", () => {
	const making = { ...touched, fields: true };
	expect(dependsOn(judged("customer", { email: "bob@acme.com" }), making)).toBe(true);
	expect(dependsOn(judged("organization", { name: "Acme" }), making)).toBe(false);
});

test("a customer that is only associated with a product is touched", () => {
	const ann = Draft.of({
		id: uuid,
		version: "1",
		address: "Ann@acme.com",
		key: "ann@acme.com",
		displayName: "Ann",
		details: {},
		sourceUpdatedAt: null,
		lastChange: null,
	});
	ann.products.add(["00000000-0000-7000-8000-000000000002"]);
	const writes = writesOf("customer", { items: [], drafts: [ann], newFields: [] });
	expect(touchedBy(writes)).toEqual({
		entity: "customer",
		fields: false,
		ids: new Set([uuid]),
		keys: new Set(["ann@acme.com"]),
	});
});
