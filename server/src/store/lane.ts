import type { Transaction } from "./database.ts";

/** The lane of a site: its holder is alone in applying the site's tasks and in changing its detail fields. */
export interface Lane {
	/** The note of a claim, left in place while it is applied. */
	readonly claimToken: string | null;
	readonly claimFirst: number | null;
	readonly claimLast: number | null;
	/** Tasks up to this number are taken one at a time. */
	readonly suspectLast: number | null;
	/** How often the task that is claimed alone has ended its worker. */
	readonly attempts: number;
	/** Whether it is too early to try again. */
	readonly resting: boolean;
}

const columns = `
	claim_token as "claimToken", claim_first as "claimFirst", claim_last as "claimLast",
	suspect_last as "suspectLast", attempts, coalesce(retry_at > clock_timestamp(), false) as resting`;

// No foreign key points at a lane; "no key update" is enough to be alone, and lets nothing else wait.
const takeStatement = {
	name: "take-lane",
	text: `select ${columns} from muster.lane where site_id = $1 for no key update skip locked`,
};

/** Takes the lane until the transaction ends. @returns null where somebody else has it, or the site is not there */
export async function takeLane(transaction: Transaction, siteId: string): Promise<Lane | null> {
	const rows = await transaction.query<Lane>(takeStatement, [siteId]);
	return rows[0] ?? null;
}

const awaitStatement = {
	name: "await-lane",
	text: `select ${columns} from muster.lane where site_id = $1 for no key update`,
};

/** Waits for the lane and takes it until the transaction ends. */
export async function awaitLane(transaction: Transaction, siteId: string): Promise<void> {
	await transaction.query(awaitStatement, [siteId]);
}

const noteStatement = {
	name: "note-claim",
	text: `
		update muster.lane
		set claim_token = case when $2::bigint is not null then gen_random_uuid() end, claim_first = $2,
			claim_last = $3, suspect_last = $4, attempts = $5,
			retry_at = clock_timestamp() + $6 * interval '1 millisecond'
		where site_id = $1
		returning claim_token as "claimToken"`,
};

export interface LaneNote {
	/** Numbers of the first and the last task of the claim; null where nothing is claimed. */
	readonly first: number | null;
	readonly last: number | null;
	readonly suspectLast: number | null;
	readonly attempts: number;
	/** Milliseconds before the lane may be tried again; null for at once. */
	readonly restMs: number | null;
}

/** The note of a lane that nobody has claimed. */
export const clearNote: LaneNote = { first: null, last: null, suspectLast: null, attempts: 0, restMs: null };

/** Writes the note of a claim, or clears it. The caller holds the lane. @returns the claim's token, if it is one */
export async function noteClaim(
	transaction: Transaction,
	siteId: string,
	note: LaneNote,
): Promise<string | null> {
	const rows = await transaction.query<{ claimToken: string | null }>(noteStatement, [
		siteId,
		note.first,
		note.last,
		note.suspectLast,
		note.attempts,
		note.restMs,
	]);
	return rows[0]?.claimToken ?? null;
}
