import type { Operation } from "@muster/client/contract";
import { mayBePlain, plainItemsOf } from "../domain/plain-item.ts";
import { columnsOfPlain } from "../store/plain-columns.ts";
import type { PlainTasks, PlainWork } from "../store/plain-tasks.ts";

/** What is looked at of a submission. */
export interface Judgeable {
	readonly task: { readonly dryRun: boolean };
	readonly items: readonly unknown[];
}

/** Judges the items of a submission while it is being saved, where a worker of this process may carry it out. */
export class PlainIntake {
	readonly #tasks: PlainTasks;

	constructor(tasks: PlainTasks) {
		this.#tasks = tasks;
	}

	/** @returns null where the items are to be judged when they are applied */
	judge(siteId: string, operation: Operation, { task, items }: Judgeable): PlainWork | null {
		if (task.dryRun || !mayBePlain(operation) || !this.#tasks.isOpen(siteId)) return null;
		const ground = this.#tasks.grounds.of(siteId);
		if (ground === null || ground.site.hasWebhooks) return null;
		const context = { siteId, ignoreUnknownKeys: ground.site.settings.unknownKeys === "ignore" };
		const judged = plainItemsOf(operation, items, context, ground.fields);
		if (judged === "not plain") return null;
		if (judged === "unknown field") {
			this.#tasks.grounds.renew(siteId);
			return null;
		}
		return { operation: operation.name, ground, items: columnsOfPlain(judged) };
	}
}
