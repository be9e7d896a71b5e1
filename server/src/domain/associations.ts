/** What a record is associated with: ids, as stored and as added. */
export class Associations {
	readonly #known: Set<string> = new Set();
	readonly added: string[] = [];

	/** Notes an association that is there already. */
	addStored(other: string): void {
		this.#known.add(other);
	}

	/** @returns those that were not there yet, and are now */
	add(others: readonly string[]): string[] {
		const fresh = others.filter((other) => !this.#known.has(other));
		for (const other of fresh) this.#known.add(other);
		this.added.push(...fresh);
		return fresh;
	}
}
