import type { PlainItem } from "../domain/plain-item.ts";
import { joinedTextArray, textElements } from "./text-array.ts";

/** The items of a plain task in the form in which PostgreSQL takes them, a column each: a third of what they are as objects. */
export interface PlainColumns {
	readonly count: number;
	readonly hasTextsOnly: boolean;
	/** Keys, addresses, display names, details and client references; null where every item has null. */
	readonly columns: readonly (Buffer | null)[];
	/** Keys again: no two items of one claim may be about one record. */
	readonly keys: readonly string[];
	readonly bytes: number;
}

export function columnsOfPlain(items: readonly PlainItem[]): PlainColumns {
	const keys = items.map(({ key }) => key);
	const columns = [
		textElements(keys),
		sparse(items.map(({ address }) => address)),
		sparse(items.map(({ displayName }) => displayName)),
		textElements(items.map(({ details }) => JSON.stringify(details))),
		sparse(items.map(({ clientRef }) => (clientRef === null ? null : JSON.stringify(clientRef)))),
	];
	return {
		count: items.length,
		hasTextsOnly: items.every(({ hasTextsOnly }) => hasTextsOnly),
		columns,
		keys,
		bytes: columns.reduce((sum, column) => sum + (column?.length ?? 0), 2 * (columns[0]?.length ?? 0)),
	};
}

/** The columns of several tasks behind each other, as lists of texts; null for one of nulls alone. */
export function joinedColumns(tasks: readonly PlainColumns[]): (Buffer | null)[] {
	const count = tasks.reduce((sum, task) => sum + task.count, 0);
	const places = tasks[0]?.columns.keys() ?? [];
	return Array.from(places, (place) => {
		const parts = tasks.map(({ columns }) => columns[place] ?? null);
		if (parts.every((part) => part === null)) return null;
		return joinedTextArray(
			parts.map((part, task) => part ?? nulls(tasks[task]?.count ?? 0)),
			count,
		);
	});
}

function sparse(texts: readonly (string | null)[]): Buffer | null {
	return texts.every((text) => text === null) ? null : textElements(texts);
}

function nulls(count: number): Buffer {
	return textElements(new Array<null>(count).fill(null));
}
