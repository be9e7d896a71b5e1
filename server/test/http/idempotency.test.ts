import { createHash, randomUUID } from "node:crypto";
import { operations } from "@muster/client/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	type Answered,
	anAcceptQueue,
	guideBase,
	referenceBase,
	startMuster,
	type TestMuster,
	type TestSite,
} from "../muster.ts";
import { postRepeated } from "./post-raw.ts";

let muster: TestMuster;
beforeAll(async () => {
	muster = await startMuster();
});
afterAll(() => muster.close());

const path = "customer/bulk";
const jane = { customers: [{ email: "jane.smith@acme.com", displayName: "Jane Smith" }] };
const bob = { customers: [{ email: "bob@acme.com" }] };

describe("what a key may be", () => {
	test.each(operations)("$path is refused without a key", async (operation) => {
		const site = await muster.aSite();
		const refused = await site.post(operation.path, { [operation.itemsKeys[0]]: [{}] }, { key: null });
		expect(refused.status).toBe(400);
		expect(refused.body).toMatchObject({ code: "idempotency_key_missing", detail: missing });
	});

	const missing =
		"The Idempotency-Key header is missing or empty. Nothing was saved; make a new UUID for each request and send it in this header.";
	test.each([
		["empty", ""],
		["blank", "   "],
		["an empty quoted string", '""'],
	])("one that is %s counts as missing", async (_what, key) => {
		const site = await muster.aSite();
		for (const base of [guideBase, site.referenceBase]) {
			const refused = await site.post(path, jane, { key, base });
			expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
				400,
				"idempotency_key_missing",
				missing,
			]);
		}
	});

	test.each([
		["is longer than 255 characters", "k".repeat(256)],
		["is longer than 255 characters between its quotes", `"${"k".repeat(256)}"`],
		["has a blank inside", "two words"],
		["has a blank inside its quotes", '"two words"'],
		["has a tab inside", "two\twords"],
		["is not ASCII", "clé"],
	])("one that %s is refused", async (_what, key) => {
		const site = await muster.aSite();
		const refused = await site.post(path, jane, { key });
		const bare = key.replaceAll('"', "");
		const shown = JSON.stringify(bare.length > 60 ? `${bare.slice(0, 57)}...` : bare);
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"idempotency_key_invalid",
			`The Idempotency-Key ${shown} is not valid: 1 to 255 visible ASCII characters are allowed. Nothing was saved; a UUID is a good key.`,
		]);
	});

	test.each([
		["of two values", ["key-1", "key-2"]],
		["of the same value twice", ["key-1", "key-1"]],
	])("two headers %s are refused", async (_what, keys) => {
		const site = await muster.aSite();
		const refused = await postRepeated(
			muster,
			path,
			{ authorization: `Bearer ${site.token}`, "idempotency-key": keys },
			jane,
		);
		expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
			400,
			"idempotency_key_invalid",
			"The Idempotency-Key header came twice. Nothing was saved.",
		]);
		expect(await taskCount(site)).toBe(0);
	});

	test("1 and 255 characters and every visible one are taken", async () => {
		const site = await muster.aSite();
		const everyVisible = String.fromCharCode(...Array.from({ length: 94 }, (_, place) => 0x21 + place));
		for (const key of ["k", "k".repeat(255), `"${"q".repeat(255)}"`, everyVisible]) {
			expect((await site.post(path, jane, { key })).status).toBe(202);
		}
		const found = await site.get(`tasks?idempotencyKey=${encodeURIComponent(everyVisible)}`);
		expect(found.body.results).toHaveLength(1);
		expect(await taskCount(site)).toBe(4);
	});

	test.each([
		["quoted", "key-1", '"key-1"'],
		["quoted with escapes", 'a"b\\c', '"a\\"b\\\\c"'],
		["between blanks", "key-1", "  key-1 "],
	])("a key means the same bare and %s", async (_how, bare, other) => {
		const site = await muster.aSite();
		const first = await site.post(path, jane, { key: bare });
		expectReplay(await site.post(path, jane, { key: other }), first);
	});
});

describe("the same request under the same key", () => {
	test("gets the same task in the dialect of the path asked, whichever path was first", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, jane, { key: "key-1" });
		const { taskId } = first.body;
		const bases = [
			{ base: guideBase, body: { taskId, statusUrl: `https://muster.test${guideBase}/tasks/${taskId}` } },
			{ base: referenceBase, body: { id: taskId, statusUrl: `/api/v1/tasks/${taskId}` } },
			{ base: site.referenceBase, body: { id: taskId, statusUrl: `/api/v1/tasks/${taskId}` } },
		];
		for (const { base, body } of bases) {
			const again = await site.post(path, jane, { key: "key-1", base });
			expect(again.status).toBe(202);
			expect(again.body).toEqual(body);
			expect(again.headers.get("idempotency-replayed")).toBe("true");
			expect(again.headers.get("location")).toBe(`${base}/tasks/${taskId}`);
			expect((await site.get(`tasks/${taskId}`, { base })).status).toBe(200);
		}
		expect(await taskCount(site)).toBe(1);
	});

	test("is the same whatever its white space, escapes and repeated JSON keys", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, '{"customers":[{"email":"jane@acme.com"}]}', { key: "key-1" });
		for (const same of [
			'\n{ "customers" : [\t{ "email" : "jane@acme.com" } ] }\r\n',
			'{"customers":[{"em\\u0061il":"jane\\u0040acme.com"}]}',
			'{"customers":[{"email":"bob@acme.com","email":"jane@acme.com"}]}',
		]) {
			expectReplay(await site.post(path, same, { key: "key-1" }), first);
		}
	});

	test("is another one where an object's keys stand in another order", async () => {
		const site = await muster.aSite();
		await site.post(path, '{"customers":[{"email":"a@acme.com","displayName":"A"}]}', { key: "key-1" });
		const turned = await site.post(path, '{"customers":[{"displayName":"A","email":"a@acme.com"}]}', {
			key: "key-1",
		});
		expect([turned.status, turned.body.code]).toEqual([422, "idempotency_key_reused"]);
	});

	test("is another one where a number has other digits, also beyond those of a double", async () => {
		const site = await muster.aSite();
		const withScore = (digits: string): string =>
			`{"customers":[{"email":"jane@acme.com","details":{"score":${digits}}}]}`;
		const profile = "customer/profile/bulk";
		await site.post(profile, withScore("9007199254740993"), { key: "key-1" });
		expect((await site.post(profile, withScore("9007199254740992"), { key: "key-1" })).status).toBe(422);
		expect((await site.post(profile, withScore("9007199254740993"), { key: "key-1" })).status).toBe(202);
	});

	test("is another one as a dry run; dryRun=false is what is understood", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, jane, { key: "key-1" });
		const dryRun = await site.post(`${path}?dryRun=true`, jane, { key: "key-1" });
		expect([dryRun.status, dryRun.body.code]).toEqual([422, "idempotency_key_reused"]);
		expectReplay(await site.post(`${path}?dryRun=false`, jane, { key: "key-1" }), first);
	});

	test("is replayed for a dry run as for any other", async () => {
		const site = await muster.aSite();
		const first = await site.post(`${path}?dryRun=true`, jane, { key: "key-1" });
		expectReplay(await site.post(`${path}?dryRun=true`, jane, { key: "key-1" }), first);
		expect((await site.post(path, jane, { key: "key-1" })).status).toBe(422);
	});

	test("is judged before its items are: a task whose every item failed is replayed", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, { customers: [null, 5] }, { key: "key-1" });
		await muster.worker.tick();
		expectReplay(await site.post(path, { customers: [null, 5] }, { key: "key-1" }), first);
	});
});

describe("the scope of a key", () => {
	test("is one operation: under each of them it makes a task of its own", async () => {
		const site = await muster.aSite();
		for (const operation of operations) {
			const items = operation.scope === "definitions" ? [{ name: "Region" }] : [{}];
			const answer = await site.post(operation.path, { [operation.itemsKeys[0]]: items }, { key: "key-1" });
			expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([202, null]);
		}
		const { results } = (await site.get("tasks?idempotencyKey=key-1")).body;
		expect(results.map((task: { operation: string }) => task.operation).reverse()).toEqual(
			operations.map((operation) => operation.name),
		);
	});

	test("is one site", async () => {
		const [one, other] = [await muster.aSite(), await muster.aSite()];
		const first = await one.post(path, jane, { key: "key-1" });
		const second = await other.post(path, bob, { key: "key-1" });
		expect([first.status, second.status]).toEqual([202, 202]);
		expectReplay(await one.post(path, jane, { key: "key-1" }), first);
		expectReplay(await other.post(path, bob, { key: "key-1" }), second);
		expect((await other.post(path, jane, { key: "key-1" })).text).not.toContain(first.body.taskId);
	});

	test("is hidden from a token that may not submit: 403, whatever is known of the key", async () => {
		const site = await muster.aSite();
		const token = await site.aToken(["write:organization:jira-service-management"]);
		await site.post(path, jane, { key: "key-1" });
		const texts = new Set<string>();
		for (const [body, key] of [
			[jane, "key-1"],
			[bob, "key-1"],
			[bob, "key-2"],
			[bob, null],
		] as const) {
			const headers = { "x-request-id": "request-1" };
			const refused = await site.post(path, body, { key, token, headers });
			expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
			expect(refused.headers.get("idempotency-replayed")).toBe(null);
			texts.add(refused.text);
		}
		expect(texts.size).toBe(1);
	});
});

test.each<[string, number, (site: TestSite) => Promise<Answered>]>([
	["is no JSON", 400, (site) => site.post(path, "{", { key: "key-1" })],
	["has no items", 400, (site) => site.post(path, { customers: [] }, { key: "key-1" })],
	["has an unknown key", 400, (site) => site.post(path, { customer: [{}] }, { key: "key-1" })],
	["has too many items", 400, (site) => site.post(path, { customers: Array(51).fill({}) }, { key: "key-1" })],
	["has an unknown query parameter", 400, (site) => site.post(`${path}?dry=1`, jane, { key: "key-1" })],
	["comes without a token", 401, (site) => site.post(path, jane, { key: "key-1", token: "none" })],
	[
		"comes without the scope",
		403,
		async (site) => site.post(path, jane, { key: "key-1", token: await site.aToken(["admin"]) }),
	],
	[
		"is compressed",
		415,
		(site) => site.post(path, jane, { key: "key-1", headers: { "content-encoding": "gzip" } }),
	],
	["is too large", 413, (site) => site.post(path, " ".repeat(8 * 1024 * 1024 + 1), { key: "key-1" })],
])("a request that %s does not use its key up", async (_what, status, send) => {
	const site = await muster.aSite();
	expect((await send(site)).status).toBe(status);
	const good = await site.post(path, bob, { key: "key-1" });
	expect([good.status, good.headers.get("idempotency-replayed")]).toEqual([202, null]);
	expect(await taskCount(site)).toBe(1);
});

describe("at once", () => {
	test("200 identical submissions make one task and get 200 equal answers", async () => {
		const site = await muster.aSite();
		const answers = await atOnce(200, () => site.post(path, jane, { key: "key-1" }));
		expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
		expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
		expect(new Set(answers.map((answer) => answer.headers.get("location"))).size).toBe(1);
		const firsts = answers.filter((answer) => answer.headers.get("idempotency-replayed") === null);
		expect(firsts).toHaveLength(1);
		expect(await taskCount(site)).toBe(1);
	});

	test("20 identical definitions make one task and one field", async () => {
		const site = await muster.aSite();
		const body = { detailFields: [{ name: "Region" }] };
		const answers = await atOnce(20, () =>
			site.post("customer/details/definitions/bulk", body, { key: "key-1" }),
		);
		expect(new Set(answers.map((answer) => [answer.status, answer.text].join(" "))).size).toBe(1);
		expect((await site.get("customer/details")).body.results).toHaveLength(1);
		expect(await taskCount(site)).toBe(1);
	});

	test("of two different requests under one key exactly one wins, fifty times over", async () => {
		const site = await muster.aSite();
		const pairs = await Promise.all(
			Array.from({ length: 50 }, async (_, number) => {
				const emails = [`left-${number}@acme.com`, `right-${number}@acme.com`];
				const answers = await Promise.all(
					emails.map((email) => site.post(path, { customers: [{ email }] }, { key: `key-${number}` })),
				);
				const won = answers.findIndex((answer) => answer.status === 202);
				return { statuses: answers.map((answer) => answer.status).sort(), winner: emails[won] };
			}),
		);
		expect(pairs.map((pair) => pair.statuses)).toEqual(Array(50).fill([202, 422]));
		await muster.worker.tick();
		const customers = [
			...(await site.get("customers?email=left&limit=100")).body.results,
			...(await site.get("customers?email=right&limit=100")).body.results,
		];
		expect(customers.map((customer) => customer.email).sort()).toEqual(
			pairs.map((pair) => pair.winner).sort(),
		);
	});

	test("two processes that get the same keys make one task of each", async () => {
		const site = await muster.aSite();
		// A process has one queue; they meet in the database alone.
		const processes = [1, 2].map(() => anAcceptQueue(muster.database));
		const taskOf = (number: number) => ({
			operation: "customer",
			idempotencyKey: `key-${number}`,
			fingerprint: createHash("sha256").update(`${number}`).digest(),
			dryRun: false,
			tokenId: randomUUID(),
			itemCount: 1,
			items: JSON.stringify([{ email: `customer-${number}@acme.com` }]),
			oddNumbers: false,
		});
		const numbers = Array.from({ length: 60 }, (_, number) => number);
		const orders = [numbers, numbers.toReversed()];
		const accepted = await Promise.all(
			processes.map((queue, process) =>
				Promise.all(
					(orders[process] ?? []).map((number) => queue.accept(site.siteId, 10_000, taskOf(number))),
				),
			),
		);
		const [left = [], right = []] = accepted;
		expect(left.map((task) => task.taskId)).toEqual(right.toReversed().map((task) => task.taskId));
		const replayed = [...left, ...right].filter((task) => task.replayed);
		expect(replayed).toHaveLength(numbers.length);
		await muster.worker.tick();
	});
});

test("a full queue answers for what it has, and turns only new requests away", async () => {
	const site = await muster.aSite({ unfinishedTasksMax: 1 });
	const first = await site.post(path, jane, { key: "key-1" });
	expect(first.status).toBe(202);
	const full =
		"Maximum number of tasks reached: this site has 1 unfinished tasks, as many as its setting allows. Nothing was saved; send the same request again, with the same key, when some have ended.";
	for (const { base, status } of [
		{ base: guideBase, status: 429 },
		{ base: site.referenceBase, status: 400 },
		{ base: referenceBase, status: 400 },
	]) {
		const refused = await site.post(path, bob, { key: "key-2", base });
		expect([refused.status, refused.body.code, refused.body.message]).toEqual([
			status,
			"too_many_tasks",
			full,
		]);
		expect(refused.headers.get("retry-after")).toBe("1");
		const replay = await site.post(path, jane, { key: "key-1", base });
		expect([replay.status, replay.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
		const conflict = await site.post(path, bob, { key: "key-1", base });
		expect(conflict.body.code).toBe("idempotency_key_reused");
	}
	await muster.worker.tick();
	const later = await site.post(path, bob, { key: "key-2" });
	expect([later.status, later.headers.get("idempotency-replayed")]).toEqual([202, null]);
});

test("a full queue takes as many of a crowd as fit, and no key of the others is used up", async () => {
	const site = await muster.aSite({ unfinishedTasksMax: 5 });
	const send = (number: number): Promise<Answered> =>
		site.post(path, { customers: [{ email: `customer-${number}@acme.com` }] }, { key: `key-${number}` });
	const answers = await atOnce(40, send);
	const accepted = answers.filter((answer) => answer.status === 202);
	expect(accepted).toHaveLength(5);
	expect(answers.filter((answer) => answer.status === 429)).toHaveLength(35);
	await muster.worker.tick();
	const turnedAway = answers.findIndex((answer) => answer.status === 429);
	const again = await send(turnedAway);
	expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, null]);
	await muster.worker.tick();
});

describe("Prefer: wait on a replay", () => {
	test("counts for the replay: the first was answered at once, the replay with the finished task", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, jane, { key: "key-1" });
		const [again] = await Promise.all([
			site.post(path, jane, { key: "key-1", headers: { prefer: "wait=10" } }),
			muster.worker.tick(),
		]);
		expect(again.status).toBe(200);
		expect(again.headers.get("preference-applied")).toBe("wait=10");
		expect(again.headers.get("idempotency-replayed")).toBe("true");
		expect(again.headers.get("location")).toBe(first.headers.get("location"));
		expect(again.body).toEqual((await site.get(`tasks/${first.body.taskId}`)).body);
		expect(again.body.status).toBe("COMPLETED");
	});

	test("gives the task in the dialect of the path asked", async () => {
		const site = await muster.aSite();
		const { taskId } = await site.run(path, jane, { key: "key-1" });
		const base = site.referenceBase;
		const again = await site.post(path, jane, { key: "key-1", base, headers: { prefer: "wait=0" } });
		expect(again.status).toBe(200);
		expect(again.body).toEqual((await site.get(`tasks/${taskId}`, { base })).body);
		expect(again.body).toMatchObject({ id: taskId, status: "FINISHED" });
	});

	test("without it, the replay of an ended task is the 202 of the first time", async () => {
		const site = await muster.aSite();
		const first = await site.post(path, jane, { key: "key-1", headers: { prefer: "wait=0" } });
		expect([first.status, first.headers.get("preference-applied")]).toEqual([202, null]);
		await muster.worker.tick();
		expectReplay(await site.post(path, jane, { key: "key-1" }), first);
	});
});

function expectReplay(answer: Answered, first: Answered): void {
	expect(answer.headers.get("idempotency-replayed")).toBe("true");
	expect([answer.status, answer.text, answer.headers.get("location")]).toEqual([
		first.status,
		first.text,
		first.headers.get("location"),
	]);
}

function atOnce<T>(count: number, send: (number: number) => Promise<T>): Promise<T[]> {
	return Promise.all(Array.from({ length: count }, (_, number) => send(number)));
}

async function taskCount(site: TestSite): Promise<number> {
	return (await site.get("tasks?limit=100")).body.results.length;
}
