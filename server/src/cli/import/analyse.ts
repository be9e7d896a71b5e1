import type { DetailField, Entity } from "@muster/client/contract";
import {
	ColumnTally,
	cellOf,
	checkRow,
	FaultGroups,
	type FilePlan,
	guessEntity,
	keyOfRow,
	type MatchContext,
	matchColumns,
	organizationsOf,
	troubleWith,
} from "@muster/client/import";
import { exitCodes } from "../exit-codes.ts";
import { UserError } from "../user-error.ts";
import { rowsOf } from "./rows.ts";
import { SeenKeys } from "./seen-keys.ts";
import type { Source } from "./source.ts";

/** Rows that the columns are told by; beyond them, columns of options are read on. */
const sampleRows = 20_000;

export interface Columns {
	readonly names: readonly string[];
	readonly tallies: readonly ColumnTally[];
}

/** What the columns of a file are called, and what their values look like. */
export async function readColumns(source: Source): Promise<Columns> {
	const rows = rowsOf(source);
	const tallies: ColumnTally[] = [];
	let options: readonly number[] = [];
	let count = 0;
	for await (const { cells } of rows) {
		while (tallies.length < rows.columns.length) tallies.push(new ColumnTally());
		count += 1;
		if (count > sampleRows && source.format.kind === "csv") {
			for (const place of options) tallies[place]?.addOption(cellOf(cells, place));
			continue;
		}
		for (const [place, tally] of tallies.entries()) tally.add(cellOf(cells, place));
		if (count !== sampleRows || source.format.kind !== "csv") continue;
		options = tallies.flatMap((tally, place) =>
			tally.type(rows.columns[place] ?? "") === "SELECT" ? [place] : [],
		);
		// JSONL names its columns bit by bit, so all of it is read.
		if (options.length === 0) break;
	}
	while (tallies.length < rows.columns.length) tallies.push(new ColumnTally());
	if (count === 0) {
		throw new UserError(`${source.name} has no rows beneath its header.`, exitCodes.nothingUsable);
	}
	return { names: rows.columns, tallies };
}

/** @throws UserError where no column names the records */
export function planFile(
	source: Source,
	{ names, tallies }: Columns,
	context: Omit<MatchContext, "fields"> & {
		readonly entity?: Entity | undefined;
		readonly fields: Readonly<Record<Entity, readonly DetailField[]>>;
	},
): FilePlan {
	const entity = context.entity ?? guessEntity(names, tallies);
	const plan = matchColumns(entity, names, tallies, { ...context, fields: context.fields[entity] });
	const trouble = troubleWith(plan);
	if (trouble !== null) throw new UserError(`${source.name}: ${trouble}`, exitCodes.nothingUsable);
	return plan;
}

/** What a file will most likely come to. */
export interface Check {
	readonly rows: number;
	readonly good: number;
	readonly faulty: number;
	/** Good rows whose record an earlier row of the file names. */
	readonly repeated: number;
	readonly faults: FaultGroups;
}

/** Goes through every row. @param companies gathers the organizations that customers name */
export async function checkFile(source: Source, plan: FilePlan, companies: SeenKeys): Promise<Check> {
	const faults = new FaultGroups();
	const seen = new SeenKeys();
	let [rows, faulty, repeated] = [0, 0, 0];
	const columns = plan.columns.map(({ column }) => column);
	for await (const { line, cells, fault } of rowsOf(source, columns)) {
		rows += 1;
		const found = fault === undefined ? checkRow(plan, cells) : [fault];
		for (const one of found) faults.add({ file: source.name, line }, one);
		if (fault !== undefined) {
			faulty += 1;
			continue;
		}
		if (found.length > 0) faulty += 1;
		else if (!seen.add(keyOfRow(plan, cells))) repeated += 1;
		if (plan.entity === "customer") for (const name of organizationsOf(plan, cells)) companies.add(name);
	}
	return { rows, good: rows - faulty, faulty, repeated, faults };
}
