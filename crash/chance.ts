/** Chance that comes again with its seed (mulberry32, by Tommy Ettinger). */
export class Chance {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** From 0 up to, and without, `end`. */
	below(end: number): number {
		return Math.floor(this.#next() * end);
	}

	/** Whether something of this likelihood, from 0 to 1, happens. */
	happens(likelihood: number): boolean {
		return this.#next() < likelihood;
	}

	/** @param choices at least one */
	pick<T>(choices: readonly T[]): T {
		return choices[this.below(choices.length)] as T; // the place is one of the list
	}

	/** In another order (Fisher and Yates). */
	shuffled<T>(list: readonly T[]): T[] {
		const rest = [...list];
		return list.map(() => rest.splice(this.below(rest.length), 1)[0] as T); // as many are taken out as are in
	}

	/** Chance of its own for a part, which the others do not disturb. */
	part(): Chance {
		return new Chance(this.below(2 ** 32));
	}

	#next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}
}
