import { ProblemError } from "../problem-error.ts";
import { uploadConflict } from "./receive.ts";

interface UnderWay {
	readonly takenOver: AbortController;
	readonly ended: Promise<void>;
}

/**
 * The uploads of this process that are under way, one for a site's key. Who takes up a file does so because the connection before
 * is broken, whether or not that has been noticed here: so the later one goes on, and the earlier one ends.
 */
export class Uploads {
	readonly #underWay: Map<string, UnderWay> = new Map();

	/**
	 * Carries out the first upload under a key.
	 * @param key with its site
	 * @param work is given a signal that is aborted when another upload takes over
	 * @throws ProblemError idempotency_key_busy where one is under way
	 */
	async begin<T>(key: string, work: (takenOver: AbortSignal) => Promise<T>): Promise<T> {
		if (this.#underWay.has(key)) {
			throw new ProblemError(
				"idempotency_key_busy",
				"Another request with this Idempotency-Key is sending its file. Nothing of this one was saved; look at the import, and send this one again if that one breaks off.",
				{ headers: { "retry-after": "1" } },
			);
		}
		return this.#carryOut(key, work);
	}

	/** Carries out a later upload under a key, when an earlier one has ended, which is made to. */
	async takeOver<T>(key: string, work: (takenOver: AbortSignal) => Promise<T>): Promise<T> {
		for (let other = this.#underWay.get(key); other; other = this.#underWay.get(key)) {
			other.takenOver.abort();
			await other.ended;
		}
		return this.#carryOut(key, work);
	}

	async #carryOut<T>(key: string, work: (takenOver: AbortSignal) => Promise<T>): Promise<T> {
		const takenOver = new AbortController();
		const { promise: ended, resolve } = Promise.withResolvers<void>();
		this.#underWay.set(key, { takenOver, ended });
		try {
			return await work(takenOver.signal);
		} catch (error) {
			throw takenOver.signal.aborted ? uploadConflict() : error;
		} finally {
			this.#underWay.delete(key);
			resolve();
		}
	}
}
