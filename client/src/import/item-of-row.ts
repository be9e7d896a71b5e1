import { splitList, unguardCell } from "../contract/cell.ts";
import type { Dialect } from "../contract/paths.ts";
import { type FilePlan, keyTarget, placeOf, shapeOf } from "./plan.ts";
import { valueToSend } from "./value.ts";

export interface ItemContext {
	readonly dialect: Dialect;
	/** Names the row in results: "customers.csv:13". */
	readonly ref?: string;
	/** Ids of organizations by `keyOfName`: the reference associates by id alone. */
	readonly organizationIds?: ReadonlyMap<string, string>;
	/** Organizations that are not there, as in a dry run that would make them: customers are not associated with these. */
	readonly isAbsent?: (name: string) => boolean;
}

/** What organizations are the same by. */
export function keyOfName(name: string): string {
	return name.trim().normalize("NFC").toLowerCase();
}

/** The item of a profile operation that a row becomes. A blank cell leaves what the record has. */
export function itemOfRow(plan: FilePlan, cells: readonly string[], context: ItemContext): object {
	const isReference = context.dialect === "reference";
	// Members are put in one by one: this is done for every row of files of any size.
	const item: Record<string, unknown> = {};
	if (context.ref !== undefined && !isReference) item.clientRef = context.ref;
	const keyName = keyTarget(plan.entity);
	const [id, key] = [cellOf(cells, placeOf(plan, "id")), cellOf(cells, placeOf(plan, keyName))];
	if (id !== "") item[plan.entity === "customer" ? "customerId" : "id"] = id;
	// A blank key is sent as well: the service says what is wrong with it.
	if (id === "" || key !== "") item[keyName] = key;
	const displayName = displayNameOf(plan, cells);
	if (displayName !== "") item.displayName = displayName;
	const details = detailsOf(plan, cells);
	let names = organizationsOf(plan, cells);
	if (context.isAbsent !== undefined) names = names.filter((name) => context.isAbsent?.(name) !== true);
	if (isReference) return referenceItem(item, details, names, context);
	if (details.length > 0) item.details = Object.fromEntries(details);
	if (names.length > 0) item.organizations = names;
	const products = namesIn(plan, cells, "products");
	if (products.length > 0) item.products = products;
	const sourceUpdatedAt = cellOf(cells, placeOf(plan, "sourceUpdatedAt"));
	if (sourceUpdatedAt !== "") item.sourceUpdatedAt = sourceUpdatedAt;
	return item;
}

/** A cell as it is meant: without blanks around it, and without what an export puts before a formula. */
export function cellOf(cells: readonly string[], place: number): string {
	return exactCellOf(cells, place).trim();
}

/** A cell without what an export puts before a formula. */
export function exactCellOf(cells: readonly string[], place: number): string {
	return unguardCell(cells[place] ?? "");
}

/** Organizations that a customer's row names. */
export function organizationsOf(plan: FilePlan, cells: readonly string[]): readonly string[] {
	return namesIn(plan, cells, "organization");
}

function namesIn(
	plan: FilePlan,
	cells: readonly string[],
	target: "organization" | "products",
): readonly string[] {
	const place = placeOf(plan, target);
	const text = cellOf(cells, place);
	if (text === "") return [];
	// Muster's own export has several in a cell, and says so in the header.
	const isList = plan.columns[place]?.column.endsWith("[]") === true;
	return isList ? splitList(text).filter((name) => name !== "") : [text];
}

/** "" where there is none. */
function displayNameOf(plan: FilePlan, cells: readonly string[]): string {
	if (plan.entity !== "customer") return "";
	const place = placeOf(plan, "displayName");
	const own = shapeOf(plan).isExact ? exactCellOf(cells, place) : cellOf(cells, place);
	if (own !== "") return own;
	const first = cellOf(cells, placeOf(plan, "firstName"));
	const last = cellOf(cells, placeOf(plan, "lastName"));
	return first === "" || last === "" ? first + last : `${first} ${last}`;
}

type Detail = readonly [name: string, value: string | readonly string[]];

function detailsOf(plan: FilePlan, cells: readonly string[]): readonly Detail[] {
	const { details, isExact } = shapeOf(plan);
	const found: Detail[] = [];
	for (const { place, target } of details) {
		const text = cellOf(cells, place);
		if (text === "") continue;
		const isToTheLetter = isExact && target.type === "TEXT";
		found.push([target.detail, isToTheLetter ? exactCellOf(cells, place) : valueToSend(text, target)]);
	}
	return found;
}

function referenceItem(
	record: object,
	details: readonly Detail[],
	names: readonly string[],
	{ organizationIds }: ItemContext,
): object {
	const ids = names.flatMap((name) => organizationIds?.get(keyOfName(name)) ?? []);
	return {
		operationType: "UPSERT",
		payload: {
			...record,
			...(details.length === 0
				? {}
				: { details: details.map(([name, value]) => ({ name, values: [value].flat() })) }),
			...(ids.length === 0 ? {} : { associateOrganizations: { organizationIds: ids } }),
		},
	};
}
