import type { Connection } from "./connection.ts";
import type { TaskOperationName } from "./contract/operations.ts";
import type { Dialect } from "./contract/paths.ts";
import type { ItemResult, Outcome } from "./contract/task.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";
import { readTask, statusWords, type Task, type TaskStatus } from "./task.ts";
import { unexpected } from "./unexpected.ts";

export interface TaskFilter {
	readonly status?: TaskStatus | undefined;
	readonly operation?: TaskOperationName | undefined;
	readonly hasFailures?: boolean | undefined;
	readonly idempotencyKey?: string | undefined;
}

/** Tasks and their results by the page, as a screen shows them. */
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
		return askPage(this.#connection, `tasks/${encodeURIComponent(taskId)}/results`, { ...filter }, page);
	}
}
