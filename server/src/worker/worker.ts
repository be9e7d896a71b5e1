import { Courtesy } from "../domain/courtesy.ts";
import type { Emulation } from "../domain/emulation.ts";
import type { ClaimSize } from "../store/claim-tasks.ts";
import type { Database } from "../store/database.ts";
import { deleteOldImports } from "../store/delete-old-imports.ts";
import { deleteOldTasks } from "../store/delete-old-tasks.ts";
import { findSitesWithWork } from "../store/find-sites-with-work.ts";
import type { PlainTasks } from "../store/plain-tasks.ts";
import { settleDetailFields } from "../store/settle-detail-fields.ts";
import { settleImports } from "../store/settle-imports.ts";
import { noteWorkerSeen } from "../store/worker-seen.ts";
import { type Applied, applyClaim, type ClaimOutcome, isLoss, type OnTrouble } from "./apply-claim.ts";
import { type Ahead, aheadMax } from "./follow-claim.ts";
import { applyFirst, applyNext, type SiteTurn, type Told } from "./next-claim.ts";
import type { OnReady } from "./touched.ts";

/** Sites that one process works on side by side: one waits for the database while the other judges. */
const lanesMax = 2;

/** How often every site is looked at, in milliseconds: what finds the tasks that other processes accepted and nobody told of. */
const sweepMs = 200;

/** How often a worker notes that it runs, in milliseconds. */
const seenMs = 5_000;

/** How long a lane that another worker has is left alone, in milliseconds. */
const busyMs = 20;

/** A turn that ends more tasks than this is that of a busy site. */
const quietTasksMax = 10;

/** How often tasks past their time of keeping, and records that have not followed a change of a field, are looked for, in milliseconds. */
const retentionMs = 60_000;

export interface WorkerOptions {
	readonly database: Database;
	/** Shared with the API of the same process; a worker without one has its own. */
	readonly courtesy?: Courtesy;
	readonly onTrouble: OnTrouble;
	/** Called when tasks of a site have ended, with their ids, so that those who wait for them need not poll. */
	readonly onEnded?: (taskIds: readonly string[], siteId: string) => void;
	/** Given where the real service is emulated. */
	readonly emulation?: Emulation | undefined;
	/** Those that the API of the same process accepts. */
	readonly plainTasks?: PlainTasks | null;
	/** Told of each claim that was applied, with the seconds from its beginning to its commit. */
	readonly onApplied?: (siteId: string, claim: Applied, seconds: number) => void;
}

/** What became of a site's turn. */
interface Turn {
	/** How many tasks ended. */
	readonly ended: number;
	readonly mayHaveMore: boolean;
	/** Somebody else has the lane, or it rests. */
	readonly isBusy: boolean;
}

/**
 * Carries out the tasks of all sites, oldest first within a site, the sites taking turns. `start` and `stop` are for
 * programs; tests call `tick`.
 */
export class Worker {
	readonly #options: WorkerOptions;
	readonly #courtesy: Courtesy;
	/** Sites that may have work, in the order of their turns. */
	readonly #waiting: Set<string> = new Set();
	readonly #working: Map<string, Promise<void>> = new Map();
	readonly #timers: Set<NodeJS.Timeout> = new Set();
	#started = false;
	#isStopping = false;
	readonly #running: Set<Promise<void>> = new Set();
	#lost = false;
	/** How often the database was lost, and how often it had been when a site's lane was last held. */
	#losses = 0;
	readonly #lossesSeen: Map<string, number> = new Map();

	constructor(options: WorkerOptions) {
		this.#options = options;
		this.#courtesy = options.courtesy ?? new Courtesy(() => performance.now());
	}

	start(): void {
		this.#started = true;
		this.#every(sweepMs, () => this.#sweep());
		this.#every(retentionMs, () => this.#forget());
		this.#every(seenMs, () => this.#options.database.inNoSite(noteWorkerSeen, { lax: true }));
	}

	/** Takes no more work and waits until what is being applied has been committed. */
	async stop(): Promise<void> {
		this.#started = false;
		this.#isStopping = true;
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
		this.#waiting.clear();
		await Promise.all([...this.#running, ...this.#working.values()]);
	}

	/** Says that a site has a new task; it is begun at once where a lane is free. */
	wake(siteId: string): void {
		if (!this.#started) return;
		this.#waiting.add(siteId);
		this.#fill();
	}

	/**
	 * Works until no site has anything left that can be done now.
	 * @returns how many tasks ended
	 */
	async tick(): Promise<number> {
		let ended = 0;
		for (;;) {
			const sites = await this.#options.database.inNoSite(findSitesWithWork);
			let isDone = true;
			for (const siteId of sites) {
				const turn = await this.#takeTurn(siteId);
				ended += turn.ended;
				if (turn.mayHaveMore) isDone = false;
			}
			if (isDone) return ended;
		}
	}

	#fill(): void {
		for (const siteId of this.#waiting) {
			if (this.#working.size >= lanesMax) return;
			if (this.#working.has(siteId)) continue;
			this.#waiting.delete(siteId);
			const work = this.#work(siteId).finally(() => {
				this.#working.delete(siteId);
				if (this.#started) this.#fill();
			});
			this.#working.set(siteId, work);
		}
	}

	/** One turn of one site; a site that may have more goes to the end of the line. */
	async #work(siteId: string): Promise<void> {
		try {
			const { isBusy, mayHaveMore } = await this.#takeTurn(siteId);
			if (mayHaveMore && this.#started) this.#waiting.add(siteId);
			if (isBusy) this.#after(busyMs, () => this.wake(siteId));
			this.#lost = false;
		} catch (error) {
			// The sweep comes back to the site when the database does.
			this.#trouble("a site's tasks could not be applied", error);
		}
	}

	/**
	 * Claims of one site, each prepared while the one before is being written, until another site waits or nothing is left.
	 */
	async #takeTurn(siteId: string): Promise<Turn> {
		const courtesy = this.#courtesy;
		await courtesy.giveWay(siteId);
		const end = courtesy.begin(siteId);
		const onTrouble: OnTrouble = (what, error) => this.#tell(what, error);
		const claims: Promise<ClaimOutcome>[] = [];
		// What comes behind a claim that was not applied would come to nothing.
		let isOver = false;
		const begin = (start: (onReady: OnReady) => Promise<ClaimOutcome>, ahead: readonly Ahead[]): void => {
			const beganMs = performance.now();
			const claim = start((ready) => {
				if (isOver || !this.#mayGoOn(siteId)) return;
				const own = { ...ready, ended: claim.catch(() => undefined) };
				const next = [own, ...ahead.slice(0, aheadMax - 1)] as const;
				begin(async (onReady) => {
					// Beside a quiet site one claim at a time is enough to wait for.
					if (courtesy.isBesideQuiet(siteId)) await own.ended;
					await courtesy.giveWay(siteId);
					return applyNext(this.#turnOf(siteId), next, { onReady, onTrouble });
				}, next);
			});
			claims.push(claim);
			claim.then(
				(outcome) => {
					isOver ||= outcome.kind !== "applied";
					if (outcome.kind !== "applied") return;
					this.#options.onApplied?.(siteId, outcome, (performance.now() - beganMs) / 1_000);
				},
				() => {
					isOver = true; // it is told below, when its turn comes
				},
			);
		};
		begin((onReady) => {
			const told = { onReady, onTrouble };
			return applyFirst(this.#turnOf(siteId), told, () => this.#applyHead(siteId, told));
		}, []);
		const turn = { ended: 0, mayHaveMore: false, isBusy: false };
		try {
			for (let claim = claims.shift(); claim !== undefined; claim = claims.shift()) {
				const outcome = await claim;
				turn.isBusy = outcome.kind === "busy";
				// Behind a claim that failed nothing is found, and that is not the last word.
				turn.mayHaveMore ||= outcome.kind === "failed" || outcome.kind === "outdated";
				if (outcome.kind !== "applied") continue;
				this.#options.plainTasks?.ended(siteId, outcome.last);
				turn.ended += outcome.taskIds.length;
				if (turn.ended > quietTasksMax) courtesy.tellBusy(siteId);
				turn.mayHaveMore ||= claims.length === 0;
				this.#options.onEnded?.(outcome.taskIds, siteId);
			}
		} finally {
			// What the one before ran into is told; those behind it have nothing to add, but to end.
			isOver = true;
			for (let claim = claims.shift(); claim !== undefined; claim = claims.shift()) {
				await claim.catch(() => undefined);
			}
			end();
		}
		return turn;
	}

	/** A claim that reads what is noted. */
	async #applyHead(siteId: string, told: Told): Promise<ClaimOutcome> {
		const losses = this.#losses;
		const wasLost = losses > (this.#lossesSeen.get(siteId) ?? 0);
		const size = this.#sizeFor(siteId);
		const { database, emulation } = this.#options;
		const outcome = await applyClaim(database, siteId, { ...told, size, wasLost, emulation });
		// Only of sites that were looked at after a loss: usually of none.
		if (wasLost && outcome.kind !== "busy") this.#lossesSeen.set(siteId, losses);
		if (outcome.kind === "applied" || outcome.kind === "idle") this.#options.plainTasks?.headed(siteId);
		return outcome;
	}

	#turnOf(siteId: string): SiteTurn {
		const { database, plainTasks = null } = this.#options;
		return {
			database,
			siteId,
			plainTasks,
			size: () => this.#sizeFor(siteId),
			giveWay: () => this.#courtesy.giveWay(siteId),
		};
	}

	/** Claims are small while a site that sends little is about, or another one waits for a turn. */
	#sizeFor(siteId: string): ClaimSize {
		return this.#courtesy.isBesideQuiet(siteId) || !this.#mayGoOn(siteId) ? "small" : "full";
	}

	/** Whether no other site waits for a turn; one that is being worked on has its own. */
	#mayGoOn(siteId: string): boolean {
		for (const other of this.#waiting) {
			if (other !== siteId && !this.#working.has(other)) return false;
		}
		return !this.#isStopping;
	}

	async #sweep(): Promise<void> {
		const sites = await this.#options.database.inNoSite(findSitesWithWork);
		for (const siteId of sites) this.#waiting.add(siteId);
		this.#lost = false;
		if (this.#started) this.#fill();
	}

	async #forget(): Promise<void> {
		// First what is known of them by their tasks.
		await settleImports(this.#options.database);
		await deleteOldTasks(this.#options.database);
		await deleteOldImports(this.#options.database);
		await settleDetailFields(this.#options.database, () => !this.#isStopping);
	}

	/** Runs `work` again and again, `ms` after it last ended, until the worker stops. */
	#every(ms: number, work: () => Promise<void>): void {
		const running = work()
			.catch((error: unknown) => this.#trouble("looking for work failed", error))
			.finally(() => {
				this.#running.delete(running);
				this.#after(ms, () => this.#every(ms, work));
			});
		this.#running.add(running);
	}

	#after(ms: number, work: () => void): void {
		if (!this.#started) return;
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			work();
		}, ms);
		this.#timers.add(timer);
	}

	/** A database that is away is said once, not at every sweep. */
	#trouble(what: string, error: unknown): void {
		if (isLoss(error)) this.#losses += 1;
		if (!this.#lost) this.#options.onTrouble(what, error);
		this.#lost = true;
	}

	#tell(what: string, error: unknown): void {
		if (isLoss(error)) this.#losses += 1;
		this.#options.onTrouble(what, error);
	}
}
