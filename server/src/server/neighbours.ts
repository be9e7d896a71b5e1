import { waitSecondsMax } from "../http/await-task.ts";
import type { EndedTasks } from "../http/ended-tasks.ts";
import { isThroughPgbouncer } from "../store/pgbouncer.ts";
import { Signals } from "../store/signals.ts";
import type { Worker } from "../worker/worker.ts";

/** A process says at most so often that it awaits tasks of a site, in milliseconds. */
const tellWaitsMs = 5_000;
/** For so long it is believed, in milliseconds: as long as the last wait of those that it stands for. */
const waitsMs = waitSecondsMax * 1_000 + tellWaitsMs;

export interface Halves {
	/** null for a process of the API alone. */
	readonly worker: Worker | null;
	readonly endedTasks: EndedTasks;
}

/**
 * The other processes on the same database. A process whose own worker takes up what it accepts tells them nothing of it, and
 * one whose tasks nobody elsewhere waits for tells nothing of their ends: so a process that is alone says nothing at all.
 */
export class Neighbours {
	readonly #now: () => number;
	#signals: Signals | null = null;
	/** When it was last said here that somebody awaits tasks of a site, and until when somebody elsewhere does. */
	readonly #saidAt: Map<string, number> = new Map();
	readonly #waitsUntil: Map<string, number> = new Map();

	/** @param now milliseconds of a clock that never jumps */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Begins to listen. Through pgbouncer there is no listening: sweeps and looks find everything, a little later. */
	begin(url: string, { worker, endedTasks }: Halves, onTrouble: (error: unknown) => void): void {
		if (isThroughPgbouncer(url)) return;
		const forWorker = {
			work: (siteIds: readonly string[]) => {
				for (const siteId of siteIds) worker?.wake(siteId);
			},
			waits: (siteIds: readonly string[]) => {
				for (const siteId of siteIds) remember(this.#waitsUntil, siteId, this.#now() + waitsMs);
			},
		};
		const ears = {
			ended: (taskIds: readonly string[]) => endedTasks.announce(taskIds),
			...(worker === null ? {} : forWorker),
		};
		this.#signals = new Signals({ url, ears, onTrouble });
	}

	/** A site has new tasks, which no worker of this process takes up. */
	tellWork(siteId: string): void {
		this.#signals?.tell("work", [siteId]);
	}

	/** Somebody begins to await a task of the site here. */
	tellWaits(siteId: string): void {
		const saidAt = this.#saidAt.get(siteId);
		if (saidAt !== undefined && this.#now() - saidAt < tellWaitsMs) return;
		remember(this.#saidAt, siteId, this.#now());
		this.#signals?.tell("waits", [siteId]);
	}

	tellEnded(siteId: string, taskIds: readonly string[]): void {
		const until = this.#waitsUntil.get(siteId);
		if (until === undefined) return;
		if (until < this.#now()) this.#waitsUntil.delete(siteId);
		else this.#signals?.tell("ended", taskIds);
	}

	async close(): Promise<void> {
		await this.#signals?.close();
	}
}

/** Most sites that a time is remembered of. */
const sitesMax = 10_000;

function remember(times: Map<string, number>, siteId: string, at: number): void {
	// Those that were said last stand last.
	times.delete(siteId);
	times.set(siteId, at);
	const [eldest] = times.keys();
	if (times.size > sitesMax && eldest !== undefined) times.delete(eldest);
}
