import { applyPlain, expectPlain } from "../store/apply-plain.ts";
import type { Database } from "../store/database.ts";
import { isPassing } from "../store/is-passing.ts";
import { awaitLane, laneMs, takeLane } from "../store/lane.ts";
import type { PlainClaim } from "../store/plain-tasks.ts";
import type { ClaimOutcome, OnTrouble } from "./apply-claim.ts";
import type { OnReady } from "./touched.ts";

export interface PlainOptions {
	/** Whether another claim of this process is ahead, whose end is waited for in the database. */
	readonly isBehind: boolean;
	/** Told when the claim is on its way into the database. */
	readonly onReady: OnReady;
	readonly onTrouble: OnTrouble;
}

/**
 * Carries out tasks whose items were judged when they were accepted. Nothing is read here: one transaction takes the lane,
 * makes sure that all is as it was believed to be, and applies and ends the tasks, in one round trip. What is not so makes
 * it fail, and the tasks are then claimed as the oldest, with all that belongs to it; so nothing is noted here.
 */
export async function applyPlainClaim(
	database: Database,
	siteId: string,
	claim: PlainClaim,
	{ isBehind, onReady, onTrouble }: PlainOptions,
): Promise<ClaimOutcome> {
	const { promise: holding, resolve: onHolding } = Promise.withResolvers<string | null>();
	const { last } = claim;
	try {
		const ended = await database.inSite(
			siteId,
			(transaction) => {
				onReady({ last, touched: anyCustomer, holding });
				return transaction.commit(async () => {
					const lane = isBehind ? awaitLane(transaction, siteId) : takeLane(transaction, siteId);
					const [, , applied] = await Promise.all([
						lane.then(onHolding),
						expectPlain(transaction, siteId, claim),
						applyPlain(transaction, siteId, claim),
					]);
					return applied;
				});
			},
			{ lockMs: laneMs, byKey: true },
		);
		return { kind: "applied", taskIds: claim.tasks.map(({ taskId }) => taskId), last, ended };
	} catch (error) {
		if (!isPassing(error)) onTrouble("a claim could not be applied", error);
		return { kind: "outdated" };
	} finally {
		onHolding(null); // unless it was told to hold the lane before
	}
}

/** Which records it writes is known to the database alone: claims about customers wait for its end before they read. */
const anyCustomer = {
	entity: "customer",
	fields: true,
	ids: new Set<string>(),
	keys: new Set<string>(),
} as const;
