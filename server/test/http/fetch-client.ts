import { randomUUID } from "node:crypto";

export interface FetchClientOptions {
	/** Address and base path. */
	readonly base: string;
	readonly token: string;
	readonly fetch: typeof fetch;
	readonly pause: (milliseconds: number) => Promise<unknown>;
}

const triesMax = 200;

/**
 * What a developer writes who has read docs/guides/testing-your-client.md and has no SDK: the same request under the same
 * key until it is answered, then looks until the task has ended, and a new key where the task failed as a whole.
 */
export class FetchClient {
	readonly #options: FetchClientOptions;

	constructor(options: FetchClientOptions) {
		this.#options = options;
	}

	/** @returns the failures of single items */
	async send(path: string, body: object): Promise<readonly unknown[]> {
		for (let count = 0; count < triesMax; count += 1) {
			const key = randomUUID();
			const { id } = await this.#ask("POST", path, { "idempotency-key": key }, JSON.stringify(body));
			const task = await this.#ended(String(id));
			// Nothing of a failed task was saved, and its key is used up.
			if (task.status === "FINISHED") return task.failures as readonly unknown[];
		}
		throw new Error(`${path} failed again and again`);
	}

	async #ended(taskId: string): Promise<Readonly<Record<string, unknown>>> {
		for (let count = 0; count < triesMax; count += 1) {
			const task = await this.#ask("GET", `tasks/${taskId}`);
			if (task.status !== "NOT_STARTED" && task.status !== "IN_PROGRESS") return task;
			await this.#options.pause(1_000);
		}
		throw new Error("a task does not end");
	}

	/** Asks until the answer is neither lost nor to be asked for again: the same request, with the same key. */
	async #ask(
		method: string,
		path: string,
		more: Record<string, string> = {},
		body: string | null = null,
	): Promise<Readonly<Record<string, unknown>>> {
		const { base, token, fetch, pause } = this.#options;
		const headers = {
			authorization: `Bearer ${token}`,
			"x-experimentalapi": "opt-in",
			...(body === null ? {} : { "content-type": "application/json" }),
			...more,
		};
		for (let count = 0; count < triesMax; count += 1) {
			const answer = await fetch(`${base}/${path}`, { method, headers, body }).catch(() => null);
			const text = (await answer?.text().catch(() => null)) ?? null;
			if (answer?.ok === true && text !== null) return JSON.parse(text);
			const mayPass =
				answer === null ||
				text === null ||
				[429, 503].includes(answer.status) ||
				text.includes("Maximum number of tasks reached");
			if (!mayPass) throw new Error(`${path} was answered ${answer.status}: ${text}`);
			await pause(Number(answer?.headers.get("retry-after") ?? 1) * 1_000);
		}
		throw new Error(`${path} was tried ${triesMax} times`);
	}
}
