import { checkRow, keyOfRow } from "./check-row.ts";
import { FaultGroups } from "./fault-groups.ts";
import { organizationsOf } from "./item-of-row.ts";
import type { FilePlan } from "./plan.ts";
import type { RowFault } from "./row-fault.ts";
import type { FileRow, RowFile } from "./row-file.ts";
import { SeenKeys } from "./seen-keys.ts";

/** What a file will most likely come to. */
export interface Check {
	readonly rows: number;
	readonly good: number;
	readonly faulty: number;
	/** Good rows whose record an earlier row of the file names. */
	readonly repeated: number;
	readonly faults: FaultGroups;
}

/**
 * Goes through every row.
 * @param companies gathers the organizations that customers name
 * @param onFaulty is told of each row with a fault
 */
export async function checkRows(
	file: RowFile,
	plan: FilePlan,
	companies: SeenKeys,
	onFaulty: (row: FileRow, faults: readonly RowFault[]) => void = () => undefined,
): Promise<Check> {
	const faults = new FaultGroups();
	const seen = new SeenKeys();
	let [rows, faulty, repeated] = [0, 0, 0];
	const columns = plan.columns.map(({ column }) => column);
	const check = (row: FileRow): void => {
		const { line, cells, fault } = row;
		rows += 1;
		const found = fault === undefined ? checkRow(plan, cells) : [fault];
		for (const one of found) faults.add({ file: file.name, line }, one);
		if (found.length > 0) onFaulty(row, found);
		if (fault !== undefined) {
			faulty += 1;
			return;
		}
		if (found.length > 0) faulty += 1;
		else if (!seen.add(keyOfRow(plan, cells))) repeated += 1;
		if (plan.entity === "customer") for (const name of organizationsOf(plan, cells)) companies.add(name);
	};
	for await (const piece of file.rows(columns)) for (const row of piece) check(row);
	return { rows, good: rows - faulty, faulty, repeated, faults };
}
