import type { RowEnd } from "@muster/client";

export interface FieldChanges {
	readonly field: string;
	readonly rows: number;
	/** The first few. */
	readonly first: readonly { readonly place: string; readonly before: string; readonly after: string }[];
}

/** Changes of a field that are shown one by one. */
const shownMax = 3;
/** Longest value that is shown, in UTF-16 units. */
const valueLengthMax = 40;

/** What a dry run says would change of records that are there, by field. */
export class Changes {
	rows = 0;
	readonly #fields = new Map<
		string,
		{ rows: number; first: { place: string; before: string; after: string }[] }
	>();

	add({ file, line, outcome, changes = [] }: RowEnd): void {
		if (outcome !== "updated") return;
		this.rows += 1;
		for (const { field, before, after } of changes) {
			const known = this.#fields.get(field) ?? { rows: 0, first: [] };
			this.#fields.set(field, known);
			known.rows += 1;
			if (known.first.length < shownMax) {
				known.first.push({ place: `${file}:${line}`, before: inWords(before), after: inWords(after) });
			}
		}
	}

	/** The field that changes most first. */
	byField(): readonly FieldChanges[] {
		return [...this.#fields]
			.map(([field, { rows, first }]) => ({ field, rows, first }))
			.sort((one, other) => other.rows - one.rows);
	}
}

function inWords(value: string | readonly string[] | null): string {
	if (value === null) return "nothing";
	const text = [value].flat().join(", ");
	return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax)}...` : text;
}
