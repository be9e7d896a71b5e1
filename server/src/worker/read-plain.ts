import { setImmediate } from "node:timers/promises";
import { operations } from "@muster/client/contract";
import { parseItems } from "../domain/json.ts";
import { type ClaimedTask, claimTasks, plainPortion } from "../store/claim-tasks.ts";
import type { Ground, Grounds } from "../store/grounds.ts";
import { judgePlain, mayHavePlain } from "../store/judge-plain.ts";
import type { HeldTask, PlainWork } from "../store/plain-claims.ts";
import type { PlainTasks } from "../store/plain-tasks.ts";
import type { SiteTurn } from "./next-claim.ts";

/**
 * Reads the oldest tasks behind one and judges them, where they are not those that this process has accepted itself: a
 * worker by itself has accepted none, one that was started again has forgotten them, and of several processes each has
 * accepted a part.
 * @param behind number of the last task of the claim ahead; 0 where there is none
 * @returns whether there may be any
 */
export async function readPlain(turn: SiteTurn, behind: number): Promise<boolean> {
	const { database, siteId, plainTasks } = turn;
	if (plainTasks?.mustRead(siteId, behind) !== true) return true;
	const { grounds } = plainTasks;
	const ground = await grounds.read(siteId);
	if (ground === null || !mayHavePlain(grounds, ground)) return true;
	const portion = plainPortion(turn.size());
	const tasks = await database.inSite(
		siteId,
		(transaction) => claimTasks(transaction, siteId, behind, portion),
		{ readOnly: true },
	);
	plainTasks.holdRead(siteId, await judged(plainTasks, ground, tasks));
	return tasks.length > 0;
}

/** Up to the first that is not plain, which stands in the way of those behind it. */
async function judged(
	{ grounds }: PlainTasks,
	ground: Ground,
	tasks: readonly ClaimedTask[],
): Promise<HeldTask[]> {
	const held: HeldTask[] = [];
	for (const task of tasks) {
		// The requests that have come meanwhile have their turn.
		if (held.length > 0) await setImmediate();
		const work = judgedOrNot(grounds, ground, task);
		const { taskId, number, version } = task;
		held.push({ taskId, number, version, work });
		if (work === null) break;
	}
	return held;
}

function judgedOrNot(grounds: Grounds, ground: Ground, task: ClaimedTask): PlainWork | null {
	const operation = operations.find(({ name }) => name === task.operation);
	if (operation === undefined) return null;
	try {
		return judgePlain(grounds, ground, { operation, dryRun: task.dryRun, items: parseItems(task) });
	} catch {
		// It is told when it is claimed as the head, where what fails is counted.
		return null;
	}
}
