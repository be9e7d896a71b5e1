import { splitList, unguardCell } from "../contract/cell.ts";
import type { Dialect } from "../contract/paths.ts";
import { type FilePlan, isDetail, isOwnExport, keyTarget, placeOf, type RecordTarget } from "./plan.ts";
import { readValue } from "./value.ts";

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
	const read = (target: RecordTarget): string => cellOf(cells, placeOf(plan, target));
	const key = keyTarget(plan.entity);
	const id = read("id");
	const record = {
		...(id === "" ? {} : { [plan.entity === "customer" ? "customerId" : "id"]: id }),
		// A blank key is sent as well: the service says what is wrong with it.
		...(id !== "" && read(key) === "" ? {} : { [key]: read(key) }),
		...displayNameOf(plan, cells, read),
	};
	const details = detailsOf(plan, cells);
	const names = organizationsOf(plan, cells).filter((name) => context.isAbsent?.(name) !== true);
	const products = namesIn(plan, cells, "products");
	const sourceUpdatedAt = read("sourceUpdatedAt");
	if (context.dialect === "reference") return referenceItem(record, details, names, context);
	return {
		...(context.ref === undefined ? {} : { clientRef: context.ref }),
		...record,
		...(details.length === 0 ? {} : { details: Object.fromEntries(details) }),
		...(names.length === 0 ? {} : { organizations: names }),
		...(products.length === 0 ? {} : { products }),
		...(sourceUpdatedAt === "" ? {} : { sourceUpdatedAt }),
	};
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
	// Muster's own export has several in a cell, and says so in the header.
	const isList = plan.columns[place]?.column.endsWith("[]") === true;
	return (isList ? splitList(text) : [text]).filter((name) => name !== "");
}

function displayNameOf(
	plan: FilePlan,
	cells: readonly string[],
	read: (target: RecordTarget) => string,
): { displayName?: string } {
	if (plan.entity !== "customer") return {};
	const joined = [read("firstName"), read("lastName")].filter((name) => name !== "").join(" ");
	const own = isExactPlan(plan) ? exactCellOf(cells, placeOf(plan, "displayName")) : read("displayName");
	const displayName = own || joined;
	return displayName === "" ? {} : { displayName };
}

/** In a file that Muster wrote, blanks around a text are the text's. */
function isExactPlan({ columns }: FilePlan): boolean {
	return isOwnExport(columns.map(({ column }) => column));
}

type Detail = readonly [name: string, value: string | readonly string[]];

function detailsOf(plan: FilePlan, cells: readonly string[]): readonly Detail[] {
	const isExact = isExactPlan(plan);
	return plan.columns.flatMap(({ target }, place): Detail[] => {
		const text = cellOf(cells, place);
		if (!isDetail(target) || text === "") return [];
		if (isExact && target.type === "TEXT") return [[target.detail, exactCellOf(cells, place)]];
		return [[target.detail, readValue(text, target) ?? text]];
	});
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
