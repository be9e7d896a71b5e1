import { type ClaimSize, claimTasks } from "../store/claim-tasks.ts";
import type { Database } from "../store/database.ts";
import { expectTurn, type Turn } from "../store/expect-turn.ts";
import { siteOf } from "../store/find-site.ts";
import type { Ended } from "../store/finish-tasks.ts";
import { takeOrganizationIds } from "../store/insert-records.ts";
import { isPassing } from "../store/is-passing.ts";
import { awaitLane, laneMs } from "../store/lane.ts";
import { readSurroundings } from "../store/read-surroundings.ts";
import { Script } from "../store/script.ts";
import { giveIds, writeFold } from "../store/write-fold.ts";
import type { ClaimOutcome, OnTrouble } from "./apply-claim.ts";
import { foldTasks, judgeTasks } from "./apply-tasks.ts";
import { endTasks } from "./end-tasks.ts";
import { dependsOn, type OnReady, type Ready, type Touched, touchedBy } from "./touched.ts";
import { undoOperationOf } from "./undo-task.ts";

/** A claim ahead of another one. */
export interface Ahead extends Ready {
	/** Resolves when it has ended: with what became of it, or undefined where it failed. */
	readonly ended: Promise<ClaimOutcome | undefined>;
}

export interface FollowOptions {
	readonly size: ClaimSize;
	/** The claims ahead that may still be underway, the nearest first. */
	readonly ahead: readonly [Ahead, ...Ahead[]];
	/** Told when this claim is put into words, so that the next one can be prepared. */
	readonly onReady: OnReady;
	readonly onTrouble: OnTrouble;
	/** Awaited before it is sent: resolves when nobody else goes first. */
	giveWay(): Promise<void>;
}

/** Claims of one site ahead of one that is being prepared: one is written, one waits in line for the lane, one is ready. */
export const aheadMax = 3;

/**
 * Carries out the tasks behind a claim that is just being written: they are judged, folded and put into words meanwhile,
 * and sent as one transaction that waits for the lane in the database. So the database goes from one claim to the next
 * without waiting for us.
 *
 * What it is folded by is read before it has the lane, and may have changed when it does: by a claim ahead (what depends on
 * one waits for its end before it reads), by a claim that failed (its tasks are older and unfinished, or another worker
 * has ended them since), by a change of fields, or by a write from elsewhere. Each of these makes a statement of the
 * transaction fail, and with it the commit; the tasks are then claimed anew as the oldest, with all that belongs to it. So
 * nothing is noted here.
 */
export async function followClaim(
	database: Database,
	siteId: string,
	{ size, ahead, giveWay, onReady, onTrouble }: FollowOptions,
): Promise<ClaimOutcome> {
	const { promise: holding, resolve: onHolding } = Promise.withResolvers<string | null>();
	try {
		await ahead[aheadMax - 1]?.ended;
		const prepared = await prepare(database, siteId, size, ahead);
		if (prepared === null) return { kind: "idle" };
		if (prepared === "alone") return { kind: "outdated" };
		const { taskIds, last, touched, turn, script, ended } = prepared;
		onReady({ last, touched, holding });
		// One waits in line, no more: the database does not promise that the line is kept.
		const behind = await ahead[0].holding;
		if (behind === null) return { kind: "outdated" };
		await giveWay();
		await database.inSite(
			siteId,
			(transaction) =>
				transaction.commit(() =>
					Promise.all([
						awaitLane(transaction, siteId).then(onHolding),
						expectTurn(transaction, siteId, { ...turn, behind }),
						script.send(transaction),
					]),
				),
			{ lockMs: laneMs, byKey: true },
		);
		return { kind: "applied", taskIds, last, ended };
	} catch (error) {
		if (!isPassing(error)) onTrouble("a claim could not be applied", error);
		return { kind: "outdated" };
	} finally {
		onHolding(null); // unless it was told to hold the lane before
	}
}

/** A claim in words, without the items that it was made of: thousands of them would only be in the way. */
interface Prepared {
	readonly taskIds: readonly string[];
	readonly last: number;
	readonly touched: Touched | null;
	readonly turn: Omit<Turn, "behind">;
	readonly script: Script;
	/** What its tasks come to. */
	readonly ended: Ended;
}

async function prepare(
	database: Database,
	siteId: string,
	size: ClaimSize,
	ahead: FollowOptions["ahead"],
): Promise<Prepared | "alone" | null> {
	const [[first, ...others], site] = await database.inSite(siteId, (transaction) =>
		transaction.commit(() =>
			// In this order, see tryClaim.
			Promise.all([claimTasks(transaction, siteId, ahead[0].last, size), siteOf(transaction, siteId)]),
		),
	);
	if (first === undefined) return null;
	// An undo reads what was done to its records to the very last, so it comes as the head.
	if (undoOperationOf(first) !== undefined) return "alone";
	const tasks = [first, ...others] as const;
	const judged = await judgeTasks(tasks, site);
	for (const { touched, ended } of ahead) {
		if (touched !== null && dependsOn(judged, touched)) await ended;
	}
	const surroundings = await database.inSite(
		siteId,
		(transaction) => readSurroundings(transaction, siteId, judged.operation.entity, judged.items),
		{ byKey: true, readOnly: true },
	);
	const { fieldsVersion, nowMs } = surroundings;
	const { writes, finished } = foldTasks(judged, site, surroundings);
	if (writes !== null) {
		await giveIds(writes, nowMs, (count) =>
			database.inSite(siteId, (transaction) =>
				transaction.commit(() => takeOrganizationIds(transaction, siteId, count)),
			),
		);
	}
	const { script, result } = await Script.of((transaction) =>
		Promise.all([
			writes === null ? null : writeFold(transaction, siteId, writes),
			endTasks(transaction, site, tasks, finished()),
		]),
	);
	return {
		taskIds: tasks.map((task) => task.taskId),
		last: (others.at(-1) ?? first).number,
		touched: touchedBy(writes),
		turn: { first: first.number, entity: judged.operation.entity, fieldsVersion },
		script,
		ended: result[1],
	};
}
