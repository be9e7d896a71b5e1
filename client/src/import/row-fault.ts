import type { ItemError } from "../contract/task.ts";
import { cellOf } from "./item-of-row.ts";
import { type FilePlan, isDetail, placeOf, type RecordTarget } from "./plan.ts";
import { suggestValue } from "./value.ts";

/** One thing that is wrong with a row, in the terms of the file. */
export interface RowFault {
	readonly code: string;
	/** Header of the column at fault; null where it is the row itself. */
	readonly column: string | null;
	/** As it stands in the cell. */
	readonly value: string;
	readonly message: string;
	readonly hint?: string;
}

/** What the service says of an item, turned back into the terms of the file. */
export function faultOfError(
	plan: FilePlan,
	cells: readonly string[],
	item: object,
	error: ItemError,
): RowFault {
	const place = placeOfPointer(plan, item, error.pointer);
	const column = plan.columns[place];
	const value = cellOf(cells, place);
	const own =
		column !== undefined && isDetail(column.target) ? suggestValue(value, column.target) : undefined;
	const hint = own ?? hints[error.code] ?? error.hint;
	return {
		code: error.code,
		column: column?.column ?? null,
		value,
		message: error.message,
		...(hint === undefined ? {} : { hint }),
	};
}

/** Where the service speaks of requests, and its reader has a file. */
const hints: Readonly<Record<string, string>> = {
	organization_not_found:
		"No organization has this name. Where its own row failed, correct and import that one first.",
	product_not_found: "No product has this name. Make it first, or leave the column out by a mapping.",
};

/** Place of the column that a JSON Pointer into an item of either shape leads to, or -1. */
function placeOfPointer(plan: FilePlan, item: object, pointer: string): number {
	const steps = pointer
		.split("/")
		.slice(1)
		.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
	if (steps[0] === "payload") steps.shift();
	const [key = "", name = ""] = steps;
	if (key === "details") {
		const detail = detailNamed(item, name);
		return plan.columns.findIndex(({ target }) => isDetail(target) && target.detail === detail);
	}
	if (key === "organizations" || key === "associateOrganizations") return placeOf(plan, "organization");
	if (key === "associateProducts") return placeOf(plan, "products");
	if (key === "customerId") return placeOf(plan, "id");
	const place = placeOf(plan, key as RecordTarget);
	if (place >= 0 || key !== "displayName") return place;
	const first = placeOf(plan, "firstName");
	return first >= 0 ? first : placeOf(plan, "lastName");
}

/** The reference's details are a list: the pointer has the place in it. */
function detailNamed(item: object, step: string): string {
	const { payload } = item as { readonly payload?: { readonly details?: readonly { name: string }[] } };
	return payload?.details?.[Number(step)]?.name ?? step;
}
