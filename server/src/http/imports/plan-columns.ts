import type { ImportColumn, ListedOperation } from "@muster/client/contract";
import {
	ColumnTally,
	cellOf,
	customerTargets,
	type DateOrder,
	type DetailTarget,
	distinctHeaders,
	type FilePlan,
	isDetail,
	matchColumns,
	organizationTargets,
	type Preset,
	type RecordTarget,
	sniffFormat,
	type Target,
	troubleWith,
} from "@muster/client/import";
import type { DetailField } from "../../domain/detail-value.ts";
import { show } from "../../domain/fault.ts";
import type { SiteSettings } from "../../domain/settings.ts";
import { detailFieldOf } from "../detail-field-of.ts";
import { ProblemError } from "../problem-error.ts";
import { recordsOf } from "./read-csv.ts";
import { type Head, textOf } from "./read-head.ts";

/** What is found out of a CSV by its beginning, and kept with its import: the same when its upload is taken up. */
export interface CsvPlan {
	readonly delimiter: string;
	readonly file: FilePlan;
	/** As an import is shown. */
	readonly shown: readonly ImportColumn[];
}

/** How a caller wants columns to be read. */
export interface ColumnWishes {
	/** `Header=target`, each for one column. */
	readonly columns: readonly string[];
	readonly dates?: DateOrder | undefined;
	readonly preset?: Preset | undefined;
}

/** Rows of the beginning that columns are told by. */
const sampleRows = 1_000;

/**
 * Matches the columns of a CSV by its header and its first rows, with the importer's own engine.
 * @param fields those of the operation's entity that the site has
 * @throws ProblemError unusable_columns, empty_items, unsupported_media_type
 */
export function planColumns(
	head: Head,
	operation: ListedOperation,
	wishes: ColumnWishes,
	site: { readonly fields: readonly DetailField[]; readonly settings: SiteSettings },
): CsvPlan {
	const format = sniffFormat(textOf(head), head.isWhole);
	if (format.kind !== "csv") {
		throw new ProblemError(
			"unsupported_media_type",
			"The Content-Type is text/csv, and the file is JSON. Nothing was saved; send JSON lines as application/x-ndjson.",
		);
	}
	const [header, ...rows] = recordsOf(head.bytes, format.delimiter, head.isWhole, sampleRows + 1).map(
		({ cells }) => cells,
	);
	if (header === undefined) throw unusable("The first line of the file does not end within 64 KiB.");
	if (rows.length === 0 && head.isWhole) {
		throw new ProblemError("empty_items", "The file has no rows beneath its header. Nothing was saved.");
	}
	const names = distinctHeaders(header);
	const tallies = names.map(() => new ColumnTally());
	for (const cells of rows) for (const [place, tally] of tallies.entries()) tally.add(cellOf(cells, place));
	const fields = site.fields.map(detailFieldOf);
	const { dates, preset } = wishes;
	const matched = matchColumns(operation.entity, names, tallies, {
		fields,
		dates,
		preset,
		createFields: true,
	});
	const wished = withWishes(matched, wishes);
	const file = {
		...wished,
		columns: wished.columns.map((column) => ({ ...column, target: fitting(operation, column.target) })),
	};
	const trouble = troubleWith(file);
	if (trouble !== null) throw unusable(`The file's columns cannot be used: ${hintless(trouble)}`);
	refuseUnknown(file, site.settings);
	return {
		delimiter: format.delimiter,
		file,
		shown: file.columns.map(({ column, target }) => shownColumn(column, target)),
	};
}

/** The importer's sentence ends with a hint for the command line. */
function hintless(trouble: string): string {
	return trouble.replace(/, or write a mapping.*$/, ", or say which it is with ?column=Header=target.");
}

function withWishes(matched: FilePlan, { columns: wishes }: ColumnWishes): FilePlan {
	const wished = new Map(wishes.map((wish) => wishOf(matched, wish)));
	const taken = new Set(wished.values());
	return {
		...matched,
		columns: matched.columns.map((column) => {
			const target = wished.get(column.column);
			if (target !== undefined) return { ...column, target, confidence: 1 };
			// What was matched gives way to what was said.
			return typeof column.target === "string" && taken.has(column.target)
				? { ...column, target: "skip" as const }
				: column;
		}),
	};
}

function wishOf({ entity, columns }: FilePlan, wish: string): readonly [string, Target] {
	const split = wish.lastIndexOf("=");
	const header = wish.slice(0, split);
	const text = wish.slice(split + 1);
	const names = columns.map(({ column }) => column);
	if (split < 0 || !names.includes(header)) {
		throw unusable(
			`The query parameter column is ${show(wish)}; Header=target is expected, with one of the file's columns: ${names.join(", ")}.`,
		);
	}
	const targets: readonly string[] = entity === "customer" ? customerTargets : organizationTargets;
	if (targets.includes(text)) return [header, text as RecordTarget];
	const detail = text.startsWith("details.") ? text.slice("details.".length).trim() : "";
	if (detail === "") {
		throw unusable(
			`The query parameter column is ${show(wish)}; ${targets.join(", ")} or details. and the name of a field is expected behind the =.`,
		);
	}
	return [header, { detail, type: "TEXT", options: [], isKnown: true, dates: null }];
}

/** What an operation has no place for is left out; a new field is a text, as an item that names it would make it. */
function fitting(operation: ListedOperation, target: Target): Target {
	if (isDetail(target)) {
		if (operation.scope === "account") return "skip";
		return target.isKnown
			? target
			: ({ ...target, type: "TEXT", options: [], dates: null } satisfies DetailTarget);
	}
	if (target === "organization" && operation.scope !== "profile") return "skip";
	const isName = target === "displayName" || target === "firstName" || target === "lastName";
	return isName && operation.scope === "details" ? "skip" : target;
}

function refuseUnknown({ columns }: FilePlan, settings: SiteSettings): void {
	if (settings.unknownFields !== "fail") return;
	const unknown = columns.flatMap(({ column, target }) =>
		isDetail(target) && !target.isKnown ? [column] : [],
	);
	if (unknown.length === 0) return;
	throw unusable(
		`The site has no fields for the columns ${unknown.join(", ")}, and is set not to make any. Define them first, or leave them out with ?column=Header=skip.`,
	);
}

function shownColumn(column: string, target: Target): ImportColumn {
	if (!isDetail(target)) return { column, target };
	return { column, target: `details.${target.detail}`, ...(target.isKnown ? { type: target.type } : {}) };
}

function unusable(what: string): ProblemError {
	return new ProblemError("unusable_columns", `${what} Nothing was saved.`);
}
