import type { StoredRecord, StoredResult } from "./stored.ts";
import type { SentItem, Submission } from "./submissions.ts";

interface ModelRecord {
	readonly id: string;
	readonly address: string;
	displayName: string | null;
	details: Readonly<Record<string, string>>;
	readonly links: Set<string>;
}

/** What the records must be when every task has taken effect, in the order of acceptance and each once. */
export class Model {
	readonly #records = {
		customer: new Map<string, ModelRecord>(),
		organization: new Map<string, ModelRecord>(),
	};
	readonly #removed: ReadonlySet<string>;
	readonly #ids: Set<string> = new Set();

	/** @param removed ids of records that somebody else has removed at some time */
	constructor(removed: ReadonlySet<string>) {
		this.#removed = removed;
	}

	/** Applies the next task. @returns what is wrong with its results */
	apply(submission: Submission, results: readonly StoredResult[]): readonly string[] {
		return submission.items.flatMap((item, index) => {
			const fault = this.#applyItem(item, submission.dryRun, results[index]);
			return fault === null
				? []
				: [`${submission.key}, item ${index} (${item.verb} of ${item.address}): ${fault}`];
		});
	}

	/** @returns how the records that are stored differ from what they must be */
	compare(entity: SentItem["entity"], stored: readonly StoredRecord[]): readonly string[] {
		const expected = this.#records[entity];
		const byAddress = new Map(stored.map((record) => [record.address, record]));
		const faults = stored
			.filter(({ address }) => !expected.has(address))
			.map(({ address }) => `${address} is there, and no task has made it`);
		for (const record of expected.values()) {
			const found = byAddress.get(record.address);
			if (found === undefined) {
				if (!this.#removed.has(record.id)) faults.push(`${record.address} is missing`);
				continue;
			}
			if (this.#removed.has(record.id)) faults.push(`${record.address} is there again`);
			const must = shown(record);
			const is = shown({ ...found, links: new Set(found.links) });
			if (is !== must)
				faults.push(`${record.address} is ${is}; by the order of acceptance it must be ${must}`);
		}
		return faults;
	}

	#applyItem(item: SentItem, dryRun: boolean, result: StoredResult | undefined): string | null {
		if (result === undefined) return "it has no result";
		const records = this.#records[item.entity];
		const record = records.get(item.address);
		let expected = this.#outcomeOf(item, record);
		if (expected !== result.outcome && record !== undefined && this.#removed.has(record.id)) {
			// Somebody else has removed it before this.
			records.delete(item.address);
			expected = this.#outcomeOf(item, undefined);
		}
		if (expected !== result.outcome) return `it is said to be ${result.outcome}, and must be ${expected}`;
		if (dryRun || expected === "failed") return null;
		if (expected === "created") return this.#create(item, result.id);
		const changed = records.get(item.address);
		if (changed === undefined || changed.id !== result.id)
			return `its record is ${result.id}, and must be ${changed?.id}`;
		this.#change(changed, item);
		return null;
	}

	#create(item: SentItem, id: string | undefined): string | null {
		if (id === undefined) return "the record that it made has no id";
		if (this.#ids.has(id)) return `its record ${id} was made twice`;
		this.#ids.add(id);
		const record = { id, address: item.address, displayName: null, details: {}, links: new Set<string>() };
		this.#records[item.entity].set(item.address, record);
		this.#change(record, item);
		return null;
	}

	#change(record: ModelRecord, item: SentItem): void {
		record.displayName = item.displayName ?? record.displayName;
		record.details = detailsAfter(record.details, item);
		for (const link of item.links) record.links.add(link);
	}

	#outcomeOf(item: SentItem, record: ModelRecord | undefined): string {
		const mayCreate = item.verb === "CREATE" || item.verb === "UPSERT";
		const isRefused = record === undefined ? !mayCreate : item.verb === "CREATE";
		if (isRefused || item.links.some((link) => !this.#records.organization.has(link))) return "failed";
		if (record === undefined) return "created";
		const after: ModelRecord = {
			...record,
			displayName: item.displayName ?? record.displayName,
			details: detailsAfter(record.details, item),
			links: new Set([...record.links, ...item.links]),
		};
		return shown(after) === shown(record) ? "unchanged" : "updated";
	}
}

function detailsAfter(
	before: Readonly<Record<string, string>>,
	item: SentItem,
): Readonly<Record<string, string>> {
	const after = Object.entries({ ...before, ...item.details });
	return Object.fromEntries(after.flatMap(([field, value]) => (value === null ? [] : [[field, value]])));
}

/** In one spelling, to compare and to show. */
function shown({ id, displayName, details, links }: Omit<ModelRecord, "address">): string {
	const sorted = Object.fromEntries(Object.entries(details).sort(([one], [other]) => (one < other ? -1 : 1)));
	return JSON.stringify({ id, displayName, details: sorted, links: [...links].sort() });
}
