import { type ClaimSize, claimItemsMax, claimTasksMax, plainPortion } from "./claim-tasks.ts";
import type { Ground } from "./grounds.ts";
import type { PlainColumns } from "./plain-columns.ts";

/** What was made of a task's items when it was accepted. */
export interface PlainWork {
	readonly operation: string;
	readonly ground: Ground;
	readonly items: PlainColumns;
}

/** An unfinished task that this process has accepted. */
export interface HeldTask {
	readonly taskId: string;
	readonly number: number;
	/** Another one after every change of the task. */
	readonly version: string;
	/** null for one whose items are to be judged when they are applied. */
	readonly work: PlainWork | null;
}

/** Neighbouring tasks of one ground, no two items of which are about one record. */
export interface PlainClaim {
	readonly ground: Ground;
	/** In the order of their numbers. */
	readonly tasks: readonly [PlainTask, ...PlainTask[]];
	/** Number of the last of them. */
	readonly last: number;
	/** Of the customers that they are about. */
	readonly keys: ReadonlySet<string>;
}

export interface PlainTask extends HeldTask {
	readonly work: PlainWork;
}

export function isPlain(task: HeldTask): task is PlainTask {
	return task.work !== null;
}

/**
 * As many of neighbouring tasks as one claim takes, in the order of their numbers; null where the first is none for it.
 * @param beside a claim that is still underway: none of them is about a customer of its
 */
export function plainClaimOf(
	tasks: Iterable<HeldTask>,
	size: ClaimSize,
	beside: PlainClaim | null,
): PlainClaim | null {
	const portion = plainPortion(size);
	const claimed: PlainTask[] = [];
	const keys = new Set<string>();
	let items = 0;
	for (const task of tasks) {
		if (!isPlain(task) || claimed.length === claimTasksMax[portion]) break;
		const { ground, operation, items: own } = task.work;
		items += own.count;
		const first = claimed[0]?.work;
		if (first !== undefined) {
			if (items > claimItemsMax[portion] || first.ground !== ground || first.operation !== operation) break;
		}
		if (own.keys.some((key) => keys.has(key) || beside?.keys.has(key) === true)) break;
		for (const key of own.keys) keys.add(key);
		claimed.push(task);
	}
	const [first, ...others] = claimed;
	if (first === undefined) return null;
	const { number: last } = others.at(-1) ?? first;
	return { ground: first.work.ground, tasks: [first, ...others], last, keys };
}
