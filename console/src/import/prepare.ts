import type { DetailField, Entity } from "@muster/client";
import {
	type Check,
	type Columns,
	checkRows,
	columnsOfUnknownOrder,
	type DateOrder,
	type FilePlan,
	type FileRow,
	guessEntity,
	matchColumns,
	type RowFault,
	readColumns,
	SeenKeys,
} from "@muster/client/import";
import { service } from "../service.ts";
import { type Corrected, FileTrouble, type OpenedFile } from "./open-file.ts";

/** A file with what its columns look like, and the fields that the site has. */
export interface Looked {
	readonly file: OpenedFile;
	readonly columns: Columns;
	readonly fields: Readonly<Record<Entity, readonly DetailField[]>>;
	/** The first few values of each column. */
	readonly samples: readonly (readonly string[])[];
}

const samplesMax = 3;

/** @throws FileTrouble where it has no rows */
export async function look(file: OpenedFile): Promise<Looked> {
	const [columns, customer, organization, samples] = await Promise.all([
		readColumns(file.read(new Map())),
		service.detailFields("customer"),
		service.detailFields("organization"),
		firstValues(file),
	]);
	if (columns.rows === 0) throw new FileTrouble(`${file.name} has no rows beneath its header.`);
	return { file, columns, fields: { customer, organization }, samples };
}

async function firstValues(file: OpenedFile): Promise<readonly (readonly string[])[]> {
	const found: string[][] = [];
	let rows = 0;
	for await (const piece of file.read(new Map()).rows()) {
		for (const { cells } of piece.slice(0, 50 - rows)) {
			for (const [place, cell] of cells.entries()) {
				found[place] ??= [];
				const values = found[place];
				if (cell.trim() !== "" && values.length < samplesMax && !values.includes(cell)) values.push(cell);
			}
			rows += 1;
		}
		if (rows >= 50) break;
	}
	return Array.from(found, (values) => values ?? []);
}

export interface Choices {
	/** Whose records the file holds; the columns tell where it is left out. */
	readonly entity?: Entity | undefined;
	/** How days are written where the values do not tell. */
	readonly dates?: DateOrder | undefined;
}

/** What the engine makes of the columns; the same as `muster import` makes of them. */
export function planOf({ columns, fields }: Looked, { entity, dates }: Choices): FilePlan {
	const whose = entity ?? guessEntity(columns.names, columns.tallies);
	return matchColumns(whose, columns.names, columns.tallies, {
		fields: fields[whose],
		dates,
		createFields: true,
	});
}

export function asksForDates(plan: FilePlan): boolean {
	return columnsOfUnknownOrder(plan).length > 0;
}

/** A row with a fault, as a list shows it. */
export interface FaultyRow extends FileRow {
	readonly faults: readonly RowFault[];
}

export interface Checked {
	readonly check: Check;
	/** Organizations that customers name. */
	readonly companies: number;
	/** The first of the faulty rows, to be corrected in their places. */
	readonly faulty: readonly FaultyRow[];
}

/** Faulty rows that are kept to be corrected; all are counted. */
const faultyMax = 2_000;

export async function check(file: OpenedFile, plan: FilePlan, corrected: Corrected): Promise<Checked> {
	const companies = new SeenKeys();
	const faulty: FaultyRow[] = [];
	const checked = await checkRows(file.read(corrected), plan, companies, (row, faults) => {
		if (faulty.length < faultyMax) faulty.push({ ...row, faults });
	});
	return { check: checked, companies: companies.size, faulty };
}
