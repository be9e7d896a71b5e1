import type { ClaimSize } from "./claim-tasks.ts";
import type { Database } from "./database.ts";
import { type Ground, Grounds } from "./grounds.ts";
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

/** Most items of a claim: nothing here waits for them, and each commit is shared by more. A larger task comes alone. */
const claimItemsMax: Record<ClaimSize, number> = { full: 1_000, small: 100 };

/** Most tasks of a claim. */
const claimTasksMax: Record<ClaimSize, number> = { full: 50, small: 10 };

/** Most bytes of items that are held; what comes when there is no room is judged when it is applied. */
const heldBytesMax = 16 * 1024 * 1024;

/** How long a task is held, in milliseconds: by then another process has carried it out. */
const heldMs = 60_000;

/** For how long nothing is tried this way in a site where a claim failed, in milliseconds. */
const restMs = 1_000;

interface Held {
	readonly task: HeldTask;
	/** By the clock. */
	readonly atMs: number;
}

/**
 * Tasks that wait in this process with their items judged, so that applying them is a matter of the database alone. It is
 * a help and no more: the database has the tasks, and says whether what is held is what they are.
 */
export class PlainTasks {
	/** What the sites' items are judged by. */
	readonly grounds: Grounds;
	readonly #now: () => number;
	/** By site, in the order of their numbers. */
	readonly #held: Map<string, Held[]> = new Map();
	readonly #restUntilMs: Map<string, number> = new Map();
	/** Of sites whose next task somebody waits for. */
	readonly #arrivals: Map<string, PromiseWithResolvers<void>> = new Map();
	#bytes = 0;

	/** @param now milliseconds of a clock that never goes back */
	constructor(database: Database, now: () => number) {
		this.grounds = new Grounds(database, now);
		this.#now = now;
	}

	/** Whether there is any use in judging another task of a site. */
	isOpen(siteId: string): boolean {
		if (this.#bytes >= heldBytesMax) this.#forgetOld();
		return this.#bytes < heldBytesMax && !this.#rests(siteId);
	}

	/** Tells of every task that was accepted here: those without work stand in the way of those behind them. */
	hold(siteId: string, tasks: readonly HeldTask[]): void {
		const held = this.#held.get(siteId) ?? [];
		this.#held.set(siteId, held);
		const last = held.at(-1)?.task.number ?? 0;
		for (const task of tasks) {
			held.push({ task, atMs: this.#now() });
			this.#bytes += bytesOf(task);
		}
		// Nearly always they are: a site's requests are saved one after the other.
		if (tasks.length > 1 || tasks.some(({ number }) => number < last)) {
			held.sort((one, other) => one.task.number - other.task.number);
		}
		this.#dropOld(siteId, held);
		this.#arrivals.get(siteId)?.resolve();
		this.#arrivals.delete(siteId);
	}

	/** What the oldest task behind one is that this process has accepted. */
	kindBehind(siteId: string, behind: number): "plain" | "other" | "none" {
		if (this.#rests(siteId)) return "other";
		const first = this.#held.get(siteId)?.find(({ task }) => task.number > behind)?.task;
		if (first === undefined) return "none";
		return isPlain(first) ? "plain" : "other";
	}

	/** Resolves when this process has accepted another task of a site. */
	arrival(siteId: string): Promise<void> {
		const awaited = this.#arrivals.get(siteId) ?? Promise.withResolvers<void>();
		this.#arrivals.set(siteId, awaited);
		return awaited.promise;
	}

	/**
	 * The oldest tasks behind one, where they are plain.
	 * @param beside a claim that is still underway: none of them is about a customer of its
	 */
	next(siteId: string, behind: number, size: ClaimSize, beside: PlainClaim | null = null): PlainClaim | null {
		if (this.#rests(siteId)) return null;
		const held = this.#held.get(siteId) ?? [];
		const from = held.findIndex(({ task }) => task.number > behind);
		const first = held[from]?.task;
		const isFree = (key: string): boolean => beside?.keys.has(key) !== true;
		if (first === undefined || !isPlain(first) || !first.work.items.keys.every(isFree)) return null;
		const { ground, operation } = first.work;
		const claimed: [PlainTask, ...PlainTask[]] = [first];
		const keys = new Set(first.work.items.keys);
		let items = first.work.items.count;
		for (const { task } of held.slice(from + 1, from + claimTasksMax[size])) {
			if (!isPlain(task)) break;
			const { work } = task;
			items += work.items.count;
			if (items > claimItemsMax[size] || work.ground !== ground || work.operation !== operation) break;
			if (work.items.keys.some((key) => keys.has(key) || !isFree(key))) break;
			for (const key of work.items.keys) keys.add(key);
			claimed.push(task);
		}
		return { ground, tasks: claimed, last: claimed.at(-1)?.number ?? first.number, keys };
	}

	/** Says that a site's tasks up to a number have ended. */
	ended(siteId: string, last: number): void {
		const held = this.#held.get(siteId) ?? [];
		const left = held.findIndex(({ task }) => task.number > last);
		this.#drop(siteId, held, left < 0 ? held.length : left);
	}

	/** Says that a claim was not what the database has: for a while the site's tasks are claimed from there. */
	rest(siteId: string): void {
		this.grounds.forget(siteId);
		this.#restUntilMs.set(siteId, this.#now() + restMs);
	}

	#rests(siteId: string): boolean {
		const until = this.#restUntilMs.get(siteId);
		if (until === undefined) return false;
		if (until > this.#now()) return true;
		this.#restUntilMs.delete(siteId);
		return false;
	}

	#forgetOld(): void {
		for (const [siteId, held] of this.#held) this.#dropOld(siteId, held);
	}

	#dropOld(siteId: string, held: Held[]): void {
		const young = held.findIndex(({ atMs }) => atMs > this.#now() - heldMs);
		this.#drop(siteId, held, young < 0 ? held.length : young);
	}

	/** Lets go of the first so many tasks. */
	#drop(siteId: string, held: Held[], count: number): void {
		for (const { task } of held.splice(0, count)) this.#bytes -= bytesOf(task);
		if (held.length === 0) this.#held.delete(siteId);
	}
}

function isPlain(task: HeldTask): task is PlainTask {
	return task.work !== null;
}

function bytesOf({ work }: HeldTask): number {
	return work?.items.bytes ?? 0;
}
