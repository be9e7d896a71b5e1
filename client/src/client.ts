import { askOfTask, submitItems } from "./accepted.ts";
import { type BulkService, runBulk, runBulkPieces } from "./bulk.ts";
import type { Connection, Query } from "./connection.ts";
import { connectionOf } from "./connection-of.ts";
import { Connectors } from "./connectors.ts";
import type { CustomerProfile } from "./contract/customer.ts";
import type { DetailField, DetailFieldChange, FieldOwner, NewDetailField } from "./contract/detail-field.ts";
import type { HistoryEntry } from "./contract/history.ts";
import type { Entity, OperationName } from "./contract/operations.ts";
import type { OrganizationProfile } from "./contract/organization.ts";
import type { Dialect } from "./contract/paths.ts";
import type { FailedRequest, ItemResult, Outcome } from "./contract/task.ts";
import {
	changeDetailField,
	createDetailField,
	deleteDetailField,
	listDetailFields,
} from "./detail-fields.ts";
import { Failures } from "./failures.ts";
import { findByDetail, type ProfileOf } from "./find-by-detail.ts";
import { Imports } from "./imports.ts";
import type {
	Bulk,
	MusterClientOptions,
	RetryOptions,
	SubmitOptions,
	Submitted,
	TaskQuery,
} from "./options.ts";
import { pagesOf } from "./page.ts";
import { People } from "./people.ts";
import { readProfile } from "./profile.ts";
import { RecordPages } from "./record-pages.ts";
import {
	type CustomerQuery,
	deleteRecord,
	type ExportOptions,
	exportOf,
	type RecordQuery,
} from "./records.ts";
import { readRetryAfter, type Sleep, sleep } from "./retry.ts";
import { Sessions } from "./sessions.ts";
import { Site } from "./site.ts";
import { readTask, statusWords, type Task } from "./task.ts";
import { Tasks } from "./tasks.ts";
import { unexpected } from "./unexpected.ts";
import { type Look, type WaitOptions, waitForTask } from "./wait.ts";
import { Webhooks } from "./webhooks.ts";

interface Signal {
	readonly signal?: AbortSignal;
}

/**
 * The bulk APIs of Muster, and of services that speak the same dialects. One client may be used by many callers at once.
 * What fails for a moment (429, 503, a broken connection) is tried again; a submission that is repeated takes effect once,
 * because its Idempotency-Key stays the same. Every method throws MusterError where the service refuses, and
 * MusterNetworkError or MusterTimeoutError where it does not answer.
 */
export class MusterClient {
	readonly dialect: Dialect;
	readonly sessions: Sessions;
	readonly tasks: Tasks;
	readonly connectors: Connectors;
	/** Files of any size straight to the service. */
	readonly imports: Imports;
	readonly failures: Failures;
	readonly site: Site;
	readonly webhooks: Webhooks;
	readonly people: People;
	readonly records: { readonly [Kind in Entity]: RecordPages<Kind> };
	readonly #connection: Connection;
	readonly #sleep: Sleep;

	constructor(options: MusterClientOptions) {
		this.dialect = options.dialect ?? "guide";
		this.#sleep = options.sleep ?? sleep;
		this.#connection = connectionOf(options, { sleep: this.#sleep, random: () => Math.random() });
		this.sessions = new Sessions(this.#connection);
		this.tasks = new Tasks(this.#connection, this.dialect);
		this.connectors = new Connectors(this.#connection);
		this.imports = new Imports(this.#connection, this.#sleep, () => crypto.randomUUID());
		this.failures = new Failures(this.#connection);
		this.site = new Site(this.#connection);
		this.webhooks = new Webhooks(this.#connection);
		this.people = new People(this.#connection);
		this.records = {
			customer: new RecordPages(this.#connection, "customer"),
			organization: new RecordPages(this.#connection, "organization"),
		};
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
		const { idempotencyKey = crypto.randomUUID() } = options;
		const named = { ...options, idempotencyKey };
		return submitItems(this.#connection, this.dialect, operation, JSON.stringify(items), named);
	}

	/** The failed items of a task as they were sent: a body to correct and to submit, under a new key. */
	async failedRequest(taskId: string, { signal }: Signal = {}): Promise<FailedRequest> {
		const path = `tasks/${encodeURIComponent(taskId)}/failed-request`;
		const { body, status } = await this.#connection.ask({ method: "GET", path, signal });
		// By the contract, one key with the items under it.
		return Array.isArray(Object.values(body ?? {})[0]) ? (body as FailedRequest) : unexpected(path, status);
	}

	/**
	 * Sends the failed items of a task again as they were, as a new task: once, however often it is asked for. What fails
	 * once more is retried by the new task's id.
	 */
	retryTask(taskId: string, options: RetryOptions = {}): Promise<Submitted> {
		return askOfTask(this.#connection, taskId, "retry", options);
	}

	/**
	 * Gives the records of a task back what they had before it, as a new task: once, however often it is asked for. What was
	 * changed since stays, and `results` of the new task say so, item by item. A dry run says what would be.
	 */
	undoTask(taskId: string, options: SubmitOptions = {}): Promise<Submitted> {
		return askOfTask(this.#connection, taskId, "undo", options);
	}

	/** What was changed on a record, the latest change first. */
	history(entity: Entity, id: string, { signal }: Signal = {}): AsyncGenerator<HistoryEntry, void> {
		return this.#pages(`${entity}/${encodeURIComponent(id)}/history`, {}, signal);
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
		const service: BulkService = {
			submit: (of, items, options) =>
				submitItems(this.#connection, this.dialect, of, `[${items.join(",")}]`, options),
			waitForTask: (taskId, options) => this.waitForTask(taskId, options),
			results: (taskId, options) => this.results(taskId, options),
			records: this.records,
		};
		return {
			run: (rows, options = {}) => runBulk(service, operation, rows, { ...options, sleep: this.#sleep }),
			runPieces: (pieces, options = {}) =>
				runBulkPieces(service, operation, pieces, { ...options, sleep: this.#sleep }),
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

	/** Every customer that is sought, page by page as they are taken. */
	async *customers(query: CustomerQuery = {}): AsyncGenerator<CustomerProfile, void> {
		const { signal, ...filter } = query;
		for await (const body of this.#pages<CustomerProfile>("customers", filter, signal))
			yield readProfile(body);
	}

	/** Every organization that is sought, page by page as they are taken. */
	async *organizations(query: RecordQuery = {}): AsyncGenerator<OrganizationProfile, void> {
		const { signal, ...filter } = query;
		for await (const body of this.#pages<OrganizationProfile>("organizations", filter, signal))
			yield readProfile(body);
	}

	/**
	 * The records that the same query lists, as the bytes of one file: CSV, or JSON lines in the shape of the dialect. One
	 * that breaks off is thrown: what was given by then is no whole file. `email` and `organization` are of customers alone.
	 */
	exportRecords(
		entity: Entity,
		options: CustomerQuery & ExportOptions = {},
	): AsyncGenerator<Uint8Array, void> {
		return exportOf(this.#connection, entity, options);
	}

	/** Records that have one of the values in a detail field, page by page as they are taken. @param values 1 to 100 */
	findByDetail<Of extends Entity>(
		entity: Of,
		field: string,
		values: readonly string[],
		{ signal }: Signal = {},
	): AsyncGenerator<ProfileOf[Of], void> {
		return findByDetail(this.#connection, entity, { name: field, values }, signal);
	}

	/** @returns whether it was there */
	deleteRecord(entity: Entity, id: string, { signal }: Signal = {}): Promise<boolean> {
		return deleteRecord(this.#connection, entity, id, signal);
	}

	/** The detail fields that the site has, in their order. */
	detailFields(owner: FieldOwner, { signal }: Signal = {}): Promise<readonly DetailField[]> {
		return listDetailFields(this.#connection, owner, signal);
	}

	/** Makes a detail field, TEXT where no type is given. */
	createDetailField(owner: FieldOwner, field: NewDetailField, { signal }: Signal = {}): Promise<DetailField> {
		return createDetailField(this.#connection, owner, field, signal);
	}

	/** Renames a field, changes its options or its place; records keep their values. */
	changeDetailField(
		owner: FieldOwner,
		nameOrId: string,
		change: DetailFieldChange,
		{ signal }: Signal = {},
	): Promise<DetailField> {
		return changeDetailField(this.#connection, owner, nameOrId, change, signal);
	}

	/**
	 * Deletes a field. Where records have values in it, that is refused (`values_at_stake`, and `problem.values` says how
	 * many) until `confirm` says that they may go.
	 */
	deleteDetailField(
		owner: FieldOwner,
		nameOrId: string,
		options: Signal & { readonly confirm?: boolean } = {},
	): Promise<void> {
		return deleteDetailField(this.#connection, owner, nameOrId, options);
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

	#pages<Entry>(path: string, filter: Query, signal: AbortSignal | undefined): AsyncGenerator<Entry, void> {
		return pagesOf<Entry>(this.#connection, path, filter, signal);
	}
}
