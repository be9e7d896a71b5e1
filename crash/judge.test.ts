import { expect, test } from "vitest";
import { type Call, History, type Summary } from "./history.ts";
import { judge } from "./judge.ts";
import type { Stored, StoredTask } from "./stored.ts";
import type { SentItem, Submission } from "./submissions.ts";

// Each kind of breach is found in a history that is right but for one thing.

const jane: SentItem = {
	entity: "customer",
	verb: "UPSERT",
	address: "jane@crash.test",
	displayName: "Jane",
	details: {},
	links: [],
};

function aSubmission(key: string, item: SentItem): Submission {
	return { key, path: "customer/bulk", operation: "customer", dryRun: false, items: [item], body: "" };
}

function aTask(number: number, outcome: "created" | "updated"): StoredTask {
	const summary: Summary = {
		total: 1,
		created: 0,
		updated: 0,
		unchanged: 0,
		skipped: 0,
		failed: 0,
		[outcome]: 1,
	};
	return {
		taskId: `task-${number}`,
		number,
		operation: "customer",
		key: `key-${number}`,
		endedAt: 50,
		failed: false,
		summary,
		results: [{ outcome, id: "id-jane" }],
	};
}

const created = aTask(1, "created");
const updated = aTask(2, "updated");

function aCall(part: Partial<Call> & Pick<Call, "key" | "kind">): Call {
	return { sentAt: 10, answeredAt: 20, status: part.kind === "submit" ? 202 : 200, ...part };
}

/** Jane is made as Jane and renamed to Janet; both are answered, and seen to have ended. */
const calls: readonly Call[] = [created, updated].flatMap(({ key, taskId, summary }) => [
	aCall({ key, kind: "submit", status: null }),
	aCall({ key, kind: "submit", taskId }),
	aCall({ key, kind: "submit", taskId, replayed: true }),
	aCall({ key, kind: "poll", task: { status: "PROCESSING", summary } }),
	aCall({ key, kind: "poll", sentAt: 60, answeredAt: 70, task: { status: "COMPLETED", summary } }),
]);
const janet = { id: "id-jane", address: jane.address, displayName: "Janet", details: {}, links: [] };
const right: Stored = { tasks: [created, updated], customers: [janet], organizations: [] };

function kindsOf({
	stored = right,
	more = [],
}: {
	readonly stored?: Stored;
	readonly more?: readonly Call[];
}): string[] {
	const history = new History();
	history.begin(aSubmission("key-1", jane), 0);
	history.begin(aSubmission("key-2", { ...jane, displayName: "Janet" }), 0);
	history.calls.push(...calls, ...more);
	return [...new Set(judge(history, stored).map(({ kind }) => kind))];
}

test("a history in which everything is right has no breach", () => {
	expect(kindsOf({})).toEqual([]);
});

test.each<[string, string[], { readonly stored?: Stored; readonly more?: readonly Call[] }]>([
	["an accepted task that is not there", ["lost", "effect"], { stored: { ...right, tasks: [created] } }],
	[
		"one that did not end",
		["lost", "effect"],
		{ stored: { ...right, tasks: [created, { ...updated, endedAt: null }] } },
	],
	[
		"one that was given up",
		["lost", "effect"],
		{ stored: { ...right, tasks: [created, { ...updated, failed: true }] } },
	],
	[
		"a key with two tasks",
		["doubled", "effect"],
		{ stored: { ...right, tasks: [created, updated, { ...updated, taskId: "task-3", number: 3 }] } },
	],
	[
		"a key that was accepted twice",
		["doubled"],
		{ more: [aCall({ key: "key-1", kind: "submit", taskId: "task-1" })] },
	],
	[
		"a key that was answered with another task",
		["doubled"],
		{ more: [aCall({ key: "key-1", kind: "submit", taskId: "task-9", replayed: true })] },
	],
	[
		"an effect that is missing",
		["effect"],
		{ stored: { ...right, customers: [{ ...janet, displayName: "Jane" }] } },
	],
	["a record that is missing", ["effect"], { stored: { ...right, customers: [] } }],
	[
		"a record that nobody made",
		["effect"],
		{ stored: { ...right, organizations: [{ ...janet, address: "Acme" }] } },
	],
	[
		"tasks that took effect in another order",
		["effect"],
		{ stored: { ...right, tasks: [updated, created] } },
	],
	[
		"a record that was made twice",
		["effect", "counts"],
		{ stored: { ...right, tasks: [created, { ...updated, results: created.results }] } },
	],
	[
		"counts that do not add up",
		["counts"],
		{
			stored: {
				...right,
				tasks: [created, { ...updated, results: [...updated.results, ...updated.results] }],
			},
		},
	],
	[
		"a status that went back",
		["status"],
		{
			more: [
				aCall({
					key: "key-1",
					kind: "poll",
					sentAt: 80,
					task: { status: "PROCESSING", summary: created.summary },
				}),
			],
		},
	],
	[
		"an answer of 500",
		["answer"],
		{ more: [aCall({ key: "key-1", kind: "poll", status: 500, code: "internal" })] },
	],
])("%s is a breach", (_, kinds, wrong) => {
	expect(kindsOf(wrong).sort()).toEqual([...kinds].sort());
});

test("a removed customer may be missing and made again, and its old record stays away", () => {
	const history = new History();
	history.removed.add("id-jane");
	history.begin(aSubmission("key-1", jane), 0);
	history.begin(aSubmission("key-2", { ...jane, displayName: "Janet" }), 0);
	const again: StoredTask = { ...aTask(2, "created"), results: [{ outcome: "created", id: "id-janet" }] };
	const tasks = [created, again];
	const renewed = { ...janet, id: "id-janet" };
	expect(judge(history, { tasks, customers: [renewed], organizations: [] })).toEqual([]);
	expect(judge(history, { tasks: [created], customers: [], organizations: [] })).toEqual([]);
	expect(judge(history, { tasks: [created], customers: [janet], organizations: [] })).toEqual([
		{ kind: "effect", what: "jane@crash.test is there again" },
		expect.objectContaining({ kind: "effect" }),
	]);
});
