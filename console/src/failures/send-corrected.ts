import { type OperationName, operationNamed, withValueAt } from "@muster/client";
import { service } from "../service.ts";
import type { FailedRow } from "./failed-rows.ts";

/** Texts to stand in the places at fault: by the row's key and the place's pointer. */
export type Corrections = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface SentAgain {
	readonly sent: number;
	/** Those that failed once more, which now stand in new tasks. */
	readonly failed: number;
	readonly taskIds: readonly string[];
}

/** Seconds that a task of corrected items is waited for. */
const waitSeconds = 20;

/**
 * Sends corrected items as new submissions of their operations, and notes that the old failures have been dealt with: what
 * fails once more stands among the failures as an item of its new task.
 */
export async function sendCorrected(
	rows: readonly FailedRow[],
	corrections: Corrections,
): Promise<SentAgain> {
	const taskIds: string[] = [];
	let failed = 0;
	for (const [operation, all] of Map.groupBy(rows, ({ failed: { operation } }) => operation)) {
		for (const part of inRequests(operation, all)) {
			const items = part.map((row) => corrected(row, corrections));
			const { taskId, task } = await service.submit(operation, items, { waitSeconds });
			taskIds.push(taskId);
			await settle(part);
			const ended = task ?? (await service.waitForTask(taskId, { timeoutSeconds: waitSeconds }));
			failed += ended.failures.length;
		}
	}
	return { sent: rows.length, failed, taskIds };
}

export function corrected({ key, failed }: FailedRow, corrections: Corrections): object {
	let item: unknown = failed.item;
	for (const [pointer, text] of corrections.get(key) ?? []) item = withValueAt(item, pointer, text);
	// What the service could take no part of is sent as it was, and refused as it was.
	return item as object;
}

export async function settle(rows: readonly FailedRow[]): Promise<void> {
	for (const [taskId, all] of Map.groupBy(rows, ({ failed: { taskId } }) => taskId)) {
		await service.failures.settle(
			taskId,
			all.map(({ failed: { index } }) => index),
		);
	}
}

function inRequests(operation: OperationName, rows: readonly FailedRow[]): readonly (readonly FailedRow[])[] {
	const { itemsMax } = operationNamed(operation);
	// By tens, an item with many edits stays within what a request may hold of those.
	const size = operationNamed(operation).editsMax === undefined ? itemsMax : 10;
	return Array.from({ length: Math.ceil(rows.length / size) }, (_, place) =>
		rows.slice(place * size, (place + 1) * size),
	);
}
