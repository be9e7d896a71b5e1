import type { Dialect, Entity, Problem } from "@muster/client/contract";
import type { DetailField } from "../../domain/detail-value.ts";
import { areEnough, type Fault } from "../../domain/fault.ts";
import type { ItemResult } from "../../domain/item-result.ts";
import type { ReadRecord } from "../../store/find-records.ts";
import type { StoredTask } from "../../store/find-task.ts";

/** How one of the two dialects shows what the engine has; only what implements this knows their differences. */
export interface DialectView {
	readonly name: Dialect;
	/** `taskUrl` works on this server: absolute, under the base that was asked. */
	accepted(taskId: string, taskUrl: string): unknown;
	task(siteId: string, task: StoredTask): unknown;
	/** A detail value by its field, as part of a record. */
	profile(siteId: string, entity: Entity, record: ReadRecord, fields: readonly DetailField[]): unknown;
	problem(problem: Problem): unknown;
}

/** Every fault of an item that is told, in one text. */
export function messageOf(faults: readonly Fault[]): string {
	const text = faults.map((fault) => fault.message).join(" ");
	return areEnough(faults) ? `${text} Further faults are not listed.` : text;
}

/** The failed items of a task with their places. */
export function failuresOf(task: StoredTask): { readonly index: number; readonly result: ItemResult }[] {
	return (task.results ?? []).flatMap((result, index) =>
		result.outcome === "failed" ? [{ index, result }] : [],
	);
}
