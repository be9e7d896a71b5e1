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
 * The real service tells its failures only, as texts with what the record was named by; the first item that was named so
 * and has no failure yet is taken for the one.
 */
export function resultsByFailures(task: Task, items: readonly object[]): (FoundResult | undefined)[] {
	const found: (FoundResult | undefined)[] = items.map(() => undefined);
	const failed = (index: number, message: string, code: string | null): void => {
		found[index] = {
			index,
			outcome: "failed",
			errors: [{ code: code ?? "failed", pointer: "", message }],
		};
	};
	for (const failure of task.failures) {
		const index =
			failure.index ??
			items.findIndex(
				(item, place) => found[place] === undefined && namesOf(item).includes(plain(failure.entityId)),
			);
		if (index >= 0) failed(index, failure.message, failure.code);
	}
	if (task.status !== "failed") return found;
	const text = task.failures[0]?.message ?? "The task failed; the service does not say why.";
	for (const index of items.keys()) if (found[index] === undefined) failed(index, text, null);
	return found;
}

/** What an item names its record by, as it is compared. */
export function namesOf(item: object): string[] {
	const { payload, ...own } = item as Readonly<Record<string, unknown>>;
	const named = { ...own, ...(typeof payload === "object" ? payload : {}) } as Readonly<
		Record<string, unknown>
	>;
	return ["customerId", "organizationId", "id", "email", "name"].flatMap((key) =>
		named[key] === undefined ? [] : [plain(named[key])],
	);
}

function plain(name: unknown): string {
	return String(name).trim().normalize("NFC").toLowerCase();
}
