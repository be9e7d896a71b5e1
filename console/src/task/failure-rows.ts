import { failurePlace, type Task } from "@muster/client";

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
			...failurePlace(items?.[place], error.pointer),
			code: error.code,
			message: error.message,
			hint: "hint" in error ? (error.hint ?? null) : null,
		}));
	});
}
