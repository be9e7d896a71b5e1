/**
 * Where those who wait for a task hear that it ended. Tasks that other processes end are announced where those are told that
 * somebody waits, and found by asking now and then where they are not.
 */
export class EndedTasks {
	readonly #onWait: (siteId: string) => void;
	readonly #waiters: Map<string, Set<() => void>> = new Map();

	/** @param onWait told of the site of which somebody begins to await a task */
	constructor(onWait: (siteId: string) => void = () => undefined) {
		this.#onWait = onWait;
	}

	/** Says that somebody begins to await a task of the site. */
	expect(siteId: string): void {
		this.#onWait(siteId);
	}

	announce(taskIds: readonly string[]): void {
		for (const taskId of taskIds) {
			for (const tell of this.#waiters.get(taskId) ?? []) tell();
		}
	}

	/** Resolves when the task is announced, after `ms`, or when the signal is aborted; whichever comes first. */
	next(taskId: string, ms: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const waiters = this.#waiters.get(taskId) ?? new Set();
			this.#waiters.set(taskId, waiters);
			const done = (): void => {
				clearTimeout(timer);
				signal.removeEventListener("abort", done);
				waiters.delete(done);
				if (waiters.size === 0) this.#waiters.delete(taskId);
				resolve();
			};
			const timer = setTimeout(done, ms);
			waiters.add(done);
			signal.addEventListener("abort", done);
			if (signal.aborted) done();
		});
	}
}
