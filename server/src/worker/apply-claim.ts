import { type ItemResult, untriedResult } from "../domain/item-result.ts";
import { parseJson } from "../domain/json.ts";
import { type ClaimedTask, claimTasks, claimTasksMax } from "../store/claim-tasks.ts";
import { type Database, DatabaseUnavailable, errorCode, OutcomeUnknown } from "../store/database.ts";
import { findSite } from "../store/find-site.ts";
import { finishTasks } from "../store/finish-tasks.ts";
import { clearNote, type Lane, noteClaim, takeLane } from "../store/lane.ts";
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
	/** Another worker has the lane, or it rests after a failed try. */
	| { readonly kind: "busy" }
	/** It was tried in vain, which is noted; the site may be tried again. */
	| { readonly kind: "failed" }
	| { readonly kind: "applied"; readonly taskIds: readonly string[] };

/** Told of what went wrong without ending anything: the process goes on and the tasks are tried again. */
export type OnTrouble = (what: string, error: unknown) => void;

/** A claim, decided before it is noted. */
interface Claim {
	readonly first: number;
	readonly last: number;
	readonly alone: boolean;
	readonly attempts: number;
	readonly suspectLast: number | null;
}

interface Note extends Claim {
	readonly token: string | null;
}

/**
 * Claims the oldest tasks of a site, applies them and finishes them in one transaction.
 *
 * The claim is noted first, in a commit of its own, and finishing clears the note. A note that is left behind means that
 * a worker ended in the middle: its tasks are then taken one at a time, and a task that ends its worker so often alone
 * is ended itself, as FAILED.
 */
export async function applyClaim(
	database: Database,
	siteId: string,
	onTrouble: OnTrouble,
): Promise<ClaimOutcome> {
	const noted = await note(database, siteId);
	if (noted === "idle" || noted === "busy") return { kind: noted };
	for (let round = 1; ; round += 1) {
		try {
			return await apply(database, siteId, noted);
		} catch (error) {
			if (isPassing(error) && round < outdatedMax) continue;
			onTrouble("a claim could not be applied", error);
			// A lost connection says nothing about the tasks, so it does not count as a try of theirs.
			const counts = !(error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown);
			await database.inSite(siteId, (transaction) => noteFailure(transaction, siteId, noted, counts));
			return { kind: "failed" };
		}
	}
}

async function note(database: Database, siteId: string): Promise<Note | "idle" | "busy"> {
	return database.inSite(
		siteId,
		async (transaction) => {
			const lane = await takeLane(transaction, siteId);
			if (lane === null || lane.resting) return "busy";
			const heads = await peekTasks(transaction, siteId, claimTasksMax);
			if (heads === null) return "idle";
			const claim = nextClaim(lane, heads);
			return { ...claim, token: await noteClaim(transaction, siteId, { ...claim, restMs: null }) };
		},
		{ idleMs: silentMs, lax: true },
	);
}

/** Decides how to claim, by what the lane's last holder left behind. */
export function nextClaim(lane: Lane, heads: { readonly first: number; readonly last: number }): Claim {
	const leftBehind = lane.claimToken !== null;
	const wasAlone = lane.claimFirst !== null && lane.claimFirst === lane.claimLast;
	const suspectLast = leftBehind ? Math.max(lane.suspectLast ?? 0, lane.claimLast ?? 0) : lane.suspectLast;
	const alone = suspectLast !== null && heads.first <= suspectLast;
	const counted = leftBehind && wasAlone && lane.claimFirst === heads.first;
	return {
		first: heads.first,
		last: alone ? heads.first : heads.last,
		alone,
		attempts: alone ? lane.attempts + (counted ? 1 : 0) : 0,
		suspectLast: alone ? suspectLast : null,
	};
}

async function apply(database: Database, siteId: string, noted: Note): Promise<ClaimOutcome> {
	return database.inSite(
		siteId,
		async (transaction) => {
			const lane = await takeLane(transaction, siteId);
			// Somebody else came in between and noted a claim of theirs.
			if (lane === null || lane.claimToken !== noted.token) return { kind: "busy" };
			const site = await findSite(transaction, siteId);
			if (site === null) throw new Error(`the site ${siteId} has a lane but no entry`);
			const tasks = await claimTasks(transaction, siteId, noted, noted.alone ? 1 : claimTasksMax);
			const failed = noted.attempts >= attemptsMax;
			const results = failed
				? tasks.map((task) => failTask(task))
				: await applyTasks(transaction, site, tasks);
			await finishTasks(
				transaction,
				siteId,
				tasks.map((task, place) => ({ taskId: task.taskId, failed, results: results[place] ?? [] })),
			);
			await noteClaim(transaction, siteId, { ...clearNote, suspectLast: noted.suspectLast });
			return { kind: "applied", taskIds: tasks.map((task) => task.taskId) };
		},
		{ idleMs: silentMs },
	);
}

/** None of the task's items could be tried (contract, section 2). They are not judged: that may be what ends workers. */
function failTask(task: ClaimedTask): ItemResult[] {
	const fault = {
		code: "task_failed",
		pointer: "",
		message: `Muster tried ${attemptsMax} times to apply this task and could not. Nothing of it was saved.`,
		hint: "Send the items again under a new Idempotency-Key.",
	} as const;
	const items = parseJson(task.items);
	if (!Array.isArray(items)) throw new Error("a task's items are not a list");
	return items.map((sent: unknown) => untriedResult(sent, fault));
}

async function noteFailure(
	transaction: Parameters<typeof takeLane>[0],
	siteId: string,
	noted: Note,
	counts: boolean,
): Promise<void> {
	const lane = await takeLane(transaction, siteId);
	if (lane === null || lane.claimToken !== noted.token) return;
	const attempts = noted.attempts + (counts && noted.alone ? 1 : 0);
	await noteClaim(transaction, siteId, {
		...clearNote,
		suspectLast: counts ? Math.max(noted.suspectLast ?? 0, noted.last) : noted.suspectLast,
		attempts,
		restMs: counts && noted.alone ? firstRestMs * 2 ** attempts : null,
	});
}

/** Serialization failure, deadlock, a key or record that somebody else has just written or deleted. */
function isPassing(error: unknown): boolean {
	if (error instanceof SnapshotOutdated) return true;
	return ["40001", "40P01", "23505", "23503"].includes(errorCode(error) ?? "");
}
