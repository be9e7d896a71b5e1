import { type ItemResult, untriedResult } from "../domain/item-result.ts";
import { parseItems } from "../domain/json.ts";
import { type ClaimedTask, claimTasks, claimTasksMax } from "../store/claim-tasks.ts";
import {
	type Database,
	DatabaseUnavailable,
	errorCode,
	OutcomeUnknown,
	type Transaction,
} from "../store/database.ts";
import { findSite } from "../store/find-site.ts";
import { finishTasks } from "../store/finish-tasks.ts";
import { type LaneNote, readLaneNote, takeLane, writeLaneNote } from "../store/lane.ts";
import { peekTasks } from "../store/peek-tasks.ts";
import { applyTasks, SnapshotOutdated } from "./apply-tasks.ts";

/** Tries of a task by itself before it ends FAILED. */
export const attemptsMax = 5;

/** Milliseconds before the second try of a task by itself; doubled with each further one. */
const firstRestMs = 100;

/** The database ends a worker's transaction that says nothing for so long, and another worker goes on. */
const silentMs = 5_000;

/** Applying again because others write the same records: they are few, so a handful of tries is plenty. */
const outdatedMax = 10;

/** What became of a try to work on a site. */
export type ClaimOutcome =
	| { readonly kind: "idle" }
	/** Somebody else has the lane, or it rests after a failed try. */
	| { readonly kind: "busy" }
	/** It was tried in vain, which is noted; the site may be tried again. */
	| { readonly kind: "failed" }
	| { readonly kind: "applied"; readonly taskIds: readonly string[] };

/** Told of what went wrong without ending anything: the process goes on and the tasks are tried again. */
export type OnTrouble = (what: string, error: unknown) => void;

/** Which of the oldest tasks to try, and what is known of earlier tries of them. */
export interface Claim {
	readonly first: number;
	readonly last: number;
	readonly alone: boolean;
	readonly attempts: number;
	readonly suspectLast: number | null;
}

/**
 * Claims the oldest tasks of a site, applies them and finishes them in one transaction, which holds the lane from its
 * beginning to its end.
 *
 * The claim is noted first, over another connection, and finishing clears the note. A note that is left behind means that
 * a worker ended in the middle: its tasks are then taken one at a time, and a task that ends its worker so often alone is
 * ended itself, as FAILED.
 */
export async function applyClaim(
	database: Database,
	siteId: string,
	onTrouble: OnTrouble,
): Promise<ClaimOutcome> {
	const began = performance.now();
	let claimed: Claim | null = null;
	try {
		return await database.inSite(
			siteId,
			async (transaction) => {
				if (!(await takeLane(transaction, siteId))) return { kind: "busy" };
				const note = await readLaneNote(transaction, siteId);
				if (note.resting) return { kind: "busy" };
				const heads = await peekTasks(transaction, siteId, claimTasksMax);
				if (heads === null) return { kind: "idle" };
				const claim = nextClaim(note, heads);
				await database.inNoSite((apart) => writeLaneNote(apart, siteId, { ...claim, isTrying: true }, null), {
					lax: true,
				});
				claimed = claim;
				return await tryClaim(transaction, siteId, claim, onTrouble);
			},
			{ idleMs: silentMs },
		);
	} catch (error) {
		if (claimed === null) throw error;
		onTrouble("a claim could not be applied", error);
		// A lost connection says nothing about the tasks, unless we lost it by our own silence.
		const isLost = error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown;
		await noteLoss(database, siteId, claimed, !isLost || performance.now() - began > silentMs);
		return { kind: "failed" };
	}
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

/** Applies a claim; where that fails it is undone and noted, and the lane is held all the while. */
async function tryClaim(
	transaction: Transaction,
	siteId: string,
	claim: Claim,
	onTrouble: OnTrouble,
): Promise<ClaimOutcome> {
	for (let round = 1; ; round += 1) {
		try {
			return await transaction.nested(() => apply(transaction, siteId, claim));
		} catch (error) {
			if (error instanceof DatabaseUnavailable) throw error;
			if (isPassing(error) && round < outdatedMax) continue;
			onTrouble("a claim could not be applied", error);
			await noteFailure(transaction, siteId, claim, true);
			return { kind: "failed" };
		}
	}
}

async function apply(transaction: Transaction, siteId: string, claim: Claim): Promise<ClaimOutcome> {
	const site = await findSite(transaction, siteId);
	if (site === null) throw new Error(`the site ${siteId} has a lane but no entry`);
	const tasks = await claimTasks(transaction, siteId, claim, claim.alone ? 1 : claimTasksMax);
	const failed = claim.attempts >= attemptsMax;
	const results = failed ? tasks.map(failTask) : await applyTasks(transaction, site, tasks);
	await finishTasks(
		transaction,
		siteId,
		tasks.map((task, place) => ({ taskId: task.taskId, failed, results: results[place] ?? [] })),
	);
	await writeLaneNote(transaction, siteId, { ...claim, isTrying: false, attempts: 0 }, null);
	return { kind: "applied", taskIds: tasks.map((task) => task.taskId) };
}

/** None of the task's items could be tried (contract, section 2). They are not judged: that may be what ends workers. */
function failTask(task: ClaimedTask): ItemResult[] {
	const fault = {
		code: "task_failed",
		pointer: "",
		message: `Muster tried ${attemptsMax} times to apply this task and could not. Nothing of it was saved.`,
		hint: "Send the items again under a new Idempotency-Key.",
	} as const;
	return parseItems(task.items).map((sent) => untriedResult(sent, fault));
}

/** The lane went with the connection; whoever has it by now has found the note and goes on from there. */
async function noteLoss(database: Database, siteId: string, claim: Claim, counts: boolean): Promise<void> {
	await database.inSite(siteId, async (transaction) => {
		if (!(await takeLane(transaction, siteId))) return;
		const note = await readLaneNote(transaction, siteId);
		if (note.isTrying && note.first === claim.first) await noteFailure(transaction, siteId, claim, counts);
	});
}

/** @param counts whether the tasks may be to blame; a rest follows in any case, so that nothing spins */
async function noteFailure(
	transaction: Transaction,
	siteId: string,
	claim: Claim,
	counts: boolean,
): Promise<void> {
	const attempts = claim.attempts + (counts && claim.alone ? 1 : 0);
	const suspectLast = counts ? Math.max(claim.suspectLast ?? 0, claim.last) : claim.suspectLast;
	// Several tasks that failed together are tried one by one at once.
	const restMs = counts && !claim.alone ? null : firstRestMs * 2 ** attempts;
	await writeLaneNote(transaction, siteId, { ...claim, isTrying: false, suspectLast, attempts }, restMs);
}

/** Serialization failure, deadlock, a key or record that somebody else has just written or deleted. */
function isPassing(error: unknown): boolean {
	if (error instanceof SnapshotOutdated) return true;
	return ["40001", "40P01", "23505", "23503"].includes(errorCode(error) ?? "");
}
