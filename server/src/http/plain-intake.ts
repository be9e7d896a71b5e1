import type { Operation } from "@muster/client/contract";
import { judgePlain } from "../store/judge-plain.ts";
import type { PlainWork } from "../store/plain-claims.ts";
import type { PlainTasks } from "../store/plain-tasks.ts";

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
		if (!this.#tasks.isOpen(siteId)) return null;
		const { grounds } = this.#tasks;
		const ground = grounds.of(siteId);
		if (ground === null) return null;
		return judgePlain(grounds, ground, { operation, dryRun: task.dryRun, items });
	}
}
