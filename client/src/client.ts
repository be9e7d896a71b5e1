import { type BulkOptions, type BulkResult, runBulk } from "./bulk.ts";
import { Connection } from "./connection.ts";
import type { CustomerProfile } from "./contract/customer.ts";
import type { DetailField, DetailFieldList } from "./contract/detail-field.ts";
import { type Entity, type OperationName, operationNamed } from "./contract/operations.ts";
import type { OrganizationProfile } from "./contract/organization.ts";
import { type Dialect, dialectBase } from "./contract/paths.ts";
import type { ItemResult, Outcome } from "./contract/task.ts";
import { MusterError } from "./errors.ts";
import { Imports } from "./imports.ts";
import { readProfile } from "./profile.ts";
import { defaultRetryPolicy, type RetryPolicy, readRetryAfter, type Sleep, sleep } from "./retry.ts";
import { readTask, type Task, type TaskStatus } from "./task.ts";
import { type Look, type WaitOptions, waitForTask } from "./wait.ts";

export interface MusterClientOptions {
	/** Where the service is, such as http://127.0.0.1:8700; the base path is added to it. */
	readonly url: string;
	readonly token: string;
	/** "guide" if left out. */
	readonly dialect?: Dialect;
	/** The site's id in the paths of the reference dialect; the guide's have none. */
	readonly cloudId?: string;
	readonly fetch?: typeof fetch;
	/** Time for one try of a request, in milliseconds; 30,000 if left out. */
	readonly timeoutMs?: number;
	readonly retry?: Partial<RetryPolicy>;
	/** How to wait between tries and looks; tests pass one that does not. */
	readonly sleep?: Sleep;
}

export interface SubmitOptions {
	/** Names this submission: sent again under it, it has no further effect. A new UUID if left out. */
	readonly idempotencyKey?: string;
	/** Finds out what would change, and changes nothing. */
	readonly dryRun?: boolean;
	/** Asks the service to answer when the task has ended, or after so many seconds (30 at most). */
	readonly waitSeconds?: number;
	readonly signal?: AbortSignal;
}

export interface Submitted {
	readonly taskId: string;
	readonly idempotencyKey: string;
	/** Whether an earlier submission under this key has made the task. */
	readonly replayed: boolean;
	/** The finished task, where it ended within `waitSeconds`. */
	readonly task?: Task;
}

export interface TaskQuery {
	readonly status?: TaskStatus;
	readonly operation?: OperationName;
	readonly hasFailures?: boolean;
	readonly idempotencyKey?: string;
	readonly signal?: AbortSignal;
}

export interface Bulk {
	/** Takes rows as they are needed and gives each back with what became of it, in their order; see BulkOptions. */
	run<Row>(
		rows: Iterable<Row> | AsyncIterable<Row>,
		options?: BulkOptions<Row>,
	): AsyncGenerator<BulkResult<Row>, void>;
}

interface Signal {
	readonly signal?: AbortSignal;
}

const timeoutMsDefault = 30_000;
/** Most entries a page of a list has. */
const pageMax = 100;

/**
 * The bulk APIs of Muster, and of services that speak the same dialects. One client may be used by many callers at once.
 * What fails for a moment (429, 503, a broken connection) is tried again; a submission that is repeated takes effect once,
 * because its Idempotency-Key stays the same. Every method throws MusterError where the service refuses, and
 * MusterNetworkError or MusterTimeoutError where it does not answer.
 */
export class MusterClient {
	readonly dialect: Dialect;
	/** Files of any size straight to the service. */
	readonly imports: Imports;
	readonly #connection: Connection;
	readonly #sleep: Sleep;

	constructor(options: MusterClientOptions) {
		this.dialect = options.dialect ?? "guide";
		this.#sleep = options.sleep ?? sleep;
		const cloudId = options.cloudId === undefined ? undefined : encodeURIComponent(options.cloudId);
		this.#connection = new Connection({
			base: new URL(options.url).href.replace(/\/+$/, "") + dialectBase(this.dialect, cloudId),
			headers: {
				authorization: `Bearer ${options.token}`,
				accept: "application/json",
				"x-experimentalapi": this.dialect === "guide" ? "true" : "opt-in",
			},
			fetch: options.fetch ?? globalThis.fetch,
			timeoutMs: options.timeoutMs ?? timeoutMsDefault,
			retrying: {
				policy: { ...defaultRetryPolicy, ...options.retry },
				sleep: this.#sleep,
				random: () => Math.random(),
			},
		});
		this.imports = new Imports(this.#connection, this.#sleep, () => crypto.randomUUID());
	}

	/**
	 * Sends items for a bulk operation. When this resolves they are saved and will be carried out.
	 * @param items of the guide's or the reference's shape; at most `operationNamed(operation).itemsMax`
	 */
	async submit(
		operation: OperationName,
		items: readonly object[],
		options: SubmitOptions = {},
	): Promise<Submitted> {
		const { path, itemsKeys } = operationNamed(operation);
		const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID();
		const { waitSeconds } = options;
		// The guide's key stands first, the reference's last.
		const itemsKey = itemsKeys[this.dialect === "guide" ? 0 : itemsKeys.length - 1] ?? "";
		const answer = await this.#connection.ask({
			method: "POST",
			path,
			query: { dryRun: options.dryRun === true ? true : undefined },
			headers: {
				"idempotency-key": idempotencyKey,
				...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
			},
			body: { [itemsKey]: items },
			waitSeconds,
			signal: options.signal,
		});
		const replayed = answer.headers.get("idempotency-replayed") === "true";
		const task = readTask(answer.body);
		if (task !== null) return { taskId: task.taskId, idempotencyKey, replayed, task };
		return { taskId: acceptedId(answer.body) ?? unexpected(path, answer.status), idempotencyKey, replayed };
	}

	/** @param options.waitSeconds asks the service to answer when the task has ended, or after so many seconds (30 at most) */
	async getTask(taskId: string, options: Signal & { readonly waitSeconds?: number } = {}): Promise<Task> {
		return (await this.#look(taskId, options.waitSeconds, options.signal)).task;
	}

	/** Waits until the task has ended. @throws MusterTimeoutError where it has not by then; it may be waited for again */
	waitForTask(taskId: string, options: WaitOptions = {}): Promise<Task> {
		return waitForTask(taskId, (waitSeconds) => this.#look(taskId, waitSeconds, options.signal), {
			...options,
			sleep: this.#sleep,
			now: () => performance.now(),
		});
	}

	/**
	 * A bulk operation for any number of rows, as one loop:
	 * `for await (const { row, outcome, errors } of client.bulk("customer.profile").run(rows)) ...`
	 */
	bulk(operation: OperationName): Bulk {
		return {
			run: (rows, options = {}) => runBulk(this, operation, rows, { ...options, sleep: this.#sleep }),
		};
	}

	/** What became of each item of a task, in the order of the items; nothing while it is being processed. */
	results(
		taskId: string,
		options: Signal & { readonly outcome?: Outcome } = {},
	): AsyncGenerator<ItemResult, void> {
		const path = `tasks/${encodeURIComponent(taskId)}/results`;
		return this.#pages<ItemResult>(path, { outcome: options.outcome }, options.signal);
	}

	/** The site's tasks, newest first. */
	async *listTasks(query: TaskQuery = {}): AsyncGenerator<Task, void> {
		const { status, signal, ...filter } = query;
		const word = status === undefined ? undefined : statusWords[this.dialect][status];
		for await (const body of this.#pages<unknown>("tasks", { ...filter, status: word }, signal)) {
			yield readTask(body) ?? unexpected("tasks", 200);
		}
	}

	getProfile(entity: "customer", id: string, options?: Signal): Promise<CustomerProfile>;
	getProfile(entity: "organization", id: string, options?: Signal): Promise<OrganizationProfile>;
	/** A record with its details, in the guide's shape whatever the dialect. */
	async getProfile(
		entity: Entity,
		id: string,
		{ signal }: Signal = {},
	): Promise<CustomerProfile | OrganizationProfile> {
		const path = `${entity}/profile/${encodeURIComponent(id)}`;
		const { body } = await this.#connection.ask({ method: "GET", path, signal });
		// By the contract, of one of two shapes; which one is told apart inside.
		return readProfile(body as CustomerProfile | OrganizationProfile);
	}

	/** Every customer, page by page as they are taken; `email` and `name` are what theirs begin with. */
	async *customers(
		query: Signal & { readonly email?: string; readonly name?: string } = {},
	): AsyncGenerator<CustomerProfile, void> {
		const { signal, ...filter } = query;
		for await (const body of this.#pages<CustomerProfile>("customers", filter, signal))
			yield readProfile(body);
	}

	/** Every organization, page by page as they are taken; `name` is what theirs begins with. */
	async *organizations(
		query: Signal & { readonly name?: string } = {},
	): AsyncGenerator<OrganizationProfile, void> {
		const { signal, ...filter } = query;
		for await (const body of this.#pages<OrganizationProfile>("organizations", filter, signal))
			yield readProfile(body);
	}

	/** The detail fields that the site has, in their order. */
	async detailFields(entity: Entity, { signal }: Signal = {}): Promise<readonly DetailField[]> {
		const path = `${entity}/details`;
		const { body, status } = await this.#connection.ask({ method: "GET", path, signal });
		const { results } = (body ?? {}) as Partial<DetailFieldList>;
		return Array.isArray(results) ? results : unexpected(path, status);
	}

	async #look(
		taskId: string,
		waitSeconds: number | undefined,
		signal: AbortSignal | undefined,
	): Promise<Look> {
		const path = `tasks/${encodeURIComponent(taskId)}`;
		const query = { wait: waitSeconds === 0 ? undefined : waitSeconds };
		const answer = await this.#connection.ask({ method: "GET", path, query, waitSeconds, signal });
		return {
			task: readTask(answer.body) ?? unexpected(path, answer.status),
			retryAfterMs: readRetryAfter(answer.headers),
		};
	}

	/** @typeParam Entry what the contract says this list holds */
	async *#pages<Entry>(
		path: string,
		filter: Readonly<Record<string, string | boolean | undefined>>,
		signal: AbortSignal | undefined,
	): AsyncGenerator<Entry, void> {
		for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
			const query = { ...filter, limit: pageMax, cursor };
			const answer = await this.#connection.ask({ method: "GET", path, query, signal });
			// Each member is looked at before it is used.
			const { results, nextCursor } = (answer.body ?? {}) as Readonly<Record<string, unknown>>;
			if (!Array.isArray(results)) unexpected(path, answer.status);
			yield* results as Entry[];
			const next = typeof nextCursor === "string" ? nextCursor : undefined;
			// A list that leads back to where it was would never end.
			if (next !== undefined && next === cursor) unexpected(path, answer.status);
			cursor = next;
		}
	}
}

/** Either dialect's words count under either base. */
const statusWords: Readonly<Record<Dialect, Readonly<Record<TaskStatus, string>>>> = {
	guide: { processing: "PROCESSING", completed: "COMPLETED", failed: "FAILED" },
	reference: { processing: "NOT_STARTED", completed: "FINISHED", failed: "FAILED" },
};

function acceptedId(body: unknown): string | null {
	if (typeof body !== "object" || body === null) return null;
	const id = "taskId" in body ? body.taskId : "id" in body ? body.id : null;
	return typeof id === "string" ? id : null;
}

/** A service that answers with something else than the contract says is not one that we know. */
function unexpected(path: string, status: number): never {
	throw new MusterError(
		`${path} was answered ${status} with a body that is not of the form this client knows. Is this the address of a Muster?`,
		{ status, problem: null, retryAfterMs: null },
	);
}
