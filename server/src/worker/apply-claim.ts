import type { Emulation } from "../domain/emulation.ts";
import { type ClaimedTask, type ClaimSize, claimTasks } from "../store/claim-tasks.ts";
import {
	type Database,
	DatabaseUnavailable,
	OutcomeUnknown,
	silentMs,
	type Transaction,
} from "../store/database.ts";
import { type Site, siteOf } from "../store/find-site.ts";
import type { Ended, FinishedTask } from "../store/finish-tasks.ts";
import { takeOrganizationIds } from "../store/insert-records.ts";
import { isPassing } from "../store/is-passing.ts";
import {
	awaitLane,
	type FoundNote,
	type LaneNote,
	laneMs,
	pauseInLane,
	readLaneNote,
	takeLane,
	writeLaneNote,
} from "../store/lane.ts";
import { readSurroundings } from "../store/read-surroundings.ts";
import { Script } from "../store/script.ts";
import { giveIds, writeFold } from "../store/write-fold.ts";
import { foldTasks, judgeTasks } from "./apply-tasks.ts";
import { endTasks } from "./end-tasks.ts";
import { attemptsMax, failTask, triedInVain, whyFailed } from "./fail-task.ts";
import { type OnReady, type Touched, touchedBy } from "./touched.ts";
import { undoOperationOf, undoTask } from "./undo-task.ts";
import { verdictOn } from "./verdict-on.ts";

/** Milliseconds before the second try of a task by itself; doubled with each further one. */
const firstRestMs = 100;

/** Longest rest of a lane, in milliseconds. */
const longestRestMs = 30_000;

/** Applying again because others write the same records: they are few, so a handful of tries is plenty. */
const passingMax = 10;

/** Longest pause before such a try, in milliseconds: doubled with each, from 2. */
const longestPauseMs = 200;

/** What became of a try to work on a site. */
export type ClaimOutcome =
	| { readonly kind: "idle" }
	/** Somebody else has the lane, or it rests after a failed try. */
	| { readonly kind: "busy" }
	/** It was begun beside another claim, and what that left behind is not what it was begun for. */
	| { readonly kind: "outdated" }
	/** It was tried in vain, which is noted; the site may be tried again. */
	| { readonly kind: "failed" }
	| Applied;

export interface Applied {
	readonly kind: "applied";
	readonly taskIds: readonly string[];
	/** Number of the last of them. */
	readonly last: number;
	readonly ended: Ended;
}

/** Told of what went wrong without ending anything: the process goes on and the tasks are tried again. */
export type OnTrouble = (what: string, error: unknown) => void;

/** Which of the oldest tasks to try, and what is known of earlier tries of them. */
export interface Claim {
	/** Numbers of the first and the last task. */
	readonly first: number;
	readonly last: number;
	readonly alone: boolean;
	readonly attempts: number;
	readonly suspectLast: number | null;
}

export interface ClaimOptions {
	readonly size: ClaimSize;
	/** Told when the claim is on its way into the database, so that the next one can be prepared; not of one that is tried alone. */
	readonly onReady: OnReady;
	readonly onTrouble: OnTrouble;
	/**
	 * Whether this process has lost the database since it last held the lane. A note that it finds is then no sign of a worker
	 * that ended in the middle: the try came to nothing with the database, and so did noting that.
	 */
	readonly wasLost?: boolean;
	/** Given where the real service is emulated: it says what becomes of tasks, which are then tried one at a time. */
	readonly emulation?: Emulation | undefined;
}

/**
 * Claims the oldest tasks of a site, if nobody else holds its lane, applies them and finishes them in one transaction, which
 * holds the lane from before it reads a record to its commit.
 *
 * The claim is noted first, over another connection, and finishing clears the note. A note that is left behind means that
 * a worker ended in the middle: its tasks are then taken one at a time, and a task that ends its worker so often alone is
 * ended itself, as FAILED.
 */
export async function applyClaim(
	database: Database,
	siteId: string,
	{ size, onReady, onTrouble, wasLost = false, emulation }: ClaimOptions,
): Promise<ClaimOutcome> {
	let claimed: Claim | null = null;
	const onClaim = (claim: Claim): void => {
		claimed = claim;
	};
	for (let round = 1; ; round += 1) {
		let began = performance.now();
		try {
			return await database.inSite(
				siteId,
				(transaction) => {
					began = performance.now(); // waiting for a connection is no silence of ours
					const pauseMs = Math.min(2 ** (round - 1), longestPauseMs);
					const undone = claimed;
					const own = { database, transaction, siteId, size, onClaim, undone, pauseMs, wasLost, emulation };
					// What was begun behind a try that was undone is not begun again.
					return tryClaim(own, round === 1 ? onReady : () => undefined);
				},
				{ lockMs: laneMs, byKey: true },
			);
		} catch (error) {
			if (claimed === null) throw error;
			if (isPassing(error) && round < passingMax) continue;
			onTrouble("a claim could not be applied", error);
			// A lost connection says nothing about the tasks, unless we lost it by our own silence.
			await noteFailure(database, siteId, claimed, !isLoss(error) || performance.now() - began > silentMs);
			return { kind: "failed" };
		}
	}
}

/** One try in one transaction. */
interface Try {
	readonly database: Database;
	readonly transaction: Transaction;
	readonly siteId: string;
	readonly size: ClaimSize;
	/** Told of the claim before it is noted. */
	readonly onClaim: (claim: Claim) => void;
	/** The claim of an earlier try of ours that was undone: its note is not of a worker that ended in the middle. */
	readonly undone: Claim | null;
	/** At most so many milliseconds are let pass before what was undone is tried again. */
	readonly pauseMs: number;
	/** See ClaimOptions. */
	readonly wasLost: boolean;
	readonly emulation: Emulation | undefined;
}

async function tryClaim(own: Try, onReady: OnReady): Promise<ClaimOutcome> {
	const { transaction, siteId, size, undone, pauseMs, wasLost, emulation } = own;
	const [holder, , found] = await Promise.all([
		// A try that was undone comes back for what it has noted.
		undone === null ? takeLane(transaction, siteId) : awaitLane(transaction, siteId),
		undone === null ? null : pauseInLane(transaction, pauseMs),
		readLaneNote(transaction, siteId),
	]);
	if (holder === null || found.resting) return { kind: "busy" };
	const note = wasLost ? { ...found, isTrying: false } : withoutUndone(found, undone);
	const [[first, ...behind], site] = await Promise.all([
		claimTasks(transaction, siteId, 0, size),
		// Read behind the tasks: a webhook that was there before one of them was sent is told of it.
		siteOf(transaction, siteId),
	]);
	if (first === undefined) return { kind: "idle" };
	const isEmulated = emulation !== undefined;
	const verdict = isEmulated ? await verdictOn(emulation, transaction, siteId, first) : "apply";
	if (verdict === "wait") return { kind: "busy" };
	const others = isEmulated ? [] : behind;
	const last = others.at(-1) ?? first;
	const claim = nextClaim(note, { first: first.number, last: last.number });
	await noteTry(own, claim);
	const tasks = claim.alone ? ([first] as const) : ([first, ...others] as const);
	const why = claim.attempts < attemptsMax ? whyFailed[verdict] : triedInVain;
	const done = why === null ? await carryOut(own, tasks, site) : null;
	// All of it is put into words before any of it is sent.
	const { script, result } = await Script.of((words) =>
		Promise.all([
			done?.write?.(words),
			endTasks(
				words,
				site,
				tasks,
				done?.finished() ?? tasks.map((task) => failTask(task, why ?? triedInVain)),
			),
			writeLaneNote(words, siteId, { ...claim, isTrying: false, attempts: 0 }, null),
		]),
	);
	const written = transaction.commit(() => script.send(transaction));
	const touched = done?.touched ?? null;
	// What an undo touches is known to nobody behind it.
	const isAlone = claim.alone || isEmulated || undoOperationOf(first) !== undefined;
	if (!isAlone) onReady({ last: claim.last, touched, holding: Promise.resolve(holder) });
	await written;
	const taskIds = tasks.map((task) => task.taskId);
	return { kind: "applied", taskIds, last: claim.last, ended: result[1] };
}

/** What tasks come to, ready to be written. */
interface Done {
	/** null where nothing is. */
	readonly write: ((words: Transaction) => Promise<void>) | null;
	readonly touched: Touched | null;
	finished(): readonly FinishedTask[];
}

async function carryOut(
	{ transaction, siteId }: Try,
	tasks: readonly [ClaimedTask, ...ClaimedTask[]],
	site: Site,
): Promise<Done> {
	if (undoOperationOf(tasks[0]) !== undefined) {
		const { write, finished } = await undoTask(transaction, site, tasks[0]);
		return { write, touched: null, finished: () => [finished] };
	}
	const judged = await judgeTasks(tasks, site);
	const surroundings = await readSurroundings(transaction, siteId, judged.operation.entity, judged.items);
	const { writes, finished } = foldTasks(judged, site, surroundings);
	if (writes === null) return { write: null, touched: null, finished };
	await giveIds(writes, surroundings.nowMs, (count) => takeOrganizationIds(transaction, siteId, count));
	return {
		write: (words) => writeFold(words, siteId, writes),
		touched: touchedBy(writes),
		finished,
	};
}

/** The caller holds the lane, so nobody else writes the note; a crash from here on is found by it. */
async function noteTry({ database, siteId, onClaim }: Try, claim: Claim): Promise<void> {
	onClaim(claim);
	await database.inNoSite(
		(apart) => apart.commit(() => writeLaneNote(apart, siteId, { ...claim, isTrying: true }, null)),
		{ lax: true },
	);
}

/** A note of a try that this process has undone itself says nothing of a worker that ended in the middle. */
function withoutUndone(note: FoundNote, undone: Claim | null): FoundNote {
	if (undone === null || note.first !== undone.first || note.last !== undone.last) return note;
	return { ...note, isTrying: false, suspectLast: undone.suspectLast, attempts: undone.attempts };
}

/** Decides what to try, by what the lane's last holder left behind. */
export function nextClaim(note: LaneNote, heads: { readonly first: number; readonly last: number }): Claim {
	const suspectLast = note.isTrying ? Math.max(note.suspectLast ?? 0, note.last ?? 0) : note.suspectLast;
	const alone = suspectLast !== null && heads.first <= suspectLast;
	const isSame = note.first === heads.first;
	// Only a try of the task by itself counts.
	const counted = note.isTrying && note.first === note.last ? 1 : 0;
	return {
		first: heads.first,
		last: alone ? heads.first : heads.last,
		alone,
		attempts: alone && isSame ? note.attempts + counted : 0,
		suspectLast: alone ? suspectLast : null,
	};
}

/**
 * Notes a try that failed, if its note is still the one that stands.
 * @param counts whether the tasks may be to blame; a rest follows in any case, so that nothing spins
 */
async function noteFailure(database: Database, siteId: string, claim: Claim, counts: boolean): Promise<void> {
	await database.inSite(
		siteId,
		async (transaction) => {
			await awaitLane(transaction, siteId);
			const note = await readLaneNote(transaction, siteId);
			if (!note.isTrying || note.first !== claim.first) return;
			const attempts = claim.attempts + (counts && claim.alone ? 1 : 0);
			const suspectLast = counts ? Math.max(claim.suspectLast ?? 0, claim.last) : claim.suspectLast;
			// Several tasks that failed together are tried one by one at once.
			const restMs = counts && !claim.alone ? null : Math.min(firstRestMs * 2 ** attempts, longestRestMs);
			await writeLaneNote(transaction, siteId, { ...claim, isTrying: false, suspectLast, attempts }, restMs);
		},
		{ lockMs: laneMs },
	);
}

/** Whether it was the database that was lost, and not the tasks that failed. */
export function isLoss(error: unknown): boolean {
	return error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown;
}
