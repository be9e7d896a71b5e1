import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMuster, type TestMuster, type TestSite } from "../muster.ts";
import { alike, byEmail } from "./alike.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

/** A record is named by the place of one that the site began with; what that is called on the wire differs by site. */
type Identity = { readonly seed?: number; readonly address?: string };

interface Item {
	readonly identity: Identity;
	readonly operationType: string;
	readonly displayName?: string;
	readonly edits: readonly Edit[];
	readonly links: readonly (string | number)[];
	readonly products: readonly string[];
}

interface Edit {
	readonly field: string;
	readonly operation: string;
	readonly value: unknown;
}

/** Items of one operation, which a worker may apply together, in tasks of so many items. */
interface Group {
	readonly path: string;
	readonly items: readonly Item[];
	readonly taskSizes: readonly number[];
}

const seedEmails = ["ann@acme.com", "bob@acme.com", "cid@acme.com"];
const seedNames = ["Acme", "Globex", "Initech"];

/** Few values, so that items meet each other; some of each are wrong. */
const emails = fc.constantFrom(...seedEmails, "dan@acme.com", "ANN@acme.com", "Eve@ACME.com", "invalid");
const names = fc.constantFrom(...seedNames, "Hooli", "ACME", " hooli ", " ");
const edit: fc.Arbitrary<Edit> = fc.record({
	field: fc.constantFrom("Tags", "tier", "note", "New One", "new-one", "other"),
	operation: fc.constantFrom("UPDATE", "UPDATE", "PATCH", "DELETE"),
	value: fc.constantFrom<unknown>("Red", ["Red"], ["blue", "Green"], "Gold", "gold", "x", 5, null, "", []),
});

function identity(addresses: fc.Arbitrary<string>): fc.Arbitrary<Identity> {
	// 3 is a record that there is not.
	const seed = fc.integer({ min: 0, max: 3 });
	return fc.oneof(
		{ weight: 4, arbitrary: fc.record({ address: addresses }) },
		{ weight: 2, arbitrary: fc.record({ seed: fc.integer({ min: 0, max: 2 }), address: addresses }) },
		{ weight: 1, arbitrary: fc.record({ seed }) },
	);
}

function item(entity: string, scope: string): fc.Arbitrary<Item> {
	return fc.record(
		{
			identity: identity(entity === "customer" ? emails : names),
			operationType: fc.constantFrom("UPSERT", "UPSERT", "CREATE", "UPDATE"),
			displayName:
				scope === "details" || entity !== "customer" ? fc.constant("") : fc.constantFrom("", "One", "Two"),
			edits: scope === "account" ? fc.constant([]) : fc.array(edit, { minLength: 1, maxLength: 3 }),
			links:
				scope === "profile"
					? fc.array(fc.oneof(entity === "customer" ? names : emails, fc.integer({ min: 0, max: 3 })), {
							maxLength: 2,
						})
					: fc.constant([]),
			products:
				scope === "profile"
					? fc.array(fc.constantFrom("Gold", "gold", "Silver", "Bronze"), { maxLength: 2 })
					: fc.constant([]),
		},
		{ requiredKeys: ["identity", "operationType", "edits", "links", "products"] },
	);
}

const group: fc.Arbitrary<Group> = fc
	.constantFrom(
		{ entity: "customer", scope: "account", path: "customer/bulk" },
		{ entity: "customer", scope: "profile", path: "customer/profile/bulk" },
		{ entity: "customer", scope: "details", path: "customer/details/bulk" },
		{ entity: "organization", scope: "account", path: "organization/bulk" },
		{ entity: "organization", scope: "profile", path: "organization/profile/bulk" },
		{ entity: "organization", scope: "details", path: "organization/details/bulk" },
	)
	.chain(({ entity, scope, path }) =>
		fc.record({
			path: fc.constant(path),
			items: fc.array(item(entity, scope), { minLength: 1, maxLength: 8 }),
			taskSizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
		}),
	);

test("tasks that are applied together leave the same records and outcomes as items applied one by one", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 4 }), async (groups) => {
			const [together, apart] = [await aSeededSite(), await aSeededSite()];
			const taskIds: string[] = [];
			for (const { path, items, taskSizes } of groups) {
				for (const part of cut(items, taskSizes)) taskIds.push(await submit(together, path, part));
			}
			await muster.worker.tick();
			const oneByOne: string[] = [];
			for (const { path, items } of groups) {
				for (const each of items) {
					oneByOne.push(await submit(apart, path, [each]));
					await muster.worker.tick();
				}
			}
			expect(await observe(together, taskIds)).toEqual(await observe(apart, oneByOne));
			expect(muster.troubles).toEqual([]);
		}),
		{ numRuns: 15 },
	);
}, 120_000);

/** What a customer of the simple subset is: found by email in any case, created under its first spelling. */
interface Modelled {
	email: string;
	displayName: string;
	note: string | null;
}

test("upserts of an email, a name and a detail do what a page of plain code does", async () => {
	const upsert = fc.record(
		{
			email: fc.constantFrom("ann@acme.com", "Ann@acme.com", "bob@acme.com", "BOB@ACME.COM"),
			displayName: fc.constantFrom("", "One", "Two"),
			note: fc.constantFrom<string | null>("x", "y", "", null),
		},
		{ requiredKeys: ["email"] },
	);
	const requests = fc.array(fc.array(upsert, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
	await fc.assert(
		fc.asyncProperty(requests, async (lists) => {
			const site = await muster.aSite();
			const model = new Map<string, Modelled>();
			const taskIds: string[] = [];
			const expected: string[] = [];
			for (const list of lists) {
				const customers = list.map(({ email, displayName, note }) => ({
					email,
					...(displayName === undefined ? {} : { displayName }),
					...(note === undefined ? {} : { details: { note } }),
				}));
				taskIds.push((await site.post("customer/profile/bulk", { customers })).body.taskId);
				for (const each of list) {
					const key = each.email.toLowerCase();
					const before = model.get(key);
					const after = {
						email: before?.email ?? each.email,
						displayName: each.displayName || before?.displayName || (each.email.split("@")[0] ?? ""),
						note: each.note === undefined ? (before?.note ?? null) : each.note || null,
					};
					const isSame = JSON.stringify(before) === JSON.stringify(after);
					expected.push(before === undefined ? "created" : isSame ? "unchanged" : "updated");
					model.set(key, after);
				}
			}
			await muster.worker.tick();
			const results = await Promise.all(taskIds.map((taskId) => site.results(taskId)));
			expect(results.flat().map((result) => result.outcome)).toEqual(expected);
			const found = (await site.get("customers")).body.results.map(
				(customer: { email: string; displayName: string; details: { note?: string } }) => ({
					email: customer.email,
					displayName: customer.displayName,
					note: customer.details.note ?? null,
				}),
			);
			expect(found.sort(byEmail)).toEqual([...model.values()].sort(byEmail));
		}),
		{ numRuns: 15 },
	);
}, 120_000);

test.each([
	["details", ["ann@acme.com", "bob@acme.com"]],
	["exchanged emails", ["bob@acme.com", "ann@acme.com"]],
])(
	"what somebody else writes to records while a claim writes their %s is kept",
	async (_what, [first, second]) => {
		const { site, customerIds } = await aSeededSite();
		const [ann, bob] = customerIds;
		await site.post("customer/profile/bulk", {
			customers: [
				{ customerId: ann, email: "spare@acme.com", details: { tier: "Gold" } },
				{ customerId: bob, email: second, details: { tier: "Gold" } },
				{ customerId: ann, email: first },
			],
		});
		const elsewhere = new pg.Client({ connectionString: muster.databaseUrl });
		await elsewhere.connect();
		await elsewhere.query("select set_config('muster.site', $1, false)", [site.siteId]);
		await elsewhere.query("begin");
		await elsewhere.query("update muster.customer set display_name = 'Elsewhere' where site_id = $1", [
			site.siteId,
		]);
		const ticked = muster.worker.tick();
		// The worker has read its snapshot, and waits for the rows.
		await untilWaiting(elsewhere);
		await elsewhere.query("commit");
		await elsewhere.end();
		expect(await ticked).toBe(1);
		const { results } = (await site.get("customers")).body;
		expect(results.map(byName).sort()).toEqual(
			[
				[first, "Elsewhere", { tier: "Gold" }],
				[second, "Elsewhere", { tier: "Gold" }],
				["cid@acme.com", "Elsewhere", {}],
			].sort(),
		);
	},
);

function byName(customer: { email: string; displayName: string; details: unknown }): unknown[] {
	return [customer.email, customer.displayName, customer.details];
}

async function untilWaiting(client: pg.Client): Promise<void> {
	for (let looks = 0; looks < 10_000; looks += 1) {
		const { rowCount } = await client.query(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		if (rowCount !== 0) return;
	}
	throw new Error("nobody waits for a lock");
}

interface SeededSite {
	readonly site: TestSite;
	readonly customerIds: readonly string[];
}

/** A site with three customers, three organizations and two fields of each, and room for two more. */
async function aSeededSite(): Promise<SeededSite> {
	const site = await muster.aSite({ detailFieldsMax: 4 });
	const detailFields = [
		{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Green", "Blue"] } },
		{ name: "Tier", type: { name: "SELECT", options: ["Free", "Gold"] } },
	];
	await site.post("customer/details/definitions/bulk", { detailFields });
	await site.post("organization/details/definitions/bulk", { detailFields });
	const made = await site.run("customer/bulk", { customers: seedEmails.map((email) => ({ email })) });
	await site.run("organization/bulk", { organizations: seedNames.map((name) => ({ name })) });
	for (const name of ["Gold", "Silver"]) await site.post("product", { name });
	const customerIds = (await site.results(made.taskId)).map((result) => result.id);
	return { site, customerIds };
}

async function submit(seeded: SeededSite, path: string, items: readonly Item[]): Promise<string> {
	const isCustomer = path.startsWith("customer");
	const body = {
		[isCustomer ? "customers" : "organizations"]: items.map((each) => wireItem(seeded, path, each)),
	};
	return (await seeded.site.post(path, body)).body.taskId;
}

function wireItem(
	seeded: SeededSite,
	path: string,
	{ identity, operationType, displayName, edits, links, products }: Item,
): unknown {
	const isCustomer = path.startsWith("customer");
	const { seed, address } = identity;
	const fields = {
		...(seed === undefined
			? {}
			: isCustomer
				? { customerId: customerId(seeded, seed) }
				: { id: organizationId(seed) }),
		...(address === undefined ? {} : { [isCustomer ? "email" : "name"]: address }),
		...(displayName ? { displayName } : {}),
		...(products.length === 0 ? {} : { products }),
		...(edits.length === 0
			? {}
			: { details: edits.map(({ field, ...rest }) => ({ fieldId: field, ...rest })) }),
	};
	if (path.includes("details")) return fields;
	if (links.length === 0) return { operationType, payload: fields };
	const named = links.map((link) => {
		if (typeof link === "string") return link;
		return isCustomer ? { id: organizationId(link) } : { customerId: customerId(seeded, link) };
	});
	return { operationType, payload: { ...fields, [isCustomer ? "organizations" : "customers"]: named } };
}

/** Numbers are counted up, so the unknown one must be out of the reach of those that items create. */
function organizationId(seed: number): number {
	return seed < seedNames.length ? seed + 1 : 999;
}

function customerId({ site, customerIds }: SeededSite, seed: number): string {
	return customerIds[seed] ?? `qm:${site.siteId}:00000000-0000-7000-8000-000000000000`;
}

/** Parts of a list, of these sizes over and over. */
function cut<T>(list: readonly T[], sizes: readonly number[]): T[][] {
	const parts: T[][] = [];
	for (let from = 0; from < list.length; ) {
		const size = sizes[parts.length % sizes.length] ?? 1;
		parts.push(list.slice(from, from + size));
		from += size;
	}
	return parts;
}

/** Everything that can be seen of the site and of these tasks' items; ids are numbered in the order of their appearance. */
async function observe({ site, customerIds }: SeededSite, taskIds: readonly string[]): Promise<unknown> {
	const results = await Promise.all(taskIds.map((taskId) => site.results(taskId)));
	const customers = (await site.get("customers?limit=100")).body.results;
	const organizations = (await site.get("organizations?limit=100")).body.results;
	const seen = {
		customerIds,
		// Places within a task differ by how the items were cut.
		results: results.flat().map(({ index: _, ...result }) => result),
		customers: customers.sort(byEmail),
		organizations,
		fields: [(await site.get("customer/details")).body, (await site.get("organization/details")).body],
	};
	return alike(site.siteId, seen);
}
