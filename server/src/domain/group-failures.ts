import { type FailureGroup, failurePlace } from "@muster/client/contract";
import type { Fault } from "./fault.ts";

/** Most characters of a value that groups are told apart by, and are shown with. */
const valueCharactersMax = 200;

/** What failures are the same by. */
export interface FailureKind {
	readonly code: string;
	readonly field: string;
	readonly value: string | null;
}

export function kindOf(item: unknown, fault: Pick<Fault, "code" | "pointer">): FailureKind {
	const { field, value } = failurePlace(item, fault.pointer);
	return { code: fault.code, field, value: value === null ? null : value.slice(0, valueCharactersMax) };
}

export function isOfKind(
	item: unknown,
	fault: Pick<Fault, "code" | "pointer">,
	kind: Partial<FailureKind>,
): boolean {
	const own = kindOf(item, fault);
	return (
		(kind.code === undefined || kind.code === own.code) &&
		(kind.field === undefined || kind.field === own.field) &&
		(kind.value === undefined || kind.value === own.value)
	);
}

/** Gathers failures, the newest first, by what is wrong, where, and with which value. */
export class FailureCount {
	readonly #groups = new Map<string, FailureGroup>();
	total = 0;

	/** @param at when the item's task was accepted */
	add(item: unknown, faults: readonly Fault[], at: Date): void {
		this.total += 1;
		// An item counts once for each kind, however often it has it.
		const seen = new Set<string>();
		for (const fault of faults) {
			const kind = kindOf(item, fault);
			const key = JSON.stringify([kind.code, kind.field, kind.value]);
			if (seen.has(key)) continue;
			seen.add(key);
			const group = this.#groups.get(key);
			if (group !== undefined) group.count += 1;
			else this.#groups.set(key, { ...kind, count: 1, ...saidBy(fault), latestDate: at.toISOString() });
		}
	}

	/** The largest first; of those alike, the newest. */
	list(most: number): readonly FailureGroup[] {
		return [...this.#groups.values()]
			.sort((one, other) => other.count - one.count || (other.latestDate < one.latestDate ? -1 : 1))
			.slice(0, most);
	}
}

function saidBy({ message, hint }: Fault): Pick<FailureGroup, "message" | "hint"> {
	return { message, ...(hint === undefined ? {} : { hint }) };
}
