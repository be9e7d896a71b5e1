import { countAllUnfinishedTasks } from "../store/count-all-unfinished-tasks.ts";
import type { Database } from "../store/database.ts";

/** Most unfinished tasks of all sites together: ten sites may each fill theirs, and the disk is still far from full. */
export const allUnfinishedTasksMax = 100_000;

/** How long a count is believed, in milliseconds; what is accepted meanwhile is bounded by what one process can accept. */
const believedMs = 1_000;

/** Knows whether all sites together have too many unfinished tasks, without a look at each submission. */
export class WholeQueue {
	readonly #database: Database;
	readonly #now: () => number;
	readonly #most: number;
	#isFull = false;
	#lookedAt = Number.NEGATIVE_INFINITY;
	/** The last look; it never rejects. */
	looking: Promise<void> = Promise.resolve();

	/** @param now milliseconds of a clock that never jumps */
	constructor(database: Database, now: () => number, most: number = allUnfinishedTasksMax) {
		this.#database = database;
		this.#now = now;
		this.#most = most;
	}

	/** As of the last look; where that is a while ago, the next one is begun. */
	isFull(): boolean {
		if (this.#now() - this.#lookedAt >= believedMs) {
			this.#lookedAt = this.#now();
			this.looking = this.#look();
		}
		return this.#isFull;
	}

	async #look(): Promise<void> {
		try {
			const count = await this.#database.inNoSite((transaction) =>
				countAllUnfinishedTasks(transaction, this.#most),
			);
			this.#isFull = count >= this.#most;
		} catch {
			// Whoever submits to a database that is away is told so by their own transaction.
		}
	}
}
