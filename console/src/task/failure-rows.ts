import type { Task } from "@muster/client";

/** One thing that is wrong with one item of a task. */
export interface FailureRow {
	readonly key: string;
	/** Place of the item in what was sent, from 0. */
	readonly index: number | null;
	/** The caller's own reference, such as a file and a line. */
	readonly clientRef: string | null;
	/** Where in the item, as a person reads it: "details.plan". */
	readonly field: string;
	/** What stands there, as it was sent; null where that is not known. */
	readonly value: string | null;
	readonly code: string;
	readonly message: string;
	readonly hint: string | null;
}

/** @param items the failed items as they were sent, in the order of the failures; absent until they are there */
export function failureRows(task: Task, items: readonly unknown[] | undefined): readonly FailureRow[] {
	return task.failures.flatMap((failure, place) => {
		const whole = [{ code: failure.code ?? "failed", pointer: "", message: failure.message }];
		const errors = failure.errors.length > 0 ? failure.errors : whole;
		return errors.map((error, number) => ({
			key: `${place}.${number}`,
			index: failure.index,
			clientRef: failure.clientRef,
			field: fieldOf(error.pointer),
			value: items === undefined ? null : valueAt(items[place], error.pointer),
			code: error.code,
			message: error.message,
			hint: "hint" in error ? (error.hint ?? null) : null,
		}));
	});
}

/** "/details/0/value" is "details.0.value"; the item itself has no name. */
export function fieldOf(pointer: string): string {
	return partsOf(pointer).join(".");
}

/** What a JSON Pointer (RFC 6901) leads to, in one line of text; null where it leads nowhere. */
export function valueAt(item: unknown, pointer: string): string | null {
	let value: unknown = item;
	for (const part of partsOf(pointer)) {
		if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return null;
		value = (value as Readonly<Record<string, unknown>>)[part];
	}
	if (value === undefined || pointer === "") return null;
	return typeof value === "string" ? value : JSON.stringify(value);
}

export function partsOf(pointer: string): readonly string[] {
	return pointer
		.split("/")
		.slice(1)
		.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
