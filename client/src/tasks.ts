import type { Connection } from "./connection.ts";
import type { TaskOperationName } from "./contract/operations.ts";
import type { Dialect } from "./contract/paths.ts";
import type { FailedRequest, ItemResult, Outcome } from "./contract/task.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";
import { readTask, statusWords, type Task, type TaskStatus } from "./task.ts";
import { unexpected } from "./unexpected.ts";

export interface TaskFilter {
	readonly status?: TaskStatus | undefined;
	readonly operation?: TaskOperationName | undefined;
	readonly hasFailures?: boolean | undefined;
	readonly idempotencyKey?: string | undefined;
}

/** Tasks by the page, as a screen shows them, and what is done with one that has ended. */
export class Tasks {
	readonly #connection: Connection;

	readonly #dialect: Dialect;

	constructor(connection: Connection, dialect: Dialect) {
		this.#dialect = dialect;
		this.#connection = connection;
	}

	/** The site's tasks, newest first. */
	async page({ status, ...filter }: TaskFilter, page: PageQuery = {}): Promise<Page<Task>> {
		const word = status === undefined ? undefined : statusWords[this.#dialect][status];
		const { results, nextCursor } = await askPage(
			this.#connection,
			"tasks",
			{ ...filter, status: word },
			page,
		);
		return { results: results.map((body) => readTask(body) ?? unexpected("tasks", 200)), nextCursor };
	}

	/** What became of each item of a task, in the order of the items; nothing while it is being processed. */
	results(
		taskId: string,
		filter: { readonly outcome?: Outcome | undefined } = {},
		page: PageQuery = {},
	): Promise<Page<ItemResult>> {
		return askPage(this.#connection, `${pathOf(taskId)}/results`, { ...filter }, page);
	}

	/** The failed items as they were sent, in the order of their failures. @throws MusterError nothing_failed */
	async failedItems(
		taskId: string,
		{ signal }: { readonly signal?: AbortSignal } = {},
	): Promise<readonly unknown[]> {
		const path = `${pathOf(taskId)}/failed-request`;
		const { body, status } = await this.#connection.ask({ method: "GET", path, signal });
		const [items] = Object.values((body ?? {}) as FailedRequest);
		return items ?? unexpected(path, status);
	}

	/** Sends the failed items again as they were. @returns the new task's id; the same one, however often it is asked for */
	async retry(taskId: string): Promise<string> {
		const path = `${pathOf(taskId)}/retry`;
		const { body, status } = await this.#connection.ask({ method: "POST", path });
		const { taskId: retried, id } = (body ?? {}) as { readonly taskId?: string; readonly id?: string };
		return retried ?? id ?? unexpected(path, status);
	}
}

function pathOf(taskId: string): string {
	return `tasks/${encodeURIComponent(taskId)}`;
}
