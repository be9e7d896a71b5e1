import type { DetailField } from "../contract/detail-field.ts";
import type { Entity } from "../contract/operations.ts";
import type { Dialect } from "../contract/paths.ts";
import type { ColumnTally } from "./column-tally.ts";
import { meant } from "./edits.ts";
import {
	type ColumnPlan,
	type DateOrder,
	type FilePlan,
	isOwnExport,
	keyTarget,
	type RecordTarget,
	type Target,
} from "./plan.ts";
import { type Preset, plainHeader, presetNames, synonyms } from "./synonyms.ts";

export interface MatchContext {
	/** Fields that the site has. */
	readonly fields: readonly DetailField[];
	readonly preset?: Preset | undefined;
	/** How the service speaks; "guide" if left out. */
	readonly dialect?: Dialect | undefined;
	/** Order of days where the values do not tell. */
	readonly dates?: DateOrder | undefined;
	/** Whether columns that the site has no field for become new fields; else they are left out. */
	readonly createFields: boolean;
}

/** A match less sure than this is none. */
const confidenceMin = 0.6;
/** How sure a header is by its place in the list of synonyms: the first is certain, each further one a little less. */
const confidenceStep = 0.02;
const confidenceOfSlip = 0.6;
const confidenceOfValues = 0.7;
const confidenceOfNewField = 0.8;

/** Columns that failed.csv has behind the user's own, in their order. */
export const failedColumns: readonly string[] = ["line", "code", "error", "hint"];

/** Whose records a file holds, by its columns: people have addresses. */
export function guessEntity(columns: readonly string[], tallies: readonly ColumnTally[]): Entity {
	// Details may hold addresses, of organizations too.
	if (isOwnExport(columns)) return columns.includes("email") ? "customer" : "organization";
	const isEmail = columns.some((column) => synonyms.customer.email?.includes(plainHeader(column)));
	return isEmail || tallies.some((tally) => tally.holdsEmails) ? "customer" : "organization";
}

/** Finds what each column is: a part of the record, a detail field of the site, a new field, or of no use. */
export function matchColumns(
	entity: Entity,
	columns: readonly string[],
	tallies: readonly ColumnTally[],
	context: MatchContext,
): FilePlan {
	const found = bestForEach(entity, columns, tallies, context);
	const isFed = isFedBack(columns);
	const isOwn = isOwnExport(columns);
	return {
		entity,
		columns: columns.map((column, place): ColumnPlan => {
			const [target, confidence] = found.get(place) ?? [];
			if (target !== undefined && confidence !== undefined) return { column, target, confidence };
			const tally = tallies[place];
			const isLeftOut = isOfNoUse(column, tally, isFed) || (isOwn && column === "id");
			if (isLeftOut || tally === undefined || (isFed && place >= columns.length - 4)) {
				return { column, target: "skip", confidence: 1 };
			}
			return detailColumn(column, tally, context);
		}),
	};
}

/** Whether the last columns are those that failed.csv adds. */
export function isFedBack(columns: readonly string[]): boolean {
	return columns.slice(-failedColumns.length).join() === failedColumns.join();
}

type Found = Map<number, readonly [RecordTarget, number]>;

/** Each part of a record is taken from the column that is meant most surely; the others stay what they are by themselves. */
function bestForEach(
	entity: Entity,
	columns: readonly string[],
	tallies: readonly ColumnTally[],
	context: MatchContext,
): Found {
	const candidates = columns.flatMap((column, place) =>
		candidatesFor(entity, column, tallies[place], context).map(
			([target, confidence]) => ({ place, target, confidence }) as const,
		),
	);
	candidates.sort((one, other) => other.confidence - one.confidence || one.place - other.place);
	const found: Found = new Map();
	const taken = new Set<RecordTarget>();
	for (const { place, target, confidence } of candidates) {
		if (found.has(place) || taken.has(target) || confidence < confidenceMin) continue;
		found.set(place, [target, confidence]);
		if (target !== "skip") taken.add(target);
	}
	return found;
}

function candidatesFor(
	entity: Entity,
	column: string,
	tally: ColumnTally | undefined,
	{ preset, dialect }: MatchContext,
): (readonly [RecordTarget, number])[] {
	const header = plainHeader(column);
	const candidates: (readonly [RecordTarget, number])[] = [];
	// Ids of another program are no ids of Muster's: only what begins as ours do is taken for one.
	const isId = entity === "customer" && (tally?.musterIds ?? 0) > 0 && tally?.musterIds === tally?.filled;
	if (isId) candidates.push(["id", 1]);
	// Where they are needed to associate, and under the very name that the reference has for them.
	if (entity === "organization" && dialect === "reference" && column === "organizationId") {
		candidates.push(["id", 1]);
	}
	// Under these very names, as Muster's own export has them: elsewhere "Products" is a text like any other.
	if (column === "products[]") candidates.push(["products", 1]);
	if (column === "sourceUpdatedAt") candidates.push(["sourceUpdatedAt", 1]);
	const named = preset === undefined ? {} : presetNames[preset][entity];
	for (const [target, names] of Object.entries(named) as [RecordTarget, readonly string[]][]) {
		if (names.includes(header)) candidates.push([target, 1 - names.indexOf(header) * confidenceStep]);
	}
	for (const [target, names] of Object.entries(synonyms[entity]) as [RecordTarget, readonly string[]][]) {
		const place = names.indexOf(header);
		if (place >= 0) candidates.push([target, 1 - place * confidenceStep]);
		else if (meant(header, names) !== null) candidates.push([target, confidenceOfSlip]);
	}
	if (entity === "customer" && tally?.holdsEmails) candidates.push(["email", confidenceOfValues]);
	return candidates;
}

/**
 * Written by Muster's export, and by the file that counts its rows. Numbers of organizations in such an export are of the
 * site that wrote it; their names are known in any.
 */
function isOfNoUse(column: string, tally: ColumnTally | undefined, isFed: boolean): boolean {
	const header = plainHeader(column);
	if (header === "createddate" || header === "updateddate" || header === "") return true;
	// Of the rows that failed, those between them are gone: what counted all of them still only goes up.
	const counts = isFed ? tally?.goesUp === true : tally?.isCounter === true;
	return counts && ["index", "row", "rownumber", "no", "nr"].includes(header);
}

function detailColumn(column: string, tally: ColumnTally, context: MatchContext): ColumnPlan {
	// Muster's own export names them so.
	const name = column
		.replace(/^details\./, "")
		.replace(/\[\]$/, "")
		.trim();
	const dates = context.dates ?? tally.dates();
	const header = plainHeader(name);
	const known = context.fields.find((field) => [field.name, field.id].map(plainHeader).includes(header));
	if (known !== undefined) {
		const { name: type, options = [] } = known.type;
		const target = { detail: known.name, type, options, isKnown: true, dates: orderFor(type, dates) };
		return { column, target, confidence: known.name === name ? 1 : 0.9 };
	}
	if (!context.createFields) return { column, target: "skip", confidence: 1 };
	const type = tally.type(name);
	const options = type === "SELECT" ? tally.options() : [];
	const target = { detail: name, type, options, isKnown: false, dates: orderFor(type, dates) };
	return { column, target, confidence: confidenceOfNewField };
}

function orderFor(type: string, dates: DateOrder | null): DateOrder | null {
	return type === "DATE" ? dates : null;
}

/** What keeps a plan from being carried out, in words for its user; null where nothing does. */
export function troubleWith(plan: FilePlan): string | null {
	const targets: readonly Target[] = plan.columns.map(({ target }) => target);
	const key = keyTarget(plan.entity);
	if (!targets.includes(key) && !targets.includes("id")) {
		const seen = plan.columns.map(({ column }) => column).join(", ");
		return `no column holds the ${key} of the ${plan.entity}s. The columns are: ${seen}. Give the one that does the header "${key}", or write a mapping with \`muster map\`.`;
	}
	return null;
}

/** Columns of days whose order cannot be told from their values. */
export function columnsOfUnknownOrder(plan: FilePlan): readonly string[] {
	return plan.columns.flatMap(({ column, target }) =>
		typeof target !== "string" && target.type === "DATE" && target.dates === null ? [column] : [],
	);
}
