/** A count of what may still be done: it fills evenly up to its size, and each thing done takes one. */
export class TokenBucket {
	readonly size: number;
	readonly #perMs: number;
	#level: number;
	#at: number;

	/** @param perMs how much comes back each millisecond @param now of the clock that later calls are told */
	constructor(size: number, perMs: number, now: number) {
		this.size = size;
		this.#perMs = perMs;
		this.#level = size;
		this.#at = now;
	}

	/** @returns whether there was one to take */
	take(now: number): boolean {
		const level = this.level(now);
		if (level < 1) return false;
		this.#level = level - 1;
		return true;
	}

	level(now: number): number {
		this.#level = Math.min(this.size, this.#level + (now - this.#at) * this.#perMs);
		this.#at = now;
		return this.#level;
	}

	/** Milliseconds until so many are there. */
	msUntil(level: number, now: number): number {
		return Math.max(0, (Math.min(level, this.size) - this.level(now)) / this.#perMs);
	}
}

/** Buckets by name, of which only so many are remembered: those not asked for longest are full again, or nearly. */
export class TokenBuckets {
	readonly #buckets: Map<string, TokenBucket> = new Map();
	readonly #max: number;

	constructor(max: number) {
		this.#max = max;
	}

	/** The bucket of a name; a new one, full, where there is none of this size. */
	of(name: string, size: number, perMs: number, now: number): TokenBucket {
		const known = this.#buckets.get(name);
		const bucket = known?.size === size ? known : new TokenBucket(size, perMs, now);
		// Put at the end: a map keeps the order in which its entries were made.
		this.#buckets.delete(name);
		this.#buckets.set(name, bucket);
		if (this.#buckets.size > this.#max) {
			const [oldest] = this.#buckets.keys();
			if (oldest !== undefined) this.#buckets.delete(oldest);
		}
		return bucket;
	}
}
