import { cellOf } from "./item-of-row.ts";
import { type FilePlan, isDetail, keyTarget, placeOf, type Target } from "./plan.ts";
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
	return [...keyFaults(plan, cells), ...nameFaults(plan, cells), ...detailFaults(plan, cells)];
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

const names: readonly Target[] = ["name", "displayName", "firstName", "lastName", "organization"];

function nameFaults(plan: FilePlan, cells: readonly string[]): RowFault[] {
	return plan.columns.flatMap(({ column, target }, place) => {
		const value = cellOf(cells, place);
		const isName = typeof target === "string" && names.includes(target) && !column.endsWith("[]");
		return isName && value.length > charactersMax ? [tooLong(column, value, charactersMax)] : [];
	});
}

function detailFaults(plan: FilePlan, cells: readonly string[]): RowFault[] {
	return plan.columns.flatMap(({ column, target }, place): RowFault[] => {
		const value = cellOf(cells, place);
		if (!isDetail(target) || value === "") return [];
		if (readValue(value, target) === null) {
			const hint = suggestValue(value, target);
			const message = `"${value}" does not fit the field ${target.detail}, a ${target.type}.`;
			return [{ code: "invalid_detail_value", column, value, message, ...(hint && { hint }) }];
		}
		const most = target.type === "TEXT" ? textCharactersMax : charactersMax;
		return value.length > most ? [tooLong(column, value, most)] : [];
	});
}

function tooLong(column: string, value: string, most: number): RowFault {
	const message = `${column} is ${value.length} characters long; ${most} are allowed.`;
	return { code: "text_too_long", column, value, message };
}
