import { type Dialect, type ListedOperation, type OperationName, operations } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, type Ask, startMuster, type TestMuster, type TestSite } from "../muster.ts";
import {
	baseOf,
	dialects,
	expectAccepted,
	expectKeyConflict,
	expectProblem,
	failureOf,
	noSummary,
	taskOf,
} from "./expected-answers.ts";
import { type BodyShape, numbered, type RecordCase, recordCases } from "./operation-cases.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());
/** What the operations on definitions answer with is the same for both entities. */
const definitionOperations: readonly OperationName[] = ["customer.definitions", "organization.definitions"];

test("every operation of the table is tried here", () => {
	const tried = [...Object.keys(recordCases), ...definitionOperations];
	expect(tried.sort()).toEqual(operations.map((operation) => operation.name).sort());
});

for (const operation of operations) {
	const recordCase = recordCases[operation.name];
	for (const dialect of dialects) {
		if (recordCase === undefined) {
			describe(`${operation.path} under the ${dialect}'s base`, () => testDefinitions(operation, dialect));
			continue;
		}
		for (const shape of dialects) {
			describe(`${operation.path} under the ${dialect}'s base, in the ${shape}'s shape of body`, () =>
				testRecords(operation, recordCase, dialect, shape));
		}
	}
}

function testRecords(
	operation: ListedOperation,
	{ prepare, outcome }: RecordCase,
	dialect: Dialect,
	shapeName: BodyShape,
): void {
	const summaryOf = (done: number, failed: number): Record<string, number> => ({
		...noSummary,
		total: done + failed,
		[outcome]: done,
		failed,
	});

	test("is accepted, is unfinished until a worker comes, and takes effect", async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const submitted = await submit(site, { [shape.key]: [shape.good(0), shape.good(1)] });
		const taskId = expectAccepted(submitted, site, dialect);

		const before = await site.get(`tasks/${taskId}`, { base: baseOf(site, dialect) });
		expect(before.headers.get("retry-after")).toBe("1");
		expect(before.body).toEqual(
			taskOf(operation, dialect, { taskId, isEnded: false, summary: { ...noSummary, total: 2 } }),
		);
		await muster.worker.tick();

		// Location as it stands, on the server that it came from.
		const after = await fetch(new URL(submitted.headers.get("location") ?? "", muster.url), {
			headers: { authorization: `Bearer ${site.token}` },
		});
		expect(after.headers.get("retry-after")).toBe(null);
		expect(await after.json()).toEqual(
			taskOf(operation, dialect, { taskId, isEnded: true, summary: summaryOf(2, 0) }),
		);
	});

	test(`takes ${operation.itemsMax} items`, async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const submitted = await submit(site, { [shape.key]: numbered(operation.itemsMax, shape.good) });
		const taskId = expectAccepted(submitted, site, dialect);
		await muster.worker.tick();
		expect((await site.get(`tasks/${taskId}`)).body.summary).toEqual(summaryOf(operation.itemsMax, 0));
	});

	test(`refuses ${operation.itemsMax + 1} items at once`, async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const refused = await submit(site, {
			[shape.key]: numbered(operation.itemsMax + 1, (number) => shape.good(number % operation.itemsMax)),
		});
		expectProblem(refused, site, dialect, operation, {
			status: 400,
			code: "too_many_items",
			title: "Too many items",
			detail: `${operation.itemsMax + 1} items were sent; ${operation.path} allows ${operation.itemsMax} in one request. Nothing was saved; split the list, with a new Idempotency-Key for each part.`,
		});
		expect((await site.get(`tasks?operation=${operation.name}`)).body).toEqual({ results: [] });
	});

	test.each([
		["at index 0", 0],
		["at the last index", operation.itemsMax - 1],
	])("a bad item %s fails alone", async (_where, index) => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const items = numbered(operation.itemsMax, (number) =>
			number === index ? shape.bad : shape.good(number),
		);
		const taskId = expectAccepted(await submit(site, { [shape.key]: items }), site, dialect);
		await muster.worker.tick();
		const { body } = await site.get(`tasks/${taskId}`, { base: baseOf(site, dialect) });
		expect(body).toEqual(
			taskOf(operation, dialect, {
				taskId,
				isEnded: true,
				summary: summaryOf(operation.itemsMax - 1, 1),
				failures: [failureOf(operation, dialect, shape, index)],
			}),
		);
	});

	test("a task whose every item failed has ended all the same, with as many failures", async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const items = [shape.bad, shape.bad, shape.bad];
		const taskId = expectAccepted(await submit(site, { [shape.key]: items }), site, dialect);
		await muster.worker.tick();
		const { body } = await site.get(`tasks/${taskId}`, { base: baseOf(site, dialect) });
		expect(body).toEqual(
			taskOf(operation, dialect, {
				taskId,
				isEnded: true,
				summary: summaryOf(0, 3),
				failures: [0, 1, 2].map((index) => failureOf(operation, dialect, shape, index)),
			}),
		);
	});

	test("the same request under its key is answered with its task, before and after that ended", async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const body = { [shape.key]: [shape.good(0)] };
		const first = await submit(site, body, { key: "key-1" });
		const taskId = expectAccepted(first, site, dialect);
		expect(first.headers.get("idempotency-replayed")).toBe(null);
		for (const isEnded of [false, true]) {
			if (isEnded) await muster.worker.tick();
			const again = await submit(site, body, { key: "key-1" });
			expect(again.headers.get("idempotency-replayed")).toBe("true");
			expect([again.status, again.text, again.headers.get("location")]).toEqual([
				first.status,
				first.text,
				first.headers.get("location"),
			]);
		}
		expect((await site.get(`tasks?operation=${operation.name}`)).body.results).toMatchObject([{ taskId }]);
	});

	test("another request under the same key is refused, and nothing of it is saved", async () => {
		const site = await muster.aSite();
		const shape = (await prepare(site))[shapeName];
		const first = await submit(site, { [shape.key]: [shape.good(0)] }, { key: "key-1" });
		const taskId = expectAccepted(first, site, dialect);
		const other = await submit(site, { [shape.key]: [shape.good(1)] }, { key: "key-1" });
		expectKeyConflict(other, site, dialect, operation, taskId);
		expect((await site.get(`tasks?operation=${operation.name}`)).body.results).toMatchObject([{ taskId }]);
	});

	const { editsMax } = operation;
	if (editsMax !== undefined) {
		test(`takes ${editsMax} detail edits over all items, and refuses one more`, async () => {
			const site = await muster.aSite();
			const shape = (await prepare(site))[shapeName];
			const key = shapeName === "guide" ? "details" : "operations";
			// Both shapes hold their edits in a list.
			const [edit] = (shape.good(0) as Record<string, readonly unknown[]>)[key] ?? [];
			const itemsWith = (firstHasMore: number): unknown[] =>
				numbered(operation.itemsMax, (number) => {
					const count = editsMax / operation.itemsMax + (number === 0 ? firstHasMore : 0);
					return { ...(shape.good(number) as object), [key]: Array(count).fill(edit) };
				});
			const taskId = expectAccepted(await submit(site, { [shape.key]: itemsWith(0) }), site, dialect);
			await muster.worker.tick();
			expect((await site.get(`tasks/${taskId}`)).body.summary).toEqual(summaryOf(operation.itemsMax, 0));

			const refused = await submit(site, { [shape.key]: itemsWith(1) });
			expectProblem(refused, site, dialect, operation, {
				status: 400,
				code: "too_many_edits",
				title: "Too many detail edits",
				detail: `${editsMax + 1} detail edits were sent; ${editsMax} are allowed in one request, over all its items. Nothing was saved; split the list, with a new Idempotency-Key for each part.`,
			});
		});
	}

	function submit(site: TestSite, body: unknown, ask: Ask = {}): Promise<Answered> {
		return site.post(operation.path, body, { base: baseOf(site, dialect), ...ask });
	}
}

function testDefinitions(operation: ListedOperation, dialect: Dialect): void {
	const tier = { name: "Support Tier", type: { name: "SELECT", options: ["Free", "Premium"] } };
	const bad = { name: "Level", type: { name: "DROPDOWN" } };
	const fault = {
		code: "invalid_type",
		message:
			'name is "DROPDOWN"; TEXT, NUMBER, DATE, EMAIL, PHONE, URL, BOOLEAN, SELECT, MULTISELECT are allowed.',
	};

	test("is accepted with a task that has ended already, and its fields are there", async () => {
		const site = await muster.aSite();
		const submitted = await submit(site, { detailFields: [tier, { name: "Region" }] });
		const taskId = expectAccepted(submitted, site, dialect);
		const task = await site.get(`tasks/${taskId}`, { base: baseOf(site, dialect) });
		expect(task.headers.get("retry-after")).toBe(null);
		expect(task.body).toEqual(
			taskOf(operation, dialect, {
				taskId,
				isEnded: true,
				summary: { ...noSummary, total: 2, created: 2 },
			}),
		);
		expect(await site.results(taskId)).toEqual([
			{ index: 0, id: "support-tier", key: "Support Tier", outcome: "created" },
			{ index: 1, id: "region", key: "Region", outcome: "created" },
		]);
		expect(await fieldsOf(site)).toEqual([
			{ id: "support-tier", ...tier, configuration: { position: 0 } },
			{ id: "region", name: "Region", type: { name: "TEXT" }, configuration: { position: 1 } },
		]);
	});

	test(`takes ${operation.itemsMax} definitions, and refuses one more`, async () => {
		const site = await muster.aSite();
		const detailFields = numbered(operation.itemsMax, (number) => ({ name: `Field ${number}` }));
		const refused = await submit(site, { detailFields: [...detailFields, tier] });
		expectProblem(refused, site, dialect, operation, {
			status: 400,
			code: "too_many_items",
			title: "Too many items",
			detail: `${operation.itemsMax + 1} items were sent; ${operation.path} allows ${operation.itemsMax} in one request. Nothing was saved; split the list, with a new Idempotency-Key for each part.`,
		});
		expect(await fieldsOf(site)).toEqual([]);
		expectAccepted(await submit(site, { detailFields }), site, dialect);
		expect(await fieldsOf(site)).toHaveLength(operation.itemsMax);
	});

	test.each([
		["at index 0", [bad, tier], [0]],
		["at the last index", [tier, bad], [1]],
		["everywhere", [bad, bad], [0, 1]],
	])(
		"a bad definition %s refuses the whole request, and its key is not used up",
		async (_where, items, at) => {
			const site = await muster.aSite();
			const refused = await submit(site, { detailFields: items }, { key: "key-1" });
			const more = at.length > 1 ? ` (and ${at.length - 1} more, see errors)` : "";
			expectProblem(refused, site, dialect, operation, {
				status: 400,
				code: "invalid_detail_field",
				title: "The detail field is not valid",
				detail: `${fault.message}${more} Nothing was saved.`,
				errors: at.map((place) => ({ ...fault, pointer: `/detailFields/${place}/type/name` })),
			});
			expect(await fieldsOf(site)).toEqual([]);
			expect((await site.get("tasks")).body).toEqual({ results: [] });
			const corrected = await submit(site, { detailFields: [tier] }, { key: "key-1" });
			expectAccepted(corrected, site, dialect);
			expect(corrected.headers.get("idempotency-replayed")).toBe(null);
		},
	);

	test.each([
		["that exists", ["Support Tier"], [" support tier "]],
		["that answers to the name as its id", ["Support Tier"], ["Support-tier"]],
		["of the same request", [], ["Support Tier", "SUPPORT TIER"]],
	])("a clash with a field %s refuses the whole request", async (_which, existing, names) => {
		const site = await muster.aSite();
		for (const name of existing) await submit(site, { detailFields: [{ ...tier, name }] });
		const before = await fieldsOf(site);
		const detailFields = [{ name: "Region" }, ...names.map((name) => ({ ...tier, name }))];
		const refused = await submit(site, { detailFields });
		const message = `The ${operation.entity} detail field "Support Tier" (id "support-tier") answers to the name ${JSON.stringify(names.at(-1)?.trim())} already.`;
		expectProblem(refused, site, dialect, operation, {
			status: 400,
			code: "detail_field_exists",
			title: "The detail field exists already",
			detail: `${message} Nothing was saved.`,
			errors: [{ code: "invalid_name", pointer: `/detailFields/${names.length}/name`, message }],
		});
		expect(await fieldsOf(site)).toEqual(before);
	});

	test("the same request under its key is answered with its task, another one is refused", async () => {
		const site = await muster.aSite();
		const first = await submit(site, { detailFields: [tier] }, { key: "key-1" });
		const taskId = expectAccepted(first, site, dialect);
		const again = await submit(site, { detailFields: [tier] }, { key: "key-1" });
		expect([again.status, again.text]).toEqual([first.status, first.text]);
		expect(again.headers.get("idempotency-replayed")).toBe("true");
		const other = await submit(site, { detailFields: [{ name: "Region" }] }, { key: "key-1" });
		expectKeyConflict(other, site, dialect, operation, taskId);
		expect(await fieldsOf(site)).toHaveLength(1);
	});

	test("a dry run tells what would be made and makes nothing", async () => {
		const site = await muster.aSite();
		const body = { detailFields: [tier] };
		const submitted = await site.post(`${operation.path}?dryRun=true`, body, {
			base: baseOf(site, dialect),
		});
		const taskId = expectAccepted(submitted, site, dialect);
		expect(await site.results(taskId)).toEqual([
			{
				index: 0,
				key: "Support Tier",
				outcome: "created",
				changes: [{ field: "name", before: null, after: "Support Tier" }],
			},
		]);
		expect(await fieldsOf(site)).toEqual([]);
	});

	test("fields beyond the site's setting refuse the whole request", async () => {
		const site = await muster.aSite({ detailFieldsMax: 2 });
		const refused = await submit(site, { detailFields: [tier, { name: "Region" }, { name: "Industry" }] });
		expectProblem(refused, site, dialect, operation, {
			status: 400,
			code: "detail_field_limit",
			title: "Too many detail fields",
			detail: `The site would have 3 ${operation.entity} detail fields; 2 are allowed. Nothing was saved.`,
		});
		expect(await fieldsOf(site)).toEqual([]);
	});

	function submit(site: TestSite, body: unknown, ask: Ask = {}): Promise<Answered> {
		return site.post(operation.path, body, { base: baseOf(site, dialect), ...ask });
	}

	async function fieldsOf(site: TestSite): Promise<unknown[]> {
		return (await site.get(`${operation.entity}/details`)).body.results;
	}
}
