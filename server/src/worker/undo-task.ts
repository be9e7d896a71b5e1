import { undoOperations } from "@muster/client/contract";
import { foldUndo } from "../domain/fold-undo.ts";
import { parseItems } from "../domain/json.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Transaction } from "../store/database.ts";
import type { Site } from "../store/find-site.ts";
import type { FinishedTask } from "../store/finish-tasks.ts";
import { findUndone, readUndone } from "../store/read-undone.ts";
import { writeUndo } from "../store/write-undo.ts";

/** What an undo comes to, ready to be written. */
export interface Undone {
	/** null for a dry run. */
	readonly write: ((transaction: Transaction) => Promise<void>) | null;
	readonly finished: FinishedTask;
}

/** The entry of the operation table, where the task is the undo of another one. */
export function undoOperationOf({ operation }: ClaimedTask): (typeof undoOperations)[number] | undefined {
	return undoOperations.find(({ name }) => name === operation);
}

/** Undoes a task under the lane: reads what it did and what was done since, and gives back what nobody has changed since. */
export async function undoTask(
	transaction: Transaction,
	{ siteId, settings }: Site,
	task: ClaimedTask,
): Promise<Undone> {
	const entity = undoOperationOf(task)?.entity ?? "customer";
	const change = await findUndone(transaction, siteId, undoneTaskId(task));
	// It was there when this was asked for; its time of keeping may have ended since.
	const { number, images } = change ?? { number: 0, images: new Map() };
	const undone = { results: change?.task?.results ?? untold(task.itemCount), images };
	const snapshot = await readUndone(transaction, siteId, entity, number, undone);
	const context = { entity, dryRun: task.dryRun, number: settings.history ? task.number : null };
	const undo = foldUndo(undone, snapshot, context);
	return {
		write: task.dryRun ? null : (words) => writeUndo(words, siteId, entity, undo),
		finished: {
			taskId: task.taskId,
			failed: false,
			results: undo.results,
			images: task.dryRun || undo.images.size === 0 ? null : JSON.stringify(Object.fromEntries(undo.images)),
		},
	};
}

/** Items of an undo are made by the edge, in one form: each names the task and the place of the item to be undone. */
function undoneTaskId(task: ClaimedTask): string {
	const [first] = parseItems(task) as readonly [{ readonly taskId: string }];
	return first.taskId;
}

/** Nothing is known of any item. */
function untold(count: number): { readonly outcome: "skipped" }[] {
	return Array.from({ length: count }, () => ({ outcome: "skipped" }));
}
