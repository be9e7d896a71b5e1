import type { DetailFieldType } from "../contract/detail-field.ts";
import type { Entity } from "../contract/operations.ts";

/** How days are written in a column: 2026-12-31, 31.12.2026 or 12/31/2026. */
export const dateOrders = ["ymd", "dmy", "mdy"] as const;
export type DateOrder = (typeof dateOrders)[number];

/** What of a record a column can be, besides a detail; `skip` leaves it out. */
export const customerTargets = [
	"email",
	"displayName",
	"firstName",
	"lastName",
	"organization",
	"products",
	"sourceUpdatedAt",
	"id",
	"skip",
] as const;
export const organizationTargets = ["name", "products", "sourceUpdatedAt", "id", "skip"] as const;
export type RecordTarget = (typeof customerTargets)[number] | (typeof organizationTargets)[number];

/** A detail field that a column is written to. */
export interface DetailTarget {
	readonly detail: string;
	readonly type: DetailFieldType;
	/** Of a SELECT or MULTISELECT; else empty. */
	readonly options: readonly string[];
	/** Whether the site has it; one that it has not is made before the rows are sent. */
	readonly isKnown: boolean;
	/** Of a DATE; null where the order is not known: 03/04 says neither. */
	readonly dates: DateOrder | null;
}

export type Target = RecordTarget | DetailTarget;

export interface ColumnPlan {
	/** The header, as it stands in the file. */
	readonly column: string;
	readonly target: Target;
	/** How sure the match is, from 0 to 1. */
	readonly confidence: number;
}

/** What becomes of the columns of a file, in their order. */
export interface FilePlan {
	readonly entity: Entity;
	readonly columns: readonly ColumnPlan[];
}

export function isDetail(target: Target): target is DetailTarget {
	return typeof target !== "string";
}

/** Whether Muster's export wrote a file with these columns: its cells are meant to the letter. */
export function isOwnExport(columns: readonly string[]): boolean {
	return columns.includes("createdDate") && columns.includes("updatedDate");
}

/** Place of the column that is the target, or -1. */
export function placeOf(plan: FilePlan, target: RecordTarget): number {
	return shapeOf(plan).places[target] ?? -1;
}

/** What every row of a plan asks anew, found out once. */
export interface Shape {
	readonly places: Readonly<Partial<Record<RecordTarget, number>>>;
	readonly details: readonly { readonly place: number; readonly target: DetailTarget }[];
	/** Whether blanks around a text are the text's: Muster wrote the file. */
	readonly isExact: boolean;
}

const shapes = new WeakMap<FilePlan, Shape>();

export function shapeOf(plan: FilePlan): Shape {
	const known = shapes.get(plan);
	if (known !== undefined) return known;
	const places: Partial<Record<RecordTarget, number>> = {};
	const details: { place: number; target: DetailTarget }[] = [];
	for (const [place, { target }] of plan.columns.entries()) {
		if (isDetail(target)) details.push({ place, target });
		else places[target] ??= place;
	}
	const shape = { places, details, isExact: isOwnExport(plan.columns.map(({ column }) => column)) };
	shapes.set(plan, shape);
	return shape;
}

/** The target that names the records of an entity. */
export function keyTarget(entity: Entity): "email" | "name" {
	return entity === "customer" ? "email" : "name";
}
