/** How a figure is printed; "x" is a ratio. */
export type Unit = "/s" | "ms" | "us" | "MB" | "bytes" | "x";

export interface Figure {
	readonly unit: Unit;
	/** One a round. */
	readonly values: readonly number[];
}

export interface Summary {
	readonly median: number;
	readonly least: number;
	readonly most: number;
}

/** What was measured so far, by name, in the order in which it was first measured. */
export class Figures {
	readonly #figures: Map<string, Figure> = new Map();

	note(name: string, unit: Unit, value: number): void {
		this.#figures.set(name, { unit, values: [...(this.#figures.get(name)?.values ?? []), value] });
	}

	/** Of every round, in their order; none for what was not measured. */
	valuesOf(name: string): readonly number[] {
		return this.#figures.get(name)?.values ?? [];
	}

	entries(): readonly [string, Figure][] {
		return [...this.#figures];
	}
}

/** @param values at least one */
export function summaryOf(values: readonly number[]): Summary {
	const ordered = [...values].sort((one, other) => one - other);
	const at = (place: number): number => ordered[place] ?? Number.NaN;
	const middle = (ordered.length - 1) / 2;
	return {
		median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
		least: at(0),
		most: at(ordered.length - 1),
	};
}
