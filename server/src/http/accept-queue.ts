import { type AcceptedTask, acceptTasks, type NewlyAccepted, type NewTask } from "../store/accept-tasks.ts";
import { countUnfinishedTasks } from "../store/count-unfinished-tasks.ts";
import {
	type Database,
	DatabaseUnavailable,
	errorCode,
	OutcomeUnknown,
	type Transaction,
} from "../store/database.ts";
import { findTasksByKey } from "../store/find-tasks-by-key.ts";
import type { HeldTask, PlainWork } from "../store/plain-claims.ts";
import { ProblemError } from "./problem-error.ts";
import type { WholeQueue } from "./whole-queue.ts";

/** Most submissions saved by one insert, and the most text of it: more gains nothing and makes the last one wait. */
const joinedMax = 16;
const joinedCharactersMax = 4_000_000;

/** What a site may have while all sites together have too much; its own setting is 1 at least. */
const noRoom = 0;

/** How long the first of two equal submissions is awaited, in milliseconds (contract, section 3). */
const sameKeyMs = 2_000;

export interface Acceptance {
	readonly taskId: string;
	/** Whether the task is there from an earlier submission of the same request. */
	readonly replayed: boolean;
}

/** A task with what was made of its items. */
export interface AcceptedTogether {
	readonly task: NewTask;
	readonly work: PlainWork | null;
}

interface Waiting {
	readonly task: NewTask;
	readonly unfinishedMax: number;
	work: PlainWork | null;
	resolve(acceptance: Acceptance): void;
	reject(error: unknown): void;
}

/** Told of the new tasks of a site. */
export type OnAccepted = (siteId: string, tasks: readonly HeldTask[]) => void;

/**
 * Saves submissions, each with its key in one transaction. Those of one site that arrive while another is being saved
 * are saved together, by one insert and one commit; a lone one never waits.
 */
export class AcceptQueue {
	readonly #database: Database;
	readonly #whole: WholeQueue;
	readonly #onAccepted: OnAccepted;
	readonly #waiting: Map<string, Waiting[]> = new Map();
	readonly #saving: Set<string> = new Set();

	constructor(database: Database, whole: WholeQueue, onAccepted: OnAccepted) {
		this.#database = database;
		this.#whole = whole;
		this.#onAccepted = onAccepted;
	}

	/**
	 * Saves a submission, or finds the task that an earlier one under its key has made. It is durable when this resolves.
	 * @param judge called at once, when the submission is on its way: what it makes of the items is handed on with the task
	 * @throws ProblemError idempotency_key_reused, idempotency_key_busy, too_many_tasks, overloaded
	 */
	accept(
		siteId: string,
		ownMax: number,
		task: NewTask,
		judge: () => PlainWork | null = () => null,
	): Promise<Acceptance> {
		const { promise, resolve, reject } = Promise.withResolvers<Acceptance>();
		const unfinishedMax = this.#whole.isFull() ? noRoom : ownMax;
		const own: Waiting = { task, unfinishedMax, work: null, resolve, reject };
		const waiting = this.#waiting.get(siteId) ?? [];
		waiting.push(own);
		this.#waiting.set(siteId, waiting);
		if (!this.#saving.has(siteId)) void this.#saveAll(siteId);
		own.work = judge();
		return promise;
	}

	/**
	 * Saves the tasks of an upload, and what belongs to them, in one transaction: at once or not at all, and in their order.
	 * @param ownMax most unfinished tasks that the site may come to have by them
	 * @param also sends all it has before it waits for anything
	 * @returns false where there is no room for them now; nothing was saved then
	 */
	async acceptTogether(
		siteId: string,
		ownMax: number,
		tasks: readonly AcceptedTogether[],
		also: (transaction: Transaction) => Promise<unknown>,
	): Promise<boolean> {
		if (tasks.length > 0 && this.#whole.isFull()) return false;
		const created = await this.#database.inSite(siteId, async (transaction) => {
			let accepted: readonly NewlyAccepted[] = [];
			if (tasks.length > 0) {
				// Asked first, because the tasks are long and may have to come again and again.
				const unfinished = await countUnfinishedTasks(transaction, siteId, ownMax);
				if (unfinished + tasks.length > ownMax) return null;
				const own = tasks.map(({ task }) => task);
				accepted = await acceptTasks(transaction, siteId, own, ownMax);
				if (accepted.length < tasks.length) return null;
			}
			await transaction.commit(() => also(transaction));
			return accepted;
		});
		if (created === null) return false;
		if (created.length > 0) {
			const works = new Map(tasks.map(({ task, work }) => [keyOf(task), work]));
			this.#onAccepted(
				siteId,
				created.map((task) => ({ ...task, work: works.get(keyOf(task)) ?? null })),
			);
		}
		return true;
	}

	async #saveAll(siteId: string): Promise<void> {
		this.#saving.add(siteId);
		try {
			for (let next = this.#next(siteId); next.length > 0; next = this.#next(siteId)) {
				await this.#save(siteId, next);
			}
		} finally {
			this.#saving.delete(siteId);
		}
	}

	#next(siteId: string): Waiting[] {
		const waiting = this.#waiting.get(siteId) ?? [];
		let count = 0;
		for (let characters = 0; count < Math.min(waiting.length, joinedMax); count += 1) {
			characters += waiting[count]?.task.items.length ?? 0;
			if (count > 0 && characters > joinedCharactersMax) break;
		}
		const next = waiting.splice(0, count);
		if (waiting.length === 0) this.#waiting.delete(siteId);
		return next;
	}

	/**
	 * Nearly always all of them are new and there is room: one round trip saves them. What is left has a task already, or
	 * finds the queue full.
	 */
	async #save(siteId: string, joined: readonly Waiting[]): Promise<void> {
		try {
			const unfinishedMax = leastOf(joined);
			const tasks = joined.map(({ task }) => task);
			const created = await this.#database.inSite(
				siteId,
				(transaction) => transaction.commit(() => acceptTasks(transaction, siteId, tasks, unfinishedMax)),
				{ lockMs: sameKeyMs },
			);
			const others = this.#answerCreated(siteId, joined, created);
			if (others.length > 0) await this.#saveOthers(siteId, others);
		} catch (error) {
			await this.#saveApart(siteId, joined, error);
		}
	}

	/** @returns those that no task was made for */
	#answerCreated(
		siteId: string,
		joined: readonly Waiting[],
		created: readonly NewlyAccepted[],
	): readonly Waiting[] {
		const byKey = new Map(created.map((task) => [keyOf(task), task]));
		const held: HeldTask[] = [];
		const others = joined.filter(({ task, work, resolve }) => {
			const mine = byKey.get(keyOf(task));
			if (mine === undefined) return true;
			// Of equal keys the first is the one that was saved.
			byKey.delete(keyOf(task));
			const { taskId, number, version } = mine;
			held.push({ taskId, number, version, work });
			resolve({ taskId, replayed: false });
			return false;
		});
		if (held.length > 0) this.#onAccepted(siteId, held);
		return others;
	}

	/** A full queue still answers for what it has: only submissions under new keys are turned away. */
	async #saveOthers(siteId: string, others: readonly Waiting[]): Promise<void> {
		try {
			const tasks = others.map(({ task }) => task);
			const unfinishedMax = leastOf(others);
			const { found, created } = await this.#database.inSite(
				siteId,
				(transaction) => findOrAccept(transaction, siteId, tasks, unfinishedMax),
				{ lockMs: sameKeyMs },
			);
			const existing = new Map([...found, ...created].map((task) => [keyOf(task), task]));
			for (const { task, resolve, reject } of this.#answerCreated(siteId, others, created)) {
				const answer = replayOf(task, existing.get(keyOf(task)), unfinishedMax);
				if (answer instanceof ProblemError) reject(answer);
				else resolve(answer);
			}
		} catch (error) {
			await this.#saveApart(siteId, others, error);
		}
	}

	/** What one of several submissions ran into is not the fault of the others: each is tried by itself. */
	async #saveApart(siteId: string, joined: readonly Waiting[], error: unknown): Promise<void> {
		const [only, ...others] = joined;
		const isLost = error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown;
		if (others.length > 0 && !isLost) {
			for (const one of joined) await this.#save(siteId, [one]);
			return;
		}
		for (const { reject } of joined)
			reject(errorCode(error) === "55P03" && only !== undefined ? busy(only.task) : error);
	}
}

/** The bound on unfinished tasks of a site, as the latest of its requests may have found it changed. */
function leastOf(waiting: readonly Waiting[]): number {
	return Math.min(...waiting.map(({ unfinishedMax }) => unfinishedMax));
}

/** The tasks that are there under these keys, and new ones for as many of the others as there is room for. */
async function findOrAccept(
	transaction: Transaction,
	siteId: string,
	tasks: readonly NewTask[],
	unfinishedMax: number,
): Promise<{ found: readonly AcceptedTask[]; created: readonly NewlyAccepted[] }> {
	const [unfinished, found] = await Promise.all([
		countUnfinishedTasks(transaction, siteId, unfinishedMax),
		findTasksByKey(transaction, siteId, tasks),
	]);
	const known = new Set(found.map(keyOf));
	const fitting = tasks
		.filter((task) => !known.has(keyOf(task)) && !isRepeat(task, tasks))
		.slice(0, Math.max(0, unfinishedMax - unfinished));
	if (fitting.length === 0) return { found, created: [] };
	return { found, created: await acceptTasks(transaction, siteId, fitting, unfinishedMax) };
}

/** Whether the same key stands further ahead in the list. */
function isRepeat(task: NewTask, tasks: readonly NewTask[]): boolean {
	return tasks.find((candidate) => keyOf(candidate) === keyOf(task)) !== task;
}

/** The answer for a submission whose key has a task: the same request gets that task, another one is refused. */
export function replayOf(
	task: NewTask,
	existing: AcceptedTask | undefined,
	unfinishedMax: number,
): Acceptance | ProblemError {
	if (existing === undefined) return tooMany(unfinishedMax);
	if (existing.fingerprint.equals(task.fingerprint)) return { taskId: existing.taskId, replayed: true };
	return new ProblemError(
		"idempotency_key_reused",
		`The Idempotency-Key ${JSON.stringify(task.idempotencyKey.slice(0, 60))} was used for another request, which is task ${existing.taskId}. Nothing of this one was saved; send it under a new key. A key can only be retried with the same request data`,
	);
}

function tooMany(unfinishedMax: number): ProblemError {
	if (unfinishedMax === noRoom) {
		return new ProblemError(
			"overloaded",
			"This server has too many unfinished tasks, of all sites together. Nothing was saved; send the same request again, with the same key, when some have ended.",
			{ headers: { "retry-after": "5" } },
		);
	}
	return new ProblemError(
		"too_many_tasks",
		`Maximum number of tasks reached: this site has ${unfinishedMax} unfinished tasks, as many as its setting allows. Nothing was saved; send the same request again, with the same key, when some have ended.`,
		{ headers: { "retry-after": "1" } },
	);
}

function busy(task: NewTask): ProblemError {
	return new ProblemError(
		"idempotency_key_busy",
		`Another request with the Idempotency-Key ${JSON.stringify(task.idempotencyKey.slice(0, 60))} is being saved. Send this one again to get its answer.`,
		{ headers: { "retry-after": "1" } },
	);
}

function keyOf(task: { readonly operation: string; readonly idempotencyKey: string }): string {
	return `${task.operation} ${task.idempotencyKey}`;
}
