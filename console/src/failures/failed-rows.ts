import { type FailedItem, type FailureFilter, failurePlace } from "@muster/client";

/** A failed item with the places in it that are at fault, which can be corrected one by one. */
export interface FailedRow {
	readonly key: string;
	readonly failed: FailedItem;
	readonly faults: readonly RowFault[];
}

export interface RowFault {
	readonly pointer: string;
	readonly field: string;
	readonly value: string | null;
	readonly message: string;
	readonly hint: string | null;
	/** Whether another text can stand there. */
	readonly isCorrectable: boolean;
}

export function rowOf(failed: FailedItem): FailedRow {
	const pointers = new Set<string>();
	const faults = failed.errors.flatMap(({ pointer, message, hint }) => {
		if (pointers.has(pointer)) return [];
		pointers.add(pointer);
		const place = failurePlace(failed.item, pointer);
		// A list or an object is no text, and what is not there has no place.
		const isCorrectable = place.value !== null && !/^[[{]/.test(place.value);
		return { pointer, ...place, message, hint: hint ?? null, isCorrectable };
	});
	return { key: `${failed.taskId} ${failed.index}`, failed, faults };
}

/** The correction that a hint suggests: `Did you mean "Platinum"?` */
export function suggestionIn(hint: string | null): string | null {
	const quoted = /^Did you mean ("(?:[^"\\]|\\.)*")/.exec(hint ?? "")?.[1];
	return quoted === undefined ? null : (JSON.parse(quoted) as string);
}

/** Whether a fault is the one that a list was asked for. */
export function isSought(fault: RowFault, { field, value }: FailureFilter): boolean {
	return (
		(field === undefined || field === fault.field) && (value == null || fault.value?.slice(0, 200) === value)
	);
}
