import type { ClaimSize } from "./claim-tasks.ts";
import type { Database } from "./database.ts";
import { Grounds } from "./grounds.ts";
import { type HeldTask, isPlain, type PlainClaim, plainClaimOf } from "./plain-claims.ts";

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

/** What is known of a site's tasks. Times are by the clock; forgotten, a site is read anew. */
interface Site {
	/** In the order of their numbers. */
	readonly held: Held[];
	/** Whether its tasks need not be read: all that are unfinished were accepted here. */
	isOwn: boolean;
	/** Since when its tasks have been read because not all were accepted here. */
	readSinceMs: number;
	/** Until when there is no use in reading. */
	unreadUntilMs: number;
	/** Until when nothing is tried this way. */
	restUntilMs: number;
	/** Whether this process has claimed its oldest tasks as the head. */
	isHeaded: boolean;
	/** Number up to which its tasks have ended here. */
	endedTo: number;
	/** Where somebody waits for its next task. */
	arrival: PromiseWithResolvers<void> | null;
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
	readonly #accepts: boolean;
	readonly #sites: Map<string, Site> = new Map();
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
		return this.#hasRoom() && !this.isRead(siteId) && !this.#rests(this.#site(siteId));
	}

	/** Whether a site's tasks are those that were read in the database, and not those that are accepted here. */
	isRead(siteId: string): boolean {
		return !this.#site(siteId).isOwn;
	}

	/**
	 * Whether the tasks behind a number are to be read.
	 * @param behind 0 where none is ahead of them: what was read before is then read anew, since others may have ended it
	 */
	mustRead(siteId: string, behind: number): boolean {
		const isFirst = behind === 0;
		const site = this.#site(siteId);
		if (!site.isHeaded || this.#rests(site) || site.unreadUntilMs > this.#now() || !this.#hasRoom())
			return false;
		if (isFirst && !site.isOwn) this.#dropAll(site);
		return (isFirst || !site.isOwn) && this.kindBehind(siteId, behind) === "none";
	}

	/**
	 * Says that this process has come through a claim of a site's oldest tasks, which was noted. Only then are tasks read: one
	 * that ends its worker would end each that reads it, and nobody would find out that it does.
	 */
	headed(siteId: string): void {
		this.#site(siteId).isHeaded = true;
	}

	/** Takes what was read behind all that is held. */
	holdRead(siteId: string, tasks: readonly HeldTask[]): void {
		const [first] = tasks;
		const site = this.#site(siteId);
		if (first === undefined) {
			this.#readToEnd(site);
			return;
		}
		if (!isPlain(first)) site.unreadUntilMs = this.#now() + unreadMs;
		this.#add(site, tasks);
	}

	/** All that was read has ended or is held, so those that are accepted here from now on will do. */
	#readToEnd(site: Site): void {
		if (this.#accepts && site.readSinceMs + restMs <= this.#now()) site.isOwn = true;
	}

	/** Tells of every task that was accepted here: those without work stand in the way of those behind them. */
	hold(siteId: string, tasks: readonly HeldTask[]): void {
		const site = this.#site(siteId);
		if (site.isOwn) this.#add(site, tasks);
		site.arrival?.resolve();
		site.arrival = null;
	}

	#add(site: Site, tasks: readonly HeldTask[]): void {
		const { held, endedTo } = site;
		const last = held.at(-1)?.task.number ?? 0;
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
		this.#dropOld(site);
	}

	/** What the oldest task behind one is that is held. */
	kindBehind(siteId: string, behind: number): "plain" | "other" | "none" {
		const site = this.#site(siteId);
		if (this.#rests(site)) return "other";
		const first = site.held.find(({ task }) => task.number > behind)?.task;
		if (first === undefined) return "none";
		return isPlain(first) ? "plain" : "other";
	}

	/** Resolves when this process has accepted another task of a site. */
	arrival(siteId: string): Promise<void> {
		const site = this.#site(siteId);
		site.arrival ??= Promise.withResolvers<void>();
		return site.arrival.promise;
	}

	/**
	 * The oldest tasks behind one, where they are plain.
	 * @param beside a claim that is still underway: none of them is about a customer of its
	 */
	next(siteId: string, behind: number, size: ClaimSize, beside: PlainClaim | null = null): PlainClaim | null {
		const site = this.#site(siteId);
		if (this.#rests(site)) return null;
		const from = site.held.findIndex(({ task }) => task.number > behind);
		return from < 0 ? null : plainClaimOf(tasksFrom(site.held, from), size, beside);
	}

	/** Says that a site's tasks up to a number have ended. */
	ended(siteId: string, last: number): void {
		const site = this.#site(siteId);
		site.endedTo = last;
		const left = site.held.findIndex(({ task }) => task.number > last);
		this.#drop(site, left < 0 ? site.held.length : left);
	}

	/**
	 * Says that a claim was not what the database has. The site's tasks are read there now; where they had just been, it is
	 * something else, and they are claimed and judged anew for a while.
	 * @param isFresh whether it was of tasks that had just been read, with none ahead of them
	 */
	failed(siteId: string, isFresh: boolean): void {
		this.grounds.forget(siteId);
		const site = this.#site(siteId);
		this.#dropAll(site);
		if (site.isOwn) site.readSinceMs = this.#now();
		site.isOwn = false;
		if (isFresh) site.restUntilMs = this.#now() + restMs;
	}

	#hasRoom(): boolean {
		if (this.#bytes >= heldBytesMax) this.#forgetOld();
		return this.#bytes < heldBytesMax;
	}

	#rests(site: Site): boolean {
		return site.restUntilMs > this.#now();
	}

	#forgetOld(): void {
		for (const site of this.#sites.values()) this.#dropOld(site);
	}

	#dropOld(site: Site): void {
		const young = site.held.findIndex(({ atMs }) => atMs > this.#now() - heldMs);
		this.#drop(site, young < 0 ? site.held.length : young);
	}

	#dropAll(site: Site): void {
		this.#drop(site, site.held.length);
	}

	/** Lets go of the first so many tasks. */
	#drop({ held }: Site, count: number): void {
		for (const { task } of held.splice(0, count)) this.#bytes -= bytesOf(task);
	}

	#site(siteId: string): Site {
		const known = this.#sites.get(siteId);
		if (known !== undefined) return known;
		if (this.#sites.size >= sitesMax) this.#forgetOne();
		const site: Site = {
			held: [],
			isOwn: false,
			readSinceMs: Number.NEGATIVE_INFINITY,
			unreadUntilMs: Number.NEGATIVE_INFINITY,
			restUntilMs: Number.NEGATIVE_INFINITY,
			isHeaded: false,
			endedTo: 0,
			arrival: null,
		};
		this.#sites.set(siteId, site);
		return site;
	}

	/** The one known for longest of which nothing is held. */
	#forgetOne(): void {
		for (const [siteId, { held, arrival }] of this.#sites) {
			if (held.length > 0) continue;
			arrival?.resolve(); // who waits looks again
			this.#sites.delete(siteId);
			return;
		}
	}
}

function* tasksFrom(held: readonly Held[], from: number): Iterable<HeldTask> {
	for (let place = from; place < held.length; place += 1) yield (held[place] as Held).task;
}

function bytesOf({ work }: HeldTask): number {
	return work?.items.bytes ?? 0;
}
