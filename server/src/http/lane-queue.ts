import type { Database, Transaction } from "../store/database.ts";
import { awaitLane, laneMs } from "../store/lane.ts";
import { ProblemError } from "./problem-error.ts";

/**
 * Requests of one process that wait for a lane in the database at once, each with a connection of the sixteen in its hand:
 * what is left serves polls, accepts and the worker, however many wait here.
 */
const inLineMax = 4;

interface Waiting {
	readonly siteId: string;
	begin(): void;
}

/**
 * Lets requests be alone in their sites, without tasks being applied or detail fields changed beside them: one of a site at
 * a time, for no second one could go on, and a few in all. The others wait without a connection.
 */
export class LaneQueue {
	readonly #database: Database;
	readonly #waiting: Set<Waiting> = new Set();
	readonly #busy: Set<string> = new Set();

	constructor(database: Database) {
		this.#database = database;
	}

	/**
	 * Runs `work` in a transaction that holds the site's lane.
	 * @throws ProblemError unavailable where its turn does not come in time, PostgreSQL's 55P03 where the lane is not let go
	 */
	async alone<T>(siteId: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
		await this.#turn(siteId);
		try {
			return await this.#database.inSite(
				siteId,
				async (transaction) => {
					await awaitLane(transaction, siteId);
					return work(transaction);
				},
				{ lockMs: laneMs },
			);
		} finally {
			this.#busy.delete(siteId);
			this.#next();
		}
	}

	#turn(siteId: string): Promise<void> {
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => {
				this.#waiting.delete(waiting);
				reject(
					new ProblemError(
						"unavailable",
						"The site is busy with other changes. Nothing was saved; send the same request again.",
						{ headers: { "retry-after": "1" } },
					),
				);
			}, laneMs);
			const waiting = {
				siteId,
				begin: () => {
					clearTimeout(late);
					resolve();
				},
			};
			this.#waiting.add(waiting);
			this.#next();
		});
	}

	/** Those that have waited longest come first, but for sites that have somebody in line already. */
	#next(): void {
		for (const waiting of this.#waiting) {
			if (this.#busy.size >= inLineMax) return;
			if (this.#busy.has(waiting.siteId)) continue;
			this.#waiting.delete(waiting);
			this.#busy.add(waiting.siteId);
			waiting.begin();
		}
	}
}
