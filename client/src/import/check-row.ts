import { cellOf } from "./item-of-row.ts";
import { type FilePlan, keyTarget, placeOf, shapeOf } from "./plan.ts";
import type { RowFault } from "./row-fault.ts";
import { isEmail, readValue, suggestValue } from "./value.ts";

/** Most characters of a name, a display name and of every detail value that is not a text; of a text (contract, section 7). */
const charactersMax = 255;
const textCharactersMax = 10_000;

/**
 * What the service will most likely refuse of a row. A forecast: rows are sent all the same, because the service is the
 * judge of them and knows what this cannot.
 */
export function checkRow(plan: FilePlan, cells: readonly string[]): readonly RowFault[] {
	if (cells.length > plan.columns.length) return [tooManyCells(plan, cells)];
	const faults = keyFaults(plan, cells);
	addNameFaults(plan, cells, faults);
	addDetailFaults(plan, cells, faults);
	return faults;
}

/** Such a row is not sent: nobody knows which of its cells belongs where. */
export function tooManyCells(plan: FilePlan, cells: readonly string[]): RowFault {
	const { length } = plan.columns;
	return {
		code: "too_many_cells",
		column: null,
		value: cells.slice(length).join(", "),
		message: `The row has ${cells.length} cells, and there are ${length} columns. It was not sent.`,
		hint: "A cell that holds the delimiter has to stand in quotes.",
	};
}

/** What a record is found by, so that rows of the same one can be told; "" where there is none. */
export function keyOfRow(plan: FilePlan, cells: readonly string[]): string {
	const key = cellOf(cells, placeOf(plan, keyTarget(plan.entity))) || cellOf(cells, placeOf(plan, "id"));
	return key.normalize("NFC").toLowerCase();
}

function keyFaults(plan: FilePlan, cells: readonly string[]): RowFault[] {
	const target = keyTarget(plan.entity);
	const place = placeOf(plan, target);
	const value = cellOf(cells, place);
	if (value === "" && cellOf(cells, placeOf(plan, "id")) !== "") return [];
	const column = plan.columns[place]?.column ?? null;
	if (target === "name") {
		if (value !== "") return [];
		return [{ code: "invalid_name", column, value, message: "The name is blank." }];
	}
	if (isEmail(value)) return [];
	const message = value === "" ? "The email is blank." : `"${value}" is not an email address.`;
	return [{ code: "invalid_email", column, value, message }];
}

const names = ["name", "displayName", "firstName", "lastName", "organization"] as const;

function addNameFaults(plan: FilePlan, cells: readonly string[], faults: RowFault[]): void {
	for (const name of names) {
		const place = placeOf(plan, name);
		if (place < 0 || (cells[place] ?? "").length <= charactersMax) continue;
		const { column = "" } = plan.columns[place] ?? {};
		const value = cellOf(cells, place);
		const isName = !column.endsWith("[]");
		if (isName && value.length > charactersMax) faults.push(tooLong(column, value, charactersMax));
	}
}

function addDetailFaults(plan: FilePlan, cells: readonly string[], faults: RowFault[]): void {
	for (const { place, target } of shapeOf(plan).details) {
		const value = cellOf(cells, place);
		if (value === "") continue;
		const { column = "" } = plan.columns[place] ?? {};
		const most = target.type === "TEXT" ? textCharactersMax : charactersMax;
		if (readValue(value, target) === null) {
			const hint = suggestValue(value, target);
			const message = `"${value}" does not fit the field ${target.detail}, a ${target.type}.`;
			faults.push({ code: "invalid_detail_value", column, value, message, ...(hint && { hint }) });
		} else if (value.length > most) faults.push(tooLong(column, value, most));
	}
}

function tooLong(column: string, value: string, most: number): RowFault {
	const message = `${column} is ${value.length} characters long; ${most} are allowed.`;
	return { code: "text_too_long", column, value, message };
}
