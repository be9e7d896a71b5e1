import { type ClaimSize, claimItemsMax, claimTasksMax, plainPortion } from "./claim-tasks.ts";
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

/** Most bytes of items that are held; what comes when there is no room is judged when it is applied. */
const heldBytesMax = 16 * 1024 * 1024;

/** How long a task is held, in milliseconds: by then another process has carried it out. */
const heldMs = 60_000;

/**
 * For how long nothing is tried this way in a site where what had just been read came to nothing; and how long a site's tasks
 * are read at least, once they are. In milliseconds.
 */
const restMs = 1_000;

/** For how long nothing is read in a site whose oldest task was not plain, in milliseconds: it would be read twice. */
const unreadMs = 100;

/** Most sites of which something is remembered. */
const sitesMax = 10_000;

interface Held {
	readonly task: HeldTask;
	/** By the clock. */
	readonly atMs: number;
}

/**
 * Tasks that wait in this process with their items judged, so that applying them is a matter of the database alone. It is
 * a help and no more: the database has the tasks, and says whether what is held is what they are.
 *
 * They are those that this process has accepted itself; or, where it has not accepted all of them, what it has read of the
 * oldest ones in the database.
 */
export class PlainTasks {
	/** What the sites' items are judged by. */
	readonly grounds: Grounds;
	readonly #now: () => number;
	/** By site, in the order of their numbers. */
	readonly #held: Map<string, Held[]> = new Map();
	readonly #restUntilMs: Map<string, number> = new Map();
	readonly #accepts: boolean;
	/** Sites whose tasks need not be read: all that are unfinished were accepted here. */
	readonly #own: Set<string> = new Set();
	/** Since when a site's tasks have been read because not all were accepted here, by the clock. */
	readonly #readSinceMs: Map<string, number> = new Map();
	/** Sites whose oldest tasks this process has claimed as the head. */
	readonly #headed: Set<string> = new Set();
	/** Until when there is no use in reading. */
	readonly #unreadUntilMs: Map<string, number> = new Map();
	/** Numbers up to which a site's tasks have ended here. */
	readonly #endedTo: Map<string, number> = new Map();
	/** Of sites whose next task somebody waits for. */
	readonly #arrivals: Map<string, PromiseWithResolvers<void>> = new Map();
	#bytes = 0;

	/**
	 * @param now milliseconds of a clock that never goes back
	 * @param accepts whether this process accepts tasks; one that does not reads all of them
	 */
	constructor(database: Database, now: () => number, accepts = true) {
		this.grounds = new Grounds(database, now);
		this.#now = now;
		this.#accepts = accepts;
	}

	/** Whether there is any use in judging another task of a site that is accepted here. */
	isOpen(siteId: string): boolean {
		return this.#hasRoom() && !this.isRead(siteId) && !this.#rests(siteId);
	}

	/** Whether a site's tasks are those that were read in the database, and not those that are accepted here. */
	isRead(siteId: string): boolean {
		return !this.#own.has(siteId);
	}

	/**
	 * Whether the tasks behind a number are to be read.
	 * @param behind 0 where none is ahead of them: what was read before is then read anew, since others may have ended it
	 */
	mustRead(siteId: string, behind: number): boolean {
		const isFirst = behind === 0;
		if (!this.#headed.has(siteId)) return false;
		if (this.#rests(siteId) || !this.#hasRoom() || this.#isAhead(this.#unreadUntilMs, siteId)) return false;
		if (isFirst && this.isRead(siteId)) this.#dropAll(siteId);
		return (isFirst || this.isRead(siteId)) && this.kindBehind(siteId, behind) === "none";
	}

	/**
	 * Says that this process has come through a claim of a site's oldest tasks, which was noted. Only then are tasks read: one
	 * that ends its worker would end each that reads it, and nobody would find out that it does.
	 */
	headed(siteId: string): void {
		if (this.#headed.size >= sitesMax) this.#headed.clear();
		this.#headed.add(siteId);
	}

	/** Takes what was read behind all that is held. */
	holdRead(siteId: string, tasks: readonly HeldTask[]): void {
		const [first] = tasks;
		if (first === undefined) {
			this.#readToEnd(siteId);
			return;
		}
		if (!isPlain(first)) this.#unreadUntilMs.set(siteId, this.#now() + unreadMs);
		this.#add(siteId, tasks);
	}

	/** All that was read has ended or is held, so those that are accepted here from now on will do. */
	#readToEnd(siteId: string): void {
		const sinceMs = this.#readSinceMs.get(siteId);
		if (!this.#accepts || (sinceMs !== undefined && sinceMs + restMs > this.#now())) return;
		this.#readSinceMs.delete(siteId);
		if (this.#own.size >= sitesMax) this.#own.clear();
		this.#own.add(siteId);
	}

	/** Tells of every task that was accepted here: those without work stand in the way of those behind them. */
	hold(siteId: string, tasks: readonly HeldTask[]): void {
		if (!this.isRead(siteId)) this.#add(siteId, tasks);
		this.#arrivals.get(siteId)?.resolve();
		this.#arrivals.delete(siteId);
	}

	#add(siteId: string, tasks: readonly HeldTask[]): void {
		const held = this.#held.get(siteId) ?? [];
		this.#held.set(siteId, held);
		const last = held.at(-1)?.task.number ?? 0;
		const endedTo = this.#endedTo.get(siteId) ?? 0;
		for (const task of tasks) {
			// One that was read in the same breath in which it was accepted is told of twice.
			const { number } = task;
			if (number <= endedTo || (number <= last && held.some((one) => one.task.number === number))) continue;
			held.push({ task, atMs: this.#now() });
			this.#bytes += bytesOf(task);
		}
		// Nearly always they are: a site's requests are saved one after the other.
		if (tasks.length > 1 || tasks.some(({ number }) => number < last)) {
			held.sort((one, other) => one.task.number - other.task.number);
		}
		this.#dropOld(siteId, held);
	}

	/** What the oldest task behind one is that is held. */
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
		const portion = plainPortion(size);
		const claimed: [PlainTask, ...PlainTask[]] = [first];
		const keys = new Set(first.work.items.keys);
		let items = first.work.items.count;
		for (const { task } of held.slice(from + 1, from + claimTasksMax[portion])) {
			if (!isPlain(task)) break;
			const { work } = task;
			items += work.items.count;
			if (items > claimItemsMax[portion] || work.ground !== ground || work.operation !== operation) break;
			if (work.items.keys.some((key) => keys.has(key) || !isFree(key))) break;
			for (const key of work.items.keys) keys.add(key);
			claimed.push(task);
		}
		return { ground, tasks: claimed, last: claimed.at(-1)?.number ?? first.number, keys };
	}

	/** Says that a site's tasks up to a number have ended. */
	ended(siteId: string, last: number): void {
		if (this.#endedTo.size >= sitesMax) this.#endedTo.clear();
		this.#endedTo.set(siteId, last);
		const held = this.#held.get(siteId) ?? [];
		const left = held.findIndex(({ task }) => task.number > last);
		this.#drop(siteId, held, left < 0 ? held.length : left);
	}

	/**
	 * Says that a claim was not what the database has. The site's tasks are read there now; where they had just been, it is
	 * something else, and they are claimed and judged anew for a while.
	 * @param isFresh whether it was of tasks that had just been read, with none ahead of them
	 */
	failed(siteId: string, isFresh: boolean): void {
		this.grounds.forget(siteId);
		this.#dropAll(siteId);
		if (this.#own.delete(siteId)) this.#readSinceMs.set(siteId, this.#now());
		if (isFresh) this.#restUntilMs.set(siteId, this.#now() + restMs);
	}

	#hasRoom(): boolean {
		if (this.#bytes >= heldBytesMax) this.#forgetOld();
		return this.#bytes < heldBytesMax;
	}

	#rests(siteId: string): boolean {
		return this.#isAhead(this.#restUntilMs, siteId);
	}

	#isAhead(times: Map<string, number>, siteId: string): boolean {
		const until = times.get(siteId);
		if (until === undefined) return false;
		if (until > this.#now()) return true;
		times.delete(siteId);
		return false;
	}

	#forgetOld(): void {
		for (const [siteId, held] of this.#held) this.#dropOld(siteId, held);
	}

	#dropOld(siteId: string, held: Held[]): void {
		const young = held.findIndex(({ atMs }) => atMs > this.#now() - heldMs);
		this.#drop(siteId, held, young < 0 ? held.length : young);
	}

	#dropAll(siteId: string): void {
		const held = this.#held.get(siteId) ?? [];
		this.#drop(siteId, held, held.length);
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
