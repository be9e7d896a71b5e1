import type { ClaimSize } from "../store/claim-tasks.ts";
import type { Database } from "../store/database.ts";
import type { PlainClaim } from "../store/plain-claims.ts";
import type { PlainTasks } from "../store/plain-tasks.ts";
import type { ClaimOptions, ClaimOutcome } from "./apply-claim.ts";
import { type FollowOptions, followClaim } from "./follow-claim.ts";
import { applyPlainClaim, type PlainOptions } from "./plain-claim.ts";
import { readPlain } from "./read-plain.ts";

/** What a turn of a site works with. */
export interface SiteTurn {
	readonly database: Database;
	readonly siteId: string;
	/** null where nothing is to be judged ahead of its turn. */
	readonly plainTasks: PlainTasks | null;
	/** How much a claim may take now. */
	size(): ClaimSize;
	/** Resolves when nobody else goes first. */
	giveWay(): Promise<void>;
}

/** Whom a claim tells. */
export type Told = Pick<ClaimOptions, "onReady" | "onTrouble">;

/**
 * How many plain claims share the lane before they leave it free for a moment: whoever changes a detail field waits for one,
 * and those who share it would not let them in.
 */
const inRowMax = 32;

/** The first claim of a turn: plain tasks as they are held, or the head, which reads what is noted. */
export async function applyFirst(
	turn: SiteTurn,
	told: Told,
	applyHead: () => Promise<ClaimOutcome>,
): Promise<ClaimOutcome> {
	const hasMore = await readPlain(turn, 0);
	const plain = nextPlain(turn, 0, null);
	if (plain !== null) return applyPlain(turn, plain, { ...told, isBehind: false, beside: null });
	return hasMore ? applyHead() : { kind: "idle" };
}

/**
 * A claim behind others: plain tasks as they are held, or a follower.
 * @returns idle where nothing has come before the claim ahead ended; what other processes have accepted is told of, or found
 */
export async function applyNext(
	turn: SiteTurn,
	ahead: FollowOptions["ahead"],
	told: Told,
): Promise<ClaimOutcome> {
	const [{ last, plain, ended, holding }, before] = ahead;
	const { database, siteId, plainTasks, giveWay } = turn;
	const kind = (): string => plainTasks?.kindBehind(siteId, last) ?? "other";
	await readPlain(turn, last);
	if (kind() === "plain" || (plain !== undefined && kind() === "none")) {
		// There is nothing to prepare, so what has come until it can be sent is taken too.
		if ((await holding) === null) return { kind: "outdated" };
		await before?.ended;
		await giveWay();
		if (plain !== undefined) {
			if (kind() === "none") await Promise.race([ended, plainTasks?.arrival(siteId)]);
			const claim = plain.inRow < inRowMax ? nextPlain(turn, last, plain.claim) : null;
			if (claim !== null)
				return applyPlain(turn, claim, { ...told, isBehind: true, beside: { ...plain, ended } });
			if (kind() !== "other") await ended;
			if (kind() === "none") return { kind: "idle" };
		}
		const claim = nextPlain(turn, last, null);
		if (claim !== null) return applyPlain(turn, claim, { ...told, isBehind: true, beside: null });
	}
	return followClaim(database, siteId, { ...told, size: turn.size(), ahead, giveWay });
}

function nextPlain(
	{ plainTasks, siteId, size }: SiteTurn,
	behind: number,
	beside: PlainClaim | null,
): PlainClaim | null {
	return plainTasks?.next(siteId, behind, size(), beside) ?? null;
}

async function applyPlain(
	{ database, siteId, plainTasks }: SiteTurn,
	claim: PlainClaim,
	options: Omit<PlainOptions, "isAlone">,
): Promise<ClaimOutcome> {
	// What was read may have been read by others too.
	const isAlone = !options.isBehind && plainTasks?.isRead(siteId) === true;
	const outcome = await applyPlainClaim(database, siteId, claim, { ...options, isAlone });
	if (outcome.kind === "outdated") plainTasks?.failed(siteId, isAlone);
	return outcome;
}
