import { MusterError, MusterNetworkError, MusterTimeoutError } from "./errors.ts";

/** Time for each step of an exchange, and what a step that failed is told as. */
export class Deadline {
	readonly signal: AbortSignal;
	readonly #late = new AbortController();
	readonly #milliseconds: number;
	readonly #caller: AbortSignal | undefined;

	/** @param caller whose signal ends the exchange as well */
	constructor(milliseconds: number, caller: AbortSignal | undefined) {
		this.#milliseconds = milliseconds;
		this.#caller = caller;
		this.signal = caller === undefined ? this.#late.signal : AbortSignal.any([this.#late.signal, caller]);
	}

	/** @param asked what is done, for messages @throws MusterError, MusterNetworkError, MusterTimeoutError, the caller's reason */
	async during<T>(asked: string, step: () => Promise<T>): Promise<T> {
		this.#caller?.throwIfAborted();
		const timer = setTimeout(() => this.#late.abort(), this.#milliseconds);
		try {
			return await step();
		} catch (error) {
			if (error instanceof MusterError) throw error;
			this.#caller?.throwIfAborted();
			if (this.#late.signal.aborted) {
				const seconds = this.#milliseconds / 1_000;
				throw new MusterTimeoutError(`${asked} was not answered within ${seconds} seconds.`, {
					cause: error,
				});
			}
			throw new MusterNetworkError(`${asked} was not answered: ${reasonOf(error)}.`, { cause: error });
		} finally {
			clearTimeout(timer);
		}
	}
}

/** What lies beneath "fetch failed". */
/** What broke a connection, in a word. */
export function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	// Several addresses were tried: the reason stands in the first of them.
	const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
	const text = inner instanceof Error && inner.message !== "" ? inner.message : error.message;
	return text.replace(/\.$/, "");
}
