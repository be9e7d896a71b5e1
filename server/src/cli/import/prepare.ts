import { createWriteStream } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Dialect, MusterClient } from "@muster/client";
import type { DetailField, Entity, NewDetailField } from "@muster/client/contract";
import {
	type Check,
	type Columns,
	columnsOfUnknownOrder,
	type DateOrder,
	type FilePlan,
	newFieldsOf,
	type Preset,
	SeenKeys,
} from "@muster/client/import";
import type { Service } from "../connect.ts";
import { askDateOrder, askYesNo, canAsk } from "../questions.ts";
import { Screen } from "../screen.ts";
import { visible } from "../visible.ts";
import { checkFile, planFile, readColumns } from "./analyse.ts";
import { type FileWork, inputPath, type Journal, makeJournalFolder } from "./journal.ts";
import { openSource, type Source } from "./source.ts";

export interface PrepareOptions {
	readonly records?: "customers" | "organizations";
	readonly preset?: Preset;
	readonly map?: string;
	readonly dates?: DateOrder;
	readonly createFields: "yes" | "no" | "ask";
	readonly dialect?: Dialect;
}

export interface Prepared {
	readonly journal: Journal;
	/** One for each file of the journal. */
	readonly checks: readonly Check[];
	/** Whether the new fields were shown as they were asked about. */
	readonly hasShownFields: boolean;
}

export type FieldsOf = Readonly<Record<Entity, readonly DetailField[]>>;

/** Everything that can be found out before a row is sent: how files are written, what columns are, how many rows are good. */
export async function prepare(
	run: string,
	paths: readonly string[],
	{ client, service }: { readonly client: MusterClient; readonly service: Service },
	options: PrepareOptions,
): Promise<Prepared> {
	const sources: Source[] = [];
	for (const path of paths) sources.push(await openPath(path, run));
	const fields = {
		customer: await client.detailFields("customer"),
		organization: await client.detailFields("organization"),
	};
	const plans = await planAll(sources, fields, options);
	const companies = new SeenKeys();
	const checks: Check[] = [];
	const files: FileWork[] = [];
	for (const [place, source] of sources.entries()) {
		// There is a plan for each source.
		const plan = plans[place] as FilePlan;
		const check = await checkFile(source, plan, companies);
		checks.push(check);
		const failedPath = resolve(paths.length === 1 ? "failed.csv" : `failed-${stemOf(source.name)}.csv`);
		files.push({ source, plan, rows: check.rows, failedPath });
	}
	const newFields = {
		customer: newFieldsOf("customer", plans),
		organization: newFieldsOf("organization", plans),
	};
	return {
		journal: { version: 1, run, service, files, companies: companies.size, newFields },
		checks,
		hasShownFields: asksForFields(options),
	};
}

/** Plans that nothing is left to ask about. */
export async function planAll(
	sources: readonly Source[],
	fields: FieldsOf,
	options: PrepareOptions,
): Promise<readonly FilePlan[]> {
	const all: (readonly [Source, Columns])[] = [];
	for (const source of sources) all.push([source, await readColumns(source)]);
	const { preset, map, dialect } = options;
	const entity = options.records === undefined ? undefined : (options.records.slice(0, -1) as Entity);
	const plans = async (createFields: boolean): Promise<FilePlan[]> => {
		const made: FilePlan[] = [];
		for (const [source, columns] of all) {
			const plan = (dates = options.dates): FilePlan =>
				planFile(source, columns, { entity, preset, dialect, fields, createFields, dates });
			if (map !== undefined) {
				// With what reads YAML, which few imports need.
				const { readMap } = await import("./map-file.ts");
				made.push(await readMap(map, source, columns, fields));
			} else {
				const unknown = columnsOfUnknownOrder(plan());
				made.push(unknown.length === 0 ? plan() : plan(await askDateOrder(source.name, unknown)));
			}
		}
		return made;
	};
	const made = await plans(options.createFields !== "no");
	if (!asksForFields(options)) return made;
	const fieldsMade = {
		organization: newFieldsOf("organization", made),
		customer: newFieldsOf("customer", made),
	};
	const number = fieldsMade.organization.length + fieldsMade.customer.length;
	if (number === 0) return made;
	showNewFields(new Screen(process.stderr), fieldsMade);
	const isWanted = await askYesNo(`Make ${number === 1 ? "this field" : `these ${number} fields`}?`);
	process.stderr.write("\n");
	return isWanted ? made : plans(false);
}

/** Whether new fields are shown with the question whether they shall be made. */
function asksForFields({ createFields, map }: PrepareOptions): boolean {
	return createFields === "ask" && map === undefined && canAsk();
}

/** What the site has no field for, organizations' first. */
export function showNewFields(
	screen: Screen,
	fields: Readonly<Record<Entity, readonly NewDetailField[]>>,
): void {
	for (const entity of ["organization", "customer"] as const) {
		const names = fields[entity].map(fieldInWords);
		if (names.length > 0) screen.text(`new fields of ${entity}s: ${names.join(", ")}`, "dim");
	}
}

export function fieldInWords({ name, type }: NewDetailField): string {
	const typeName = typeof type === "string" ? type : type?.name;
	return `${visible(name)} (${typeName})`;
}

/** Standard input can be read once, and rows are read several times: it is copied. */
export async function openPath(path: string, run: string): Promise<Source> {
	if (path !== "-") return openSource(resolve(path));
	await makeJournalFolder();
	const copy = resolve(inputPath(run));
	await pipeline(process.stdin, createWriteStream(copy, { mode: 0o600 }));
	return openSource(copy, "stdin");
}

function stemOf(name: string): string {
	return basename(name, extname(name));
}
