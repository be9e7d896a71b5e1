import type { Connection } from "./connection.ts";
import type { FailedItem, FailureGroups } from "./contract/failures.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";

export interface FailureFilter {
	readonly code?: string | undefined;
	readonly field?: string | undefined;
	/** null for failures where nothing stands. */
	readonly value?: string | null | undefined;
}

/** What failed, over all tasks, and what was done about it. */
export class Failures {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	/** By what is wrong, where, and with which value; the largest group first. */
	async groups(
		options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
	): Promise<FailureGroups> {
		const { limit, signal } = options;
		const query = { limit };
		const { body } = await this.#connection.ask({ method: "GET", path: "failures/groups", query, signal });
		// By the contract, as what follows.
		return body as FailureGroups;
	}

	/** Failed items with what they were, those of the newest tasks first. A page may hold fewer than its limit. */
	page({ value, ...filter }: FailureFilter, page: PageQuery = {}): Promise<Page<FailedItem>> {
		const sought = value === null ? { noValue: true } : { value };
		return askPage(this.#connection, "failures", { ...filter, ...sought }, page);
	}

	/** Notes that failed items have been dealt with. @param indexes their places in the task, from 0 */
	async settle(taskId: string, indexes: readonly number[]): Promise<void> {
		const path = `tasks/${encodeURIComponent(taskId)}/settled`;
		await this.#connection.ask({ method: "POST", path, body: { indexes } });
	}
}
