/** Keys that are kept: about 60 MB. Beyond, a key that comes back is taken for a new one, which does no harm. */
const keysMax = 1_000_000;

/** Tells which texts were there before, in bounded memory: what is kept is a number of 53 bits for each. */
export class SeenKeys {
	readonly #hashes = new Set<number>();

	get size(): number {
		return this.#hashes.size;
	}

	/** Whether there may be texts that it does not know of. */
	get isFull(): boolean {
		return this.#hashes.size >= keysMax;
	}

	/** @returns whether the text is new */
	add(text: string): boolean {
		const hash = hashOf(text);
		if (this.#hashes.has(hash)) return false;
		if (this.#hashes.size < keysMax) this.#hashes.add(hash);
		return true;
	}

	has(text: string): boolean {
		return this.#hashes.has(hashOf(text));
	}
}

/** Two FNV-1a hashes of different starts, put together; case and normal form do not count. */
function hashOf(text: string): number {
	const key = text.trim().normalize("NFC").toLowerCase();
	let [one, other] = [0x811c9dc5, 0x01000193];
	for (let place = 0; place < key.length; place += 1) {
		const unit = key.charCodeAt(place);
		one = Math.imul(one ^ unit, 0x01000193);
		other = Math.imul(other ^ unit, 0x5bd1e995);
	}
	return (one >>> 0) * 0x200000 + ((other >>> 0) & 0x1fffff);
}
