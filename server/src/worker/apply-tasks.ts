import { setImmediate } from "node:timers/promises";
import { type Operation, operationNamed } from "@muster/client/contract";
import { FieldSet } from "../domain/field-set.ts";
import { type Fold, type FoldedItem, foldItems, type Lot } from "../domain/fold-items.ts";
import type { Image } from "../domain/image.ts";
import type { Item } from "../domain/item.ts";
import { resultOf } from "../domain/item-result.ts";
import { parseItems } from "../domain/json.ts";
import { judgeItem } from "../domain/judge-item.ts";
import type { ClaimedTask } from "../store/claim-tasks.ts";
import type { Site } from "../store/find-site.ts";
import type { FinishedTask } from "../store/finish-tasks.ts";
import type { Surroundings } from "../store/read-surroundings.ts";
import { type Writes, writesOf } from "../store/write-fold.ts";

/** Tasks of one operation with their items as judged by themselves. */
export interface JudgedTasks {
	readonly tasks: readonly ClaimedTask[];
	readonly operation: Operation;
	/** The items of all tasks, in order. */
	readonly items: readonly Item[];
	/** The same, task by task. */
	readonly lots: readonly Lot[];
}

/**
 * Judges the items of tasks of one operation. What depends on fields and records comes when they are folded. Between two
 * tasks the requests that have come meanwhile have their turn: they would wait for all of a claim otherwise.
 */
export async function judgeTasks(
	tasks: readonly [ClaimedTask, ...ClaimedTask[]],
	site: Site,
): Promise<JudgedTasks> {
	const operation = operationNamed(tasks[0].operation);
	const context = { siteId: site.siteId, ignoreUnknownKeys: site.settings.unknownKeys === "ignore" };
	const lots: Lot[] = [];
	for (const task of tasks) {
		if (lots.length > 0) await setImmediate();
		const items = parseItems(task).map((sent, index) => judgeItem(operation, sent, index, context));
		lots.push({ number: site.settings.history ? task.number : null, items });
	}
	return { tasks, operation, items: lots.flatMap(({ items }) => items), lots };
}

/** What the items of tasks come to. */
export interface Folded {
	/** null for a dry run. */
	readonly writes: Writes | null;
	/** The tasks with the results of their items; asked for when new records have their ids. */
	finished(): FinishedTask[];
}

/** Applies the items, in order, to what the database holds, in memory. */
export function foldTasks(judged: JudgedTasks, { settings }: Site, surroundings: Surroundings): Folded {
	const { tasks, operation, lots } = judged;
	const dryRun = tasks[0]?.dryRun === true; // one is claimed alone
	const fold = foldItems(lots, surroundings.snapshot, {
		entity: operation.entity,
		settings,
		dryRun,
		fields: new FieldSet(surroundings.fields, surroundings.deletedFieldIds),
	});
	return {
		writes: dryRun ? null : writesOf(operation.entity, fold),
		finished: () => finishedOf(tasks, fold, dryRun),
	};
}

function finishedOf(tasks: readonly ClaimedTask[], fold: Fold, dryRun: boolean): FinishedTask[] {
	let from = 0;
	return tasks.map(({ taskId, itemCount }) => {
		const mine = fold.items.slice(from, from + itemCount);
		from += itemCount;
		return {
			taskId,
			failed: false,
			results: mine.map((folded) => resultOf(folded, dryRun)),
			images: dryRun ? null : imagesOf(mine),
		};
	});
}

/** By the index of the item; null where nothing that was there before was changed. */
function imagesOf(items: readonly FoldedItem[]): string | null {
	const images: Record<number, Image> = {};
	let hasOne = false;
	for (const [index, { image }] of items.entries()) {
		if (image === null) continue;
		images[index] = image;
		hasOne = true;
	}
	return hasOne ? JSON.stringify(images) : null;
}
