import type { RowFault } from "./row-fault.ts";

/** Where a row stands: lines are counted from 1, as an editor counts them, the header's included. */
export interface RowPlace {
	readonly file: string;
	readonly line: number;
}

export type PlacedFault = RowPlace & RowFault;

/** Faults of one kind in one column. */
export interface FaultGroup {
	readonly code: string;
	readonly file: string;
	readonly column: string | null;
	readonly count: number;
	/** The first few, in the order of the rows. */
	readonly first: readonly PlacedFault[];
}

/** Faults of a group that are kept; the others are counted, and stand in failed.csv. */
const keptMax = 5;
/** Groups that are kept, so that a file in which everything is wrong needs no more memory than another. */
const groupsMax = 500;

/** Gathers faults by what is wrong and where. */
export class FaultGroups {
	readonly #groups = new Map<string, { count: number; first: PlacedFault[] }>();

	add(place: RowPlace, fault: RowFault): void {
		const key = JSON.stringify([fault.code, place.file, fault.column]);
		const group = this.#groups.get(key) ?? { count: 0, first: [] };
		if (this.#groups.size < groupsMax) this.#groups.set(key, group);
		group.count += 1;
		if (group.first.length < keptMax) group.first.push({ ...place, ...fault });
	}

	/** By code, the one with the most faults first within it. */
	list(): readonly FaultGroup[] {
		const groups = [...this.#groups.values()].flatMap(({ count, first }) => {
			const [one] = first;
			return one === undefined ? [] : [{ code: one.code, file: one.file, column: one.column, count, first }];
		});
		return groups.sort((one, other) => compare(one.code, other.code) || other.count - one.count);
	}
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}
