import type { Database, Transaction } from "../store/database.ts";
import { awaitLane, laneMs } from "../store/lane.ts";
import { Turns } from "./turns.ts";

/**
 * Requests of one process that wait in the database at once, each with a connection of the sixteen in its hand: for lanes,
 * and for records. What is left serves polls, accepts and the worker, however many wait here.
 */
const inLineMax = 4;
const writesMax = 4;

/** Lets requests write what tasks write as well. */
export class LaneQueue {
	readonly #database: Database;
	readonly #lanes = new Turns(inLineMax);
	readonly #records = new Turns(writesMax);

	constructor(database: Database) {
		this.#database = database;
	}

	/**
	 * Runs `work` in a transaction that holds the site's lane: no tasks are applied and no detail fields changed beside it.
	 * @throws ProblemError unavailable where its turn does not come in time, PostgreSQL's 55P03 where the lane is not let go
	 */
	alone<T>(siteId: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
		return this.#lanes.take(siteId, () =>
			this.#database.inSite(
				siteId,
				async (transaction) => {
					await awaitLane(transaction, siteId);
					return work(transaction);
				},
				{ lockMs: laneMs },
			),
		);
	}

	/**
	 * Runs `work` in a transaction beside the lane, one at a time of those that name the same record.
	 * @param record names it within the site
	 * @throws as `alone`
	 */
	beside<T>(siteId: string, record: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
		return this.#records.take(`${siteId} ${record}`, () =>
			this.#database.inSite(siteId, work, { lockMs: laneMs, byKey: true }),
		);
	}
}
