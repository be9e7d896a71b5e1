import { setTimeout as delay } from "node:timers/promises";

/**
 * How long a server that stops goes on taking requests where a proxy asks whether it is ready, in milliseconds: whoever has
 * asked within such a time asks again within the next, and is told then.
 */
const leaveMs = 2_000;

/** How a server takes leave of the proxies before it, so that none sends a request to a port that has just been closed. */
export class Leave {
	readonly #now: () => number;
	#askedAt: number = Number.NEGATIVE_INFINITY;
	/** Whether the server is about to stop. */
	isTaken = false;

	/** @param now milliseconds of a clock that never jumps */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Somebody asks whether the server is ready. */
	onAsked(): void {
		this.#askedAt = this.#now();
	}

	/** Resolves when those who ask have been told; at once where nobody does. */
	async take(): Promise<void> {
		this.isTaken = true;
		if (this.#now() - this.#askedAt <= leaveMs) await delay(leaveMs);
	}
}
