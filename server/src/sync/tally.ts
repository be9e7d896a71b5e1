import type { Entity, ItemOutcome } from "@muster/client/contract";

/** One thing that is wrong with one record, without anything of the person behind it. */
export interface SyncFault {
	/** "contact 4711": whose it is in the program that it comes from. */
	readonly record: string;
	readonly code: string;
	/** The field or property at fault; null where it is the record itself. */
	readonly field: string | null;
}

/** What became of the records of a run. It is kept with the run, so it holds no personal data. */
export interface SyncReport {
	readonly customers: Counts;
	readonly organizations: Counts;
	/** Records that are gone there, and were marked so or deleted here. */
	readonly archived: number;
	readonly merged: number;
	readonly deleted: number;
	/** Contacts without an email, and companies without a name and a domain: nothing here could hold them. */
	readonly withoutKey: number;
	/** Companies of contacts that are not here. */
	readonly unassociated: number;
	readonly faultCount: number;
	/** The first ones. */
	readonly faults: readonly SyncFault[];
}

export type Counts = Readonly<Record<ItemOutcome, number>>;
type Plain = "archived" | "merged" | "deleted" | "withoutKey" | "unassociated";

/** Faults that are kept of a run. */
const faultsMax = 100;

const noCounts: Counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };

const noReport: SyncReport = {
	customers: noCounts,
	organizations: noCounts,
	archived: 0,
	merged: 0,
	deleted: 0,
	withoutKey: 0,
	unassociated: 0,
	faultCount: 0,
	faults: [],
};

/** Counts what becomes of records, on top of what an interrupted run has counted. */
export class Tally {
	#report: SyncReport;

	/** @param before of this program's making, or nothing */
	constructor(before: Readonly<Record<string, unknown>> = {}) {
		this.#report = { ...noReport, ...(before as Partial<SyncReport>) };
	}

	get report(): SyncReport {
		return this.#report;
	}

	count(entity: Entity, outcome: ItemOutcome): void {
		const key = `${entity}s` as const;
		const counts = this.#report[key];
		this.#report = { ...this.#report, [key]: { ...counts, [outcome]: counts[outcome] + 1 } };
	}

	add(what: Plain, more = 1): void {
		this.#report = { ...this.#report, [what]: this.#report[what] + more };
	}

	fault(fault: SyncFault): void {
		const { faults, faultCount } = this.#report;
		const kept = faults.length < faultsMax ? [...faults, fault] : faults;
		this.#report = { ...this.#report, faults: kept, faultCount: faultCount + 1 };
	}
}
