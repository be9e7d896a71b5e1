import {
	type Dialect,
	type Entity,
	type ListedOperation,
	operations,
	type Problem,
	type Summary,
	type TaskSource,
	type UndoOperation,
	undoOperations,
} from "@muster/client/contract";
import type { DetailField } from "../../domain/detail-value.ts";
import { areEnough, type Fault } from "../../domain/fault.ts";
import type { ItemResult } from "../../domain/item-result.ts";
import { sourceOf } from "../../domain/task-source.ts";
import type { StoredEntitlement } from "../../store/entitlements.ts";
import type { ReadRecord } from "../../store/find-records.ts";
import type { StoredTask } from "../../store/find-task.ts";
import type { ShownImport } from "../imports/show-import.ts";

/** How one of the two dialects shows what the engine has; only what implements this knows their differences. */
export interface DialectView {
	readonly name: Dialect;
	/** `taskUrl` works on this server: absolute, under the base that was asked. */
	accepted(taskId: string, taskUrl: string): unknown;
	task(siteId: string, task: StoredTask): unknown;
	/** A detail value by its field, as part of a record. */
	profile(siteId: string, entity: Entity, record: ReadRecord, fields: readonly DetailField[]): unknown;
	entitlement(siteId: string, entitlement: StoredEntitlement, fields: readonly DetailField[]): unknown;
	import(shown: ShownImport): unknown;
	problem(problem: Problem): unknown;
}

/** What is shown of a task's operation. */
export type ShownOperation =
	| Pick<ListedOperation, "name" | "entity" | "scope" | "referenceType">
	| (UndoOperation & { readonly scope: "undo" });

/**
 * The operation of a task. One that only a newer program knows, which is being rolled out beside this one, is shown by the
 * pattern of the others.
 */
export function operationOf({ operation: name }: StoredTask): ShownOperation {
	const known = operations.find((operation) => operation.name === name);
	if (known !== undefined) return known;
	const undo = undoOperations.find((operation) => operation.name === name);
	if (undo !== undefined) return { ...undo, scope: "undo" };
	const words = name.toUpperCase().replaceAll(".", "_");
	// Neither is a word of this program's table, and that is the point.
	return {
		name: name as ListedOperation["name"],
		referenceType: `BULK_${words}_CREATE_UPDATE` as ListedOperation["referenceType"],
		entity: name.startsWith("organization") ? "organization" : "customer",
		scope: "profile",
	};
}

/** Only an undo deletes, so only an undo tells how many. */
export function summaryOf({ summary: { deleted, ...counts } }: StoredTask): Summary {
	return deleted === 0 ? counts : { ...counts, deleted };
}

/** Where a task comes from, the same in both dialects. */
export function sourceShown({ operation, idempotencyKey, token }: StoredTask): TaskSource {
	const { tokenId, prefix } = token;
	return {
		...sourceOf(operation, idempotencyKey),
		tokenId,
		...(prefix === null ? {} : { tokenPrefix: prefix }),
	};
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
