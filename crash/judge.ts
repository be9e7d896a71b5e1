import type { Call, History, Summary } from "./history.ts";
import { Model } from "./model.ts";
import type { Stored, StoredTask } from "./stored.ts";

/** What must never happen. */
export const breachKinds = [
	/** An accepted submission has no task, or its task did not end. */
	"lost",
	/** A key has two tasks. */
	"doubled",
	/** Records or results that come of no effects taken once and in the order of acceptance: one is missing, doubled or out of turn. */
	"effect",
	/** A status that went back, or changed after the end. */
	"status",
	/** Counts that do not add up. */
	"counts",
	/** An answer other than 2xx and 503. */
	"answer",
	/** A process that ended by itself, or a deployment that did not recover. */
	"process",
] as const;
export type BreachKind = (typeof breachKinds)[number];

export interface Breach {
	readonly kind: BreachKind;
	readonly what: string;
}

/** Holds what clients were told against what is there. */
export function judge(history: History, stored: Stored): readonly Breach[] {
	return [
		...answersOf(history.calls),
		...tasksOf(history, stored.tasks),
		...stored.tasks.flatMap(countsOf),
		...pollsOf(history, stored.tasks),
		...effectsOf(history, stored),
	];
}

/** 503 is a problem by the contract, with Retry-After. */
function answersOf(calls: readonly Call[]): Breach[] {
	return calls
		.filter(({ status, code }) => {
			if (status === null || (status >= 200 && status <= 299)) return false;
			return status !== 503 || !["unavailable", "outcome_unknown"].includes(code ?? "");
		})
		.map(({ key, kind, status, code }) => ({
			kind: "answer",
			what: `${kind} of ${key} got ${status} ${code}`,
		}));
}

/** One task a key, which is the one that every answer named, and which has ended. */
function tasksOf(history: History, tasks: readonly StoredTask[]): Breach[] {
	const breaches: Breach[] = [];
	const byKey = Map.groupBy(tasks, ({ key }) => key);
	for (const [key, [, ...others]] of byKey) {
		if (others.length > 0) breaches.push({ kind: "doubled", what: `${key} has ${others.length + 1} tasks` });
		if (!history.submissions.has(key)) breaches.push({ kind: "doubled", what: `${key} was never sent` });
	}
	const answered = Map.groupBy(
		history.calls.filter((call) => call.kind === "submit" && call.taskId !== undefined),
		({ key }) => key,
	);
	for (const [key, calls] of answered) {
		const named = [...new Set(calls.map(({ taskId }) => taskId))];
		if (named.length > 1)
			breaches.push({ kind: "doubled", what: `${key} was answered with ${named.join(" and ")}` });
		const made = calls.filter(({ replayed }) => replayed !== true);
		if (made.length > 1) breaches.push({ kind: "doubled", what: `${key} was accepted ${made.length} times` });
		const task = byKey.get(key)?.[0];
		if (task === undefined) breaches.push({ kind: "lost", what: `${key} was accepted and has no task` });
		else if (!named.includes(task.taskId))
			breaches.push({ kind: "lost", what: `${key} has another task than it was told` });
	}
	for (const { key, endedAt, failed } of tasks) {
		if (endedAt === null) breaches.push({ kind: "lost", what: `the task of ${key} has not ended` });
		if (failed) breaches.push({ kind: "lost", what: `the task of ${key} was given up` });
	}
	return breaches;
}

function countsOf({ key, endedAt, summary, results }: StoredTask): Breach[] {
	if (endedAt === null) return [];
	const { total, ...outcomes } = summary;
	const tally = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
	const isRight = Object.entries(outcomes).every(([outcome, count]) => count === tally(outcome));
	if (isRight && results.length === total) return [];
	return [{ kind: "counts", what: `${key}: ${JSON.stringify(summary)} of ${results.length} results` }];
}

/** Once a task was seen to have ended, every later answer is the same. */
function pollsOf(history: History, tasks: readonly StoredTask[]): Breach[] {
	const summaries = new Map<string, Summary>(tasks.map(({ key, summary }) => [key, summary]));
	const ended = new Map<string, number>();
	const breaches: Breach[] = [];
	for (const { key, task, sentAt, answeredAt } of history.calls) {
		if (task === undefined) continue;
		if (task.status === "PROCESSING") {
			if ((ended.get(key) ?? sentAt) < sentAt)
				breaches.push({ kind: "status", what: `${key} went back to PROCESSING` });
			continue;
		}
		if (!ended.has(key)) ended.set(key, answeredAt);
		const stored = summaries.get(key);
		if (stored !== undefined && JSON.stringify(sorted(stored)) !== JSON.stringify(sorted(task.summary))) {
			breaches.push({
				kind: "status",
				what: `${key} was told ${JSON.stringify(task.summary)}, not ${JSON.stringify(stored)}`,
			});
		}
	}
	return breaches;
}

function sorted(summary: Summary): unknown {
	return Object.entries(summary).sort(([one], [other]) => (one < other ? -1 : 1));
}

function effectsOf(history: History, stored: Stored): Breach[] {
	const model = new Model(history.removed);
	const results = stored.tasks.flatMap(({ key, endedAt, failed, results }) => {
		const submission = history.submissions.get(key);
		return submission === undefined || endedAt === null || failed ? [] : model.apply(submission, results);
	});
	return [
		...results,
		...model.compare("customer", stored.customers),
		...model.compare("organization", stored.organizations),
	].map((what) => ({ kind: "effect", what }));
}
