import { type Part, partsOf } from "./bulk-parts.ts";
import { type FoundResult, idsOfFailures, resultsByFailures, soleOutcome } from "./bulk-results.ts";
import { type Entity, type OperationName, operationNamed } from "./contract/operations.ts";
import type { ItemOutcome, ItemResult } from "./contract/task.ts";
import { MusterError } from "./errors.ts";
import { isTaskLimit, type Sleep } from "./retry.ts";
import type { Task } from "./task.ts";

export interface BulkOptions<Row> {
	/** Makes the item that is sent for a row; without it the row is the item. */
	readonly toItem?: (row: Row) => object;
	/**
	 * Requests that are under way at once, each until its task has ended. 4 if left out: of the five unfinished tasks that
	 * the real service allows a site, one stays free for others.
	 */
	readonly concurrency?: number;
	/**
	 * Names this run. The Idempotency-Key of each request is made from it, the request's place and its content: a run that
	 * is repeated under the same name takes effect once, also after a crash. Give another name (the date, say) where the
	 * same content is meant to be applied anew.
	 */
	readonly name?: string;
	/**
	 * Stands in front of the Idempotency-Keys, for whoever looks at tasks later. `sync-NAME` marks them as those of the
	 * connector NAME. Letters, digits, `-`, `.` and `_`.
	 */
	readonly source?: string;
	/** Finds out what would change, and changes nothing; `changes` of the results tell. */
	readonly dryRun?: boolean;
	/** Asks for the record's id of every row; otherwise rows of a task that went all the same way have none. */
	readonly withIds?: boolean;
	/** How long one task may take, in seconds; 1,800 if left out. */
	readonly taskSeconds?: number;
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: BulkProgress) => void;
}

/** What became of one row. */
export interface BulkResult<Row> extends Omit<ItemResult, "index" | "outcome"> {
	readonly row: Row;
	/** Place of the row in everything that was given, from 0. */
	readonly place: number;
	/** null where the request itself was refused, because this row alone is too large for one. */
	readonly taskId: string | null;
	/** "succeeded" is said by a service that does not tell what it did with a row. */
	readonly outcome: ItemOutcome | "succeeded";
}

export interface BulkProgress {
	/** Rows whose request has been accepted. */
	readonly accepted: number;
	/** Rows whose task has ended, by outcome. */
	readonly ended: Readonly<Record<ItemOutcome | "succeeded", number>>;
}

/** The part of a client that a run works with. */
export interface BulkService {
	/** @param items each as JSON */
	submit(
		operation: OperationName,
		items: readonly string[],
		options: { idempotencyKey: string; dryRun: boolean; waitSeconds: number; signal: AbortSignal },
	): Promise<{ readonly taskId: string; readonly task?: Task }>;
	waitForTask(taskId: string, options: { timeoutSeconds: number; signal: AbortSignal }): Promise<Task>;
	results(taskId: string, options: { signal: AbortSignal }): AsyncIterable<ItemResult>;
	readonly records: Readonly<
		Record<Entity, { keysOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> }>
	>;
}

const concurrencyUsual = 4;
const taskSecondsUsual = 1_800;
/** What a submission asks the service to wait, in seconds: most tasks end within, and need no look of their own. */
const waitSeconds = 10;
/** Pause where the service has as many unfinished tasks as it takes, and does not say when to come back; milliseconds. */
const fullPauseMs = 2_000;

/**
 * Carries out a bulk operation for any number of rows: cuts them into requests, keeps a few under way, waits while the
 * service has all the tasks it takes, and tells what became of every row, in the order of the rows. Rows are taken as they
 * are needed, so that a file of any size needs little memory. Rows that name one record alike take effect in their order. Where the rows themselves throw, what is under way is told
 * of first: throwing is how a caller ends a run without leaving its requests behind.
 * @throws what the client throws for a request that is refused as a whole (no scope, say); what was accepted is carried
 * out all the same, and the same run again goes on where this one ended
 */
export async function* runBulk<Row>(
	service: BulkService,
	operation: OperationName,
	rows: Iterable<Row> | AsyncIterable<Row>,
	options: BulkOptions<Row> & { readonly sleep: Sleep },
): AsyncGenerator<BulkResult<Row>, void> {
	for await (const results of runBulkPieces(service, operation, oneByOne(rows), options)) yield* results;
}

async function* oneByOne<Row>(
	rows: Iterable<Row> | AsyncIterable<Row>,
): AsyncGenerator<readonly Row[], void> {
	for await (const row of rows) yield [row];
}

/** The same for rows that come in pieces of any length, and results by the request: nothing is awaited row by row. */
export async function* runBulkPieces<Row>(
	service: BulkService,
	operation: OperationName,
	pieces: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
	options: BulkOptions<Row> & { readonly sleep: Sleep },
): AsyncGenerator<readonly BulkResult<Row>[], void> {
	const stop = new AbortController();
	const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
	const run = new Run(service, operation, options, signal);
	const underWay: UnderWay<Row>[] = [];
	const parts = partsOf(operation, pieces, options.toItem ?? ((row) => row as object));
	try {
		const failures: unknown[] = [];
		const keep = (error: unknown): void => void failures.push(error);
		const take = () => parts.next().then(({ value }) => value, keep);
		const concurrency = options.concurrency ?? concurrencyUsual;
		for (let part = await take(); part; part = await take()) {
			signal.throwIfAborted();
			// The next request is ready when its turn comes, and goes out before the results of an ended one are told of.
			const ended = underWay.length < concurrency ? [] : ((await underWay.shift()?.ending) ?? []);
			const { names } = part;
			// Of two requests that name one record, the later one is sent when the earlier one has ended: the last row wins.
			const before = underWay.filter((other) => haveCommon(other.names, names)).map(({ ending }) => ending);
			const ending = Promise.all(before).then(() => run.carryOut(part));
			// It is awaited when its turn comes; until then nobody else listens.
			ending.catch(() => undefined);
			underWay.push({ names, ending });
			if (ended.length > 0) yield ended;
		}
		for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next.ending;
		if (failures.length > 0) throw failures[0];
	} finally {
		// Whoever stops listening, or was thrown at, has no use for the rest.
		stop.abort(new Error("the run has ended"));
		await Promise.allSettled([...underWay.map(({ ending }) => ending), parts.return()]);
	}
}

interface UnderWay<Row> {
	readonly names: ReadonlySet<string>;
	readonly ending: Promise<BulkResult<Row>[]>;
}

function haveCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
	for (const name of some) if (others.has(name)) return true;
	return false;
}

class Run<Row> {
	readonly #service: BulkService;
	readonly #operation: OperationName;
	readonly #options: BulkOptions<Row> & { readonly sleep: Sleep };
	readonly #signal: AbortSignal;
	#accepted = 0;
	readonly #ended = { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, succeeded: 0 };

	constructor(
		service: BulkService,
		operation: OperationName,
		options: BulkOptions<Row> & { readonly sleep: Sleep },
		signal: AbortSignal,
	) {
		this.#service = service;
		this.#operation = operation;
		this.#options = options;
		this.#signal = signal;
	}

	async carryOut(part: Part<Row>): Promise<BulkResult<Row>[]> {
		const results = await this.#resultsOf(part);
		for (const { outcome } of results) this.#ended[outcome] += 1;
		this.#tell();
		return results;
	}

	async #resultsOf(part: Part<Row>): Promise<BulkResult<Row>[]> {
		const signal = this.#signal;
		const submitted = await this.#submit(part).catch((error: unknown) => {
			const [row, ...others] = part.rows;
			// A request that is too large although it holds a single row is that row's failure, and not that of the run.
			if (!(error instanceof MusterError) || error.status !== 413 || others.length > 0) throw error;
			const errors = [{ code: error.code ?? "body_too_large", pointer: "", message: error.message }];
			return [{ row: row as Row, place: part.place, taskId: null, outcome: "failed" as const, errors }];
		});
		if (Array.isArray(submitted)) return submitted;
		this.#accepted += part.rows.length;
		this.#tell();
		const { taskId } = submitted;
		const timeoutSeconds = this.#options.taskSeconds ?? taskSecondsUsual;
		const task = submitted.task ?? (await this.#service.waitForTask(taskId, { timeoutSeconds, signal }));
		const sole = this.#soleOutcome(task);
		const found = sole === null ? await this.#itemResults(task, part) : [];
		return part.rows.map((row, index) => {
			const place = part.place + index;
			const result = found[index];
			if (result === undefined) return { row, place, taskId, outcome: sole ?? "succeeded" };
			const { index: _, ...told } = result;
			return { row, place, taskId, ...told };
		});
	}

	/** Where the service has as many unfinished tasks as it takes, it is waited for: that is no failure. */
	async #submit(part: Part<Row>) {
		const { dryRun = false, name = "", source, sleep } = this.#options;
		const idempotencyKey = await keyOf([name, this.#operation, `${dryRun}`, `${part.place}`, ...part.texts]);
		const signal = this.#signal;
		for (;;) {
			try {
				return await this.#service.submit(this.#operation, part.texts, {
					idempotencyKey: `${source === undefined ? "" : `${source}-`}${this.#operation}-${part.place}-${idempotencyKey}`,
					dryRun,
					waitSeconds,
					signal,
				});
			} catch (error) {
				if (!(error instanceof MusterError) || !(error.status === 429 || isTaskLimit(error))) throw error;
				await sleep(error.retryAfterMs ?? fullPauseMs, signal);
			}
		}
	}

	/** What became of every row, where the summary tells all that there is to tell; else null. */
	#soleOutcome({ summary }: Task): ItemOutcome | null {
		const needsEach = this.#options.withIds === true || this.#options.dryRun === true;
		if (summary === null || needsEach) return null;
		const only = soleOutcome(summary);
		return only === "failed" ? null : only;
	}

	async #itemResults(task: Task, part: Part<Row>): Promise<readonly (FoundResult | undefined)[]> {
		if (task.summary === null) return resultsByFailures(task, part.items, await this.#keysOf(task, part));
		const results: FoundResult[] = [];
		for await (const result of this.#service.results(task.taskId, { signal: this.#signal }))
			results[result.index] = result as FoundResult; // no bulk operation deletes
		return results;
	}

	async #keysOf(task: Task, { items }: Part<Row>): Promise<ReadonlyMap<string, string>> {
		const ids = idsOfFailures(task, items);
		if (ids.length === 0) return new Map();
		const { entity } = operationNamed(this.#operation);
		return this.#service.records[entity].keysOf(ids).catch((error: unknown) => {
			// Whoever may write may not always read.
			if (error instanceof MusterError) return new Map();
			throw error;
		});
	}

	#tell(): void {
		this.#options.onProgress?.({ accepted: this.#accepted, ended: { ...this.#ended } });
	}
}

/** Half of a SHA-256, in hexadecimal. */
async function keyOf(parts: readonly string[]): Promise<string> {
	// Each part's length stands before it, so that no two lists are written alike.
	const text = parts.map((part) => `${part.length}:${part}`).join("");
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
	return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
