import { laneMs } from "../store/lane.ts";
import { ProblemError } from "./problem-error.ts";

interface Waiting {
	readonly key: string;
	begin(): void;
}

/**
 * Lets requests of one process go on in their turn: one of a key at a time, for no second one could go on, and a few in all.
 * The others wait without a connection.
 */
export class Turns {
	readonly #most: number;
	readonly #waiting: Set<Waiting> = new Set();
	readonly #busy: Set<string> = new Set();

	/** @param most turns at once, of all keys */
	constructor(most: number) {
		this.#most = most;
	}

	/** Runs `work` in its turn. @throws ProblemError unavailable where the turn does not come in time */
	async take<T>(key: string, work: () => Promise<T>): Promise<T> {
		await this.#turn(key);
		try {
			return await work();
		} finally {
			this.#busy.delete(key);
			this.#next();
		}
	}

	#turn(key: string): Promise<void> {
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
				key,
				begin: () => {
					clearTimeout(late);
					resolve();
				},
			};
			this.#waiting.add(waiting);
			this.#next();
		});
	}

	/** Those that have waited longest come first, but for keys that somebody has the turn of already. */
	#next(): void {
		for (const waiting of this.#waiting) {
			if (this.#busy.size >= this.#most) return;
			if (this.#busy.has(waiting.key)) continue;
			this.#waiting.delete(waiting);
			this.#busy.add(waiting.key);
			waiting.begin();
		}
	}
}
