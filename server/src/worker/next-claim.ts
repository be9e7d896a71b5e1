import type { ClaimSize } from "../store/claim-tasks.ts";
import type { Database } from "../store/database.ts";
import type { PlainClaim, PlainTasks } from "../store/plain-tasks.ts";
import type { ClaimOptions, ClaimOutcome } from "./apply-claim.ts";
import { type FollowOptions, followClaim } from "./follow-claim.ts";
import { applyPlainClaim } from "./plain-claim.ts";

/** What a turn of a site works with. */
export interface SiteTurn {
	readonly database: Database;
	readonly siteId: string;
	/** Those that this process has accepted, if it accepts any. */
	readonly plainTasks: PlainTasks | null;
	/** How much a claim may take now. */
	size(): ClaimSize;
	/** Resolves when nobody else goes first. */
	giveWay(): Promise<void>;
}

/** Whom a claim tells. */
export type Told = Pick<ClaimOptions, "onReady" | "onTrouble">;

/** The first claim of a turn: plain tasks as they are held, or the head, which reads what is noted. */
export async function applyFirst(
	turn: SiteTurn,
	told: Told,
	applyHead: () => Promise<ClaimOutcome>,
): Promise<ClaimOutcome> {
	const plain = nextPlain(turn, 0);
	return plain === null ? applyHead() : applyPlain(turn, plain, false, told);
}

/** A claim behind others: plain tasks as they are held, or a follower. */
export async function applyNext(
	turn: SiteTurn,
	ahead: FollowOptions["ahead"],
	told: Told,
): Promise<ClaimOutcome> {
	const { last, holding } = ahead[0];
	if (turn.plainTasks?.isNext(turn.siteId, last) === true) {
		// One waits in line, no more. There is nothing to prepare, so what has come until then is taken too.
		if ((await holding) === null) return { kind: "outdated" };
		await turn.giveWay();
		const plain = nextPlain(turn, last);
		if (plain !== null) return applyPlain(turn, plain, true, told);
	}
	const { database, siteId, giveWay } = turn;
	return followClaim(database, siteId, { ...told, size: turn.size(), ahead, giveWay });
}

function nextPlain({ plainTasks, siteId, size }: SiteTurn, behind: number): PlainClaim | null {
	return plainTasks?.next(siteId, behind, size()) ?? null;
}

async function applyPlain(
	{ database, siteId, plainTasks }: SiteTurn,
	claim: PlainClaim,
	isBehind: boolean,
	told: Told,
): Promise<ClaimOutcome> {
	const outcome = await applyPlainClaim(database, siteId, claim, { ...told, isBehind });
	if (outcome.kind === "outdated") plainTasks?.rest(siteId);
	return outcome;
}
