import { namesOf } from "./bulk-results.ts";
import { type OperationName, operationNamed } from "./contract/operations.ts";

/** Most text of one request, in UTF-16 units: a third of the 8 MiB that it may have in UTF-8. */
const requestLengthMax = 2_700_000;

/** The rows of one request. */
export interface Part<Row> {
	readonly place: number;
	readonly rows: readonly Row[];
	readonly items: readonly object[];
	readonly texts: readonly string[];
	/** What its records are named by. */
	readonly names: ReadonlySet<string>;
}

/** Cuts rows into requests of the size that the operation allows. */
export async function* partsOf<Row>(
	operation: OperationName,
	pieces: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
	toItem: (row: Row) => object,
): AsyncGenerator<Part<Row>, void> {
	const { itemsMax, editsMax = Number.POSITIVE_INFINITY } = operationNamed(operation);
	let place = 0;
	let rows: Row[] = [];
	let items: object[] = [];
	let texts: string[] = [];
	let length = 0;
	let edits = 0;
	let names = new Set<string>();
	const cut = (): Part<Row> => {
		const part = { place, rows, items, texts, names };
		place += rows.length;
		[rows, items, texts, length, edits, names] = [[], [], [], 0, 0, new Set()];
		return part;
	};
	for await (const piece of pieces) {
		for (const row of piece) {
			const item = toItem(row);
			const text = JSON.stringify(item);
			const more = editsOf(item);
			const isFull =
				rows.length === itemsMax || length + text.length > requestLengthMax || edits + more > editsMax;
			if (isFull && rows.length > 0) yield cut();
			rows.push(row);
			items.push(item);
			texts.push(text);
			for (const name of namesOf(item)) names.add(name);
			length += text.length;
			edits += more;
		}
	}
	if (rows.length > 0) yield cut();
}

/** Detail edits of an item of either shape; only the operations on details count them. */
function editsOf(item: object): number {
	const { details, operations } = item as { readonly details?: unknown; readonly operations?: unknown };
	const edits = operations ?? details;
	return Array.isArray(edits) ? edits.length : 0;
}
