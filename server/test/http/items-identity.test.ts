import { randomUUID } from "node:crypto";
import type { Entity } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** How an item names its record, and what CREATE, UPDATE and UPSERT make of that. */
const identities = [
	{ id: "none", address: "none", expected: ["identity_missing", "identity_missing", "identity_missing"] },
	{ id: "none", address: "own", expected: ["already_exists", "done", "done"] },
	{ id: "none", address: "new", expected: ["created", "not_found", "created"] },
	{ id: "own", address: "none", expected: ["already_exists", "done", "done"] },
	{ id: "own", address: "own", expected: ["already_exists", "done", "done"] },
	{ id: "own", address: "other", expected: ["identity_conflict", "identity_conflict", "identity_conflict"] },
	{ id: "own", address: "new", expected: ["already_exists", "updated", "updated"] },
	{ id: "unknown", address: "none", expected: ["not_found", "not_found", "not_found"] },
	{ id: "unknown", address: "own", expected: ["not_found", "not_found", "not_found"] },
	{ id: "unknown", address: "new", expected: ["not_found", "not_found", "not_found"] },
] as const;
const operationTypes = ["CREATE", "UPDATE", "UPSERT"] as const;

interface Identified {
	readonly path: string;
	readonly entity: Entity;
	readonly key: string;
	readonly addressKey: string;
	readonly idKey: string;
	address(word: string): string;
	/** What the items send beside the identity, and so what becomes of a record that is there. */
	readonly sent: Readonly<Record<string, unknown>>;
	readonly done: "updated" | "unchanged";
}

const customers = {
	entity: "customer",
	key: "customers",
	addressKey: "email",
	idKey: "customerId",
	address: (word: string) => `${word}@acme.com`,
} as const;
const organizations = {
	entity: "organization",
	key: "organizations",
	addressKey: "name",
	idKey: "id",
	address: (word: string) => `Organization ${word}`,
} as const;

const identified: readonly Identified[] = [
	{ ...customers, path: "customer/bulk", sent: { displayName: "Changed" }, done: "updated" },
	{ ...customers, path: "customer/profile/bulk", sent: { displayName: "Changed" }, done: "updated" },
	{ ...organizations, path: "organization/bulk", sent: {}, done: "unchanged" },
	{
		...organizations,
		path: "organization/profile/bulk",
		sent: { details: { industry: "Retail" } },
		done: "updated",
	},
];

describe.each(identified)("$path", (kind) => {
	const { path, entity, key, addressKey, idKey, address, sent, done } = kind;

	test("CREATE fails where it exists, UPDATE where it does not, UPSERT does either", async () => {
		const site = await muster.aSite();
		const cases = identities.flatMap(({ id, address: named, expected }, row) =>
			operationTypes.map((operationType, column) => ({
				title: `${operationType}, id ${id}, ${addressKey} ${named}`,
				operationType,
				id,
				named,
				word: `${row}-${column}`,
				expected: expected[column],
			})),
		);
		// Every case has a record of its own, and another one.
		const records = cases.flatMap(({ word }) => [`own-${word}`, `other-${word}`]);
		const ids = new Map<string, string>();
		const made = await site.run(`${entity}/profile/bulk`, {
			[key]: records.map((word) => ({ [addressKey]: address(word) })),
		});
		for (const { index, id } of await site.results(made.taskId)) ids.set(records[index] ?? "", id);
		const unknownId = entity === "customer" ? `qm:${site.siteId}:${randomUUID()}` : "999";

		const items = cases.map(({ operationType, id, named, word }) => ({
			operationType,
			payload: {
				...sent,
				...(id === "none" ? {} : { [idKey]: id === "own" ? ids.get(`own-${word}`) : unknownId }),
				...(named === "none" ? {} : { [addressKey]: address(`${named}-${word}`) }),
			},
		}));
		const task = await site.run(path, { [key]: items });
		const results = await site.results(task.taskId);
		expect(results.map((result, index) => [cases[index]?.title, outcomeOf(result)])).toEqual(
			cases.map(({ title, expected }) => [
				title,
				expected === "done" ? done : expected === "not_found" ? `${entity}_not_found` : expected,
			]),
		);
		// Nobody is created by an item that failed, and nobody twice.
		const created = cases.filter((each) => each.expected === "created").length;
		const count = (await readAll(site, `${key}`)).length;
		expect(count).toBe(records.length + created);
	});

	test("an id that is none of the site's is unknown, whatever stands with it", async () => {
		const [site, elsewhere] = [await muster.aSite(), await muster.aSite()];
		const foreign = await makeOne(elsewhere, kind, "foreign");
		const own = await makeOne(site, kind, "own");
		// Organization numbers are counted within a site, so that a foreign one may be an own one too.
		const unknown =
			entity === "customer"
				? [foreign, own.toUpperCase(), ` ${own}`, own.slice(3), "5b10ac8d82e05b22cc7d4ef5", "qm:", ""]
				: [999, "999", "01", " 1", "1.0", "0", 0, -1, "1e0", "a", "", "9007199254740993", 1e21];
		const task = await site.run(path, {
			[key]: unknown.map((id) => ({ [idKey]: id, [addressKey]: address("new"), ...sent })),
		});
		const results = await site.results(task.taskId);
		expect(results.map((result, index) => [unknown[index], outcomeOf(result)])).toEqual(
			unknown.map((id) => [id, `${entity}_not_found`]),
		);
		expect(await readAll(site, key)).toHaveLength(1);
		expect(await readAll(elsewhere, key)).toHaveLength(1);
	});

	test("an id with a new address renames the record, and the old address is free for the next item", async () => {
		const site = await muster.aSite();
		const id = await makeOne(site, kind, "old");
		const task = await site.run(path, {
			[key]: [{ [idKey]: id, [addressKey]: address("new") }, { [addressKey]: address("old") }],
		});
		const results = await site.results(task.taskId);
		expect(results).toEqual([
			{ index: 0, id, key: address("new"), outcome: "updated" },
			{ index: 1, id: expect.any(String), key: address("old"), outcome: "created" },
		]);
		expect(results[1].id).not.toBe(id);
		expect(await addressesById(site, kind)).toEqual({
			[id]: address("new"),
			[results[1].id]: address("old"),
		});
	});

	test("two records exchange their addresses, and three pass theirs around, in one request", async () => {
		const site = await muster.aSite();
		const words = ["a", "b", "c", "d", "e"];
		const made = await site.run(path, { [key]: words.map((word) => ({ [addressKey]: address(word) })) });
		const [a, b, c, d, e] = (await site.results(made.taskId)).map((result) => result.id);
		const rename = (id: string, word: string): unknown => ({ [idKey]: id, [addressKey]: address(word) });
		const task = await site.run(path, {
			[key]: [
				...[rename(a, "spare"), rename(b, "a"), rename(a, "b")],
				...[rename(c, "other"), rename(d, "c"), rename(e, "d"), rename(c, "e")],
			],
		});
		expect(task.summary).toEqual({ ...noSummary, total: 7, updated: 7 });
		expect(await addressesById(site, kind)).toEqual({
			[a]: address("b"),
			[b]: address("a"),
			[c]: address("e"),
			[d]: address("c"),
			[e]: address("d"),
		});
	});

	test("an address that is another record's cannot be taken, until that one has given it up", async () => {
		const site = await muster.aSite();
		const [one, other] = [await makeOne(site, kind, "one"), await makeOne(site, kind, "other")];
		const task = await site.run(path, {
			[key]: [
				{ [idKey]: one, [addressKey]: address("other") },
				{ [idKey]: other, [addressKey]: address("elsewhere") },
				{ [idKey]: one, [addressKey]: address("other") },
			],
		});
		expect(task.failures).toEqual([
			{
				index: 0,
				code: "identity_conflict",
				message: `The ${addressKey} ${JSON.stringify(address("other"))} belongs to another ${entity} than the ${idKey} sent with it.`,
				errors: [
					{
						code: "identity_conflict",
						pointer: `/${addressKey}`,
						message: task.failures[0].message,
					},
				],
			},
		]);
		expect(await addressesById(site, kind)).toEqual({
			[one]: address("other"),
			[other]: address("elsewhere"),
		});
	});
});

describe("spellings of one address", () => {
	test("of a customer's email find one record, and the first stays the one that is shown", async () => {
		const site = await muster.aSite();
		const first = "  Jos\u00e9.Garc\u00eda@B\u00fccher.Example ";
		const spellings = [
			first,
			"jos\u00e9.garc\u00eda@b\u00fccher.example",
			"Jos\u00e9.Garc\u00eda@B\u00fccher.Example".normalize("NFD"),
			"JOS\u00e9.GARC\u00eda@XN--BCHER-KVA.EXAMPLE",
		];
		const task = await site.run("customer/bulk", { customers: spellings.map((email) => ({ email })) });
		expect(task.summary).toEqual({ ...noSummary, total: 4, created: 1, unchanged: 3 });
		const [made, ...others] = await site.results(task.taskId);
		expect(others.map((result) => [result.id, result.key])).toEqual(Array(3).fill([made.id, first.trim()]));

		// By id and in another spelling: nothing is renamed.
		const again = await site.run("customer/bulk", {
			customers: [{ customerId: made.id, email: spellings[3] }],
		});
		expect(again.summary).toEqual({ ...noSummary, total: 1, unchanged: 1 });
		expect((await readAll(site, "customers")).map((customer) => customer.email)).toEqual([first.trim()]);
	});

	test("of an organization's name find one record, and the first stays the one that is shown", async () => {
		const site = await muster.aSite();
		const spellings = ["  Caf\u00e9 Zentral ", "CAFE\u0301 ZENTRAL", "caf\u00e9 zentral"];
		const task = await site.run("organization/bulk", { organizations: spellings.map((name) => ({ name })) });
		expect(task.summary).toEqual({ ...noSummary, total: 3, created: 1, unchanged: 2 });
		expect(await readAll(site, "organizations")).toMatchObject([{ id: "1", name: "Caf\u00e9 Zentral" }]);
	});

	test("that only look alike are of two records, or are refused", async () => {
		const site = await muster.aSite();
		const emails = ["kate@acme.com", "k\u0430te@acme.com", "\u0131an@acme.com", "ian@acme.com"];
		const task = await site.run("customer/bulk", {
			customers: [...emails, "\u212aate@acme.com"].map((email) => ({ email })),
		});
		expect(task.summary).toEqual({ ...noSummary, total: 5, created: 4, failed: 1 });
		expect(task.failures).toMatchObject([{ index: 4, code: "invalid_email" }]);
		const streets = ["Stra\u00dfe AG", "Strasse AG"].map((name) => ({ name }));
		expect((await site.run("organization/bulk", { organizations: streets })).summary.created).toBe(2);
	});
});

describe("an organization's id", () => {
	test("is counted up within its site, and is taken as text or as number", async () => {
		const [site, other] = [await muster.aSite(), await muster.aSite()];
		for (const each of [site, other]) {
			const task = await each.run("organization/bulk", {
				organizations: [{ name: "Acme" }, { name: "Globex" }],
			});
			expect((await each.results(task.taskId)).map((result) => result.id)).toEqual(["1", "2"]);
		}
		const task = await site.run("organization/bulk", {
			organizations: [
				{ id: "1", name: "Acme Corporation" },
				{ id: 2, name: "Globex Corporation" },
			],
		});
		expect(task.summary).toEqual({ ...noSummary, total: 2, updated: 2 });
		expect((await readAll(site, "organizations")).map(({ id, name }) => [id, name])).toEqual([
			["1", "Acme Corporation"],
			["2", "Globex Corporation"],
		]);
		expect((await readAll(other, "organizations")).map(({ name }) => name)).toEqual(["Acme", "Globex"]);
	});

	test("is not used up by an item that fails", async () => {
		const site = await muster.aSite();
		const organizations = [{ name: "Acme" }, { name: " " }, { name: "Globex", customers: ["no@acme.com"] }];
		await site.run("organization/profile/bulk", { organizations });
		await site.run("organization/bulk", { organizations: [{ name: "Globex" }] });
		expect((await readAll(site, "organizations")).map(({ id, name }) => [id, name])).toEqual([
			["1", "Acme"],
			["2", "Globex"],
		]);
	});

	test("under two keys at once is refused, since one of them would be dropped in silence", async () => {
		const site = await muster.aSite();
		await site.run("organization/bulk", { organizations: [{ name: "Acme" }, { name: "Globex" }] });
		const task = await site.run("organization/details/bulk", {
			organizations: [{ id: "1", organizationId: "2", details: [{ fieldId: "industry", value: "Retail" }] }],
		});
		expect(task.failures).toMatchObject([
			{ code: "unknown_item_key", errors: [{ pointer: "/organizationId" }] },
		]);
	});
});

describe.each([
	{ ...customers, path: "customer/details/bulk", idKeys: ["customerId"] },
	{ ...organizations, path: "organization/details/bulk", idKeys: ["id", "organizationId"] },
])("$path", (kind) => {
	const { path, entity, key, addressKey, address, idKeys } = kind;
	const edits = [{ fieldId: "region", operation: "UPDATE", value: "EU" }];

	test("never creates: an unknown record is a failure, in either shape", async () => {
		const site = await muster.aSite();
		const unknownId = entity === "customer" ? `qm:${site.siteId}:${randomUUID()}` : "999";
		const operations = [{ operationType: "UPDATE", payload: { name: "region", values: ["EU"] } }];
		const items = [
			{ [addressKey]: address("new"), details: edits },
			{ [addressKey]: address("new"), operations },
			...idKeys.flatMap((idKey) => [
				{ [idKey]: unknownId, details: edits },
				{ [idKey]: unknownId, [addressKey]: address("new"), operations },
			]),
		];
		const task = await site.run(path, { [key]: items });
		expect((await site.results(task.taskId)).map(outcomeOf)).toEqual(items.map(() => `${entity}_not_found`));
		expect(await readAll(site, key)).toEqual([]);
		// The field that they named is not made either.
		expect((await site.get(`${entity}/details`)).body).toEqual({ results: [] });
	});

	test("finds a record by id, by address in any spelling, and by both", async () => {
		const site = await muster.aSite();
		const id = await makeOne(site, { ...kind, path: `${entity}/bulk` }, "own");
		const named = address("own").toUpperCase();
		const items = [
			...idKeys.map((idKey) => ({ [idKey]: id })),
			{ [addressKey]: named },
			...idKeys.map((idKey) => ({ [idKey]: id, [addressKey]: named })),
		].map((identity, number) => ({ ...identity, details: [{ fieldId: "region", value: `${number}` }] }));
		const task = await site.run(path, { [key]: items });
		expect((await site.results(task.taskId)).map((result) => [result.id, result.outcome])).toEqual(
			items.map(() => [id, "updated"]),
		);
	});
});

const noSummary = { total: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };

/** The outcome, or the code of what is wrong. */
function outcomeOf(result: { outcome: string; errors?: { code: string }[] }): string {
	return result.errors?.map((error) => error.code).join(", ") ?? result.outcome;
}

type Named = Pick<Identified, "path" | "key" | "addressKey" | "address">;

/** @returns the id of a new record */
async function makeOne(
	site: TestSite,
	{ path, key, addressKey, address }: Named,
	word: string,
): Promise<string> {
	const task = await site.run(path, { [key]: [{ [addressKey]: address(word) }] });
	return (await site.results(task.taskId))[0].id;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire holds
async function readAll(site: TestSite, list: string): Promise<any[]> {
	// biome-ignore lint/suspicious/noExplicitAny: as above
	const all: any[] = [];
	for (let cursor = ""; ; ) {
		const { results, nextCursor } = (await site.get(`${list}?limit=100${cursor}`)).body;
		all.push(...results);
		if (nextCursor === undefined) return all;
		cursor = `&cursor=${nextCursor}`;
	}
}

async function addressesById(site: TestSite, { key, idKey, addressKey }: Identified): Promise<unknown> {
	const all = await readAll(site, key);
	return Object.fromEntries(all.map((record) => [record[idKey], record[addressKey]]));
}
