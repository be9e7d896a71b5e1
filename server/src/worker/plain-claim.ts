import { applyPlain, expectPlain } from "../store/apply-plain.ts";
import type { Database } from "../store/database.ts";
import { isPassing } from "../store/is-passing.ts";
import { laneMs, shareLane } from "../store/lane.ts";
import type { PlainClaim } from "../store/plain-claims.ts";
import type { ClaimOutcome, OnTrouble } from "./apply-claim.ts";
import type { OnReady, SharedClaim } from "./touched.ts";

/** A plain claim with which another one shares the lane. */
export interface Beside extends SharedClaim {
	/** Resolves when it has ended: with what became of it, or undefined where it failed. */
	readonly ended: Promise<ClaimOutcome | undefined>;
}

export interface PlainOptions {
	/** Whether another claim of this process may be ahead, whose end is waited for in the database. */
	readonly isBehind: boolean;
	/** Whether it is to have the lane alone. */
	readonly isAlone: boolean;
	/** The claim ahead, where the lane is shared with it in the place of waiting for it. */
	readonly beside: Beside | null;
	/** Told when the claim is on its way into the database. */
	readonly onReady: OnReady;
	readonly onTrouble: OnTrouble;
}

/**
 * Carries out tasks whose items were judged when they were accepted. Nothing is read here: one transaction takes the lane,
 * makes sure that all is as it was believed to be, and applies and ends the tasks, in one round trip. What is not so makes
 * it fail, and the tasks are then claimed as the oldest, with all that belongs to it; so nothing is noted here.
 *
 * Beside another plain claim, with which it shares the lane, it is committed behind that one: tasks end in their order, and
 * what comes behind one that failed comes to nothing.
 */
export async function applyPlainClaim(
	database: Database,
	siteId: string,
	claim: PlainClaim,
	{ isBehind, isAlone, beside, onReady, onTrouble }: PlainOptions,
): Promise<ClaimOutcome> {
	const { promise: holding, resolve: onHolding } = Promise.withResolvers<string | null>();
	const { last } = claim;
	let isFree = true;
	const onTaken = (error: unknown): never => {
		isFree = false;
		throw error;
	};
	try {
		const ended = await database.inSite(
			siteId,
			async (transaction) => {
				const inRow = 1 + (beside?.inRow ?? 0);
				onReady({ last, touched: anyCustomer, holding, plain: { claim, inRow } });
				const send = async () => {
					const [, , applied] = await Promise.all([
						shareLane(transaction, siteId, { isBehind, isAlone }).then(onHolding, onTaken),
						expectPlain(transaction, siteId, claim, beside?.claim ?? null),
						applyPlain(transaction, siteId, claim),
					]);
					return applied;
				};
				if (beside === null) return transaction.commit(send);
				const applied = await send();
				if ((await beside.ended)?.kind !== "applied") throw new NotItsTurn();
				return applied;
			},
			{ lockMs: laneMs, byKey: true },
		);
		return { kind: "applied", taskIds: claim.tasks.map(({ taskId }) => taskId), last, ended };
	} catch (error) {
		if (!isPassing(error) && !(error instanceof NotItsTurn)) onTrouble("a claim could not be applied", error);
		return { kind: isFree || isBehind ? "outdated" : "busy" };
	} finally {
		onHolding(null); // unless it was told to hold the lane before
	}
}

/** The claim that it was applied beside came to nothing. */
class NotItsTurn extends Error {
	override readonly name = "NotItsTurn";
}

/** Which records it writes is known to the database alone: claims about customers wait for its end before they read. */
const anyCustomer = {
	entity: "customer",
	fields: true,
	ids: new Set<string>(),
	keys: new Set<string>(),
} as const;
