import type { ItemOutcome, ItemResult, Summary } from "./contract/task.ts";
import type { Task } from "./task.ts";

/** What became of an item of a bulk operation. */
export type FoundResult = Omit<ItemResult, "outcome"> & { readonly outcome: ItemOutcome };

/** The outcome that all items had, or null where they had several. */
export function soleOutcome({ total, ...counts }: Summary): ItemOutcome | null {
	const found = Object.entries(counts).find(([, count]) => count === total);
	return found === undefined ? null : (found[0] as ItemOutcome);
}

/**
 * The real service tells its failures only, as texts with what the record is named by; the first item that is named so and has
 * no failure yet is taken for the one. What cannot be told to be of one item may be of any, so all of the request that have no
 * failure of their own count as failed: sent again, those that were done change nothing.
 * @param keys emails or names of records that failures name by id
 */
export function resultsByFailures(
	task: Task,
	items: readonly object[],
	keys: ReadonlyMap<string, string>,
): (FoundResult | undefined)[] {
	const found: (FoundResult | undefined)[] = items.map(() => undefined);
	const names = items.map(namesOf);
	const fail = (index: number, message: string, code: string | null): void => {
		const errors = [...(found[index]?.errors ?? []), { code: code ?? "failed", pointer: "", message }];
		found[index] = { index, outcome: "failed", errors };
	};
	const untraced: string[] = [];
	for (const { entityId, index, message, code } of task.failures) {
		const own = [entityId, keys.get(entityId ?? "")].flatMap((name) => (name == null ? [] : [plain(name)]));
		const isNamed = (place: number): boolean => own.some((name) => names[place]?.includes(name));
		const places = [...items.keys()].filter(isNamed);
		const place = index ?? places.find((one) => found[one] === undefined) ?? places[0];
		if (place === undefined) untraced.push(message);
		else fail(place, message, code);
	}
	const text =
		task.status === "failed"
			? (task.failures[0]?.message ?? "The task failed; the service does not say why.")
			: untraced.length === 0
				? null
				: `The service does not say which of the request's rows it means: ${untraced[0]}`;
	if (text === null) return found;
	for (const index of items.keys()) if (found[index] === undefined) fail(index, text, null);
	return found;
}

/** Records that failures name by something that no item has, as by the id of one that was sent by its email. */
export function idsOfFailures(task: Task, items: readonly object[]): readonly string[] {
	const names = new Set(items.flatMap(namesOf));
	const ids = task.failures.flatMap(({ index, entityId }) =>
		index !== null || entityId === null || entityId === "" || names.has(plain(entityId)) ? [] : [entityId],
	);
	return [...new Set(ids)];
}

const nameKeys = ["customerId", "organizationId", "id", "email", "name"] as const;

/** What an item names its record by, as it is compared. The reference has it under `payload`, which counts for more. */
export function namesOf(item: object): string[] {
	const own = item as Readonly<Record<string, unknown>>;
	const payload = (typeof own.payload === "object" ? own.payload : null) as typeof own | null;
	const names: string[] = [];
	for (const key of nameKeys) {
		const name = payload !== null && key in payload ? payload[key] : own[key];
		if (name !== undefined) names.push(plain(name));
	}
	return names;
}

function plain(name: unknown): string {
	return String(name).trim().normalize("NFC").toLowerCase();
}
