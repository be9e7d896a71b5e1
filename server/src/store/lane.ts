import type { Statement, Transaction } from "./database.ts";

// No foreign key points at a lane; "no key update" is enough to be alone, and lets nothing else wait.
const takeStatement = {
	name: "take-lane",
	text: holderOf("select from muster.lane where site_id = $1 for no key update skip locked"),
};

/** The transaction that has the lane, as the rows that it writes name it (xmin). */
function holderOf(lane: string): string {
	return `with taken as (${lane}) select pg_current_xact_id()::xid::text as holder from taken`;
}

async function holderBy(
	transaction: Transaction,
	statement: Statement,
	siteId: string,
): Promise<string | null> {
	const rows = await transaction.query<{ holder: string }>(statement, [siteId]);
	return rows[0]?.holder ?? null;
}

/**
 * Takes the lane of a site until the transaction ends: its holder is alone in applying the site's tasks and in changing
 * its detail fields. @returns the transaction as the rows that it writes name it (xmin), or null where the lane is not free
 */
export function takeLane(transaction: Transaction, siteId: string): Promise<string | null> {
	return holderBy(transaction, takeStatement, siteId);
}

const awaitStatement = {
	name: "await-lane",
	text: holderOf("select from muster.lane where site_id = $1 for no key update"),
};

/** How long a request waits for the lane, in milliseconds: many times what applying a claim takes. */
export const laneMs = 5_000;

/** Waits for the lane and takes it until the transaction ends; bound the wait by `lockMs: laneMs`. @returns as takeLane does */
export function awaitLane(transaction: Transaction, siteId: string): Promise<string | null> {
	return holderBy(transaction, awaitStatement, siteId);
}

const shareStatement = {
	name: "share-lane",
	text: sharedHolderOf("select from muster.lane where site_id = $1 for share skip locked"),
};

const openStatement = {
	name: "open-lane",
	text: sharedHolderOf("select from muster.lane where site_id = $1 for no key update skip locked"),
};

const awaitSharedStatement = {
	name: "await-shared-lane",
	text: sharedHolderOf("select from muster.lane where site_id = $1 for share"),
};

function sharedHolderOf(lane: string): string {
	return `
		with taken as (${lane})
		select muster.expect(count(*) = 1), set_config('muster.lane_at', clock_timestamp()::text, true),
			pg_current_xact_id()::xid::text as holder
		from taken`;
}

/**
 * When the transaction got its share of the lane, in SQL. Who shares it behind another one begins when that one has it: so,
 * whichever of them is faster, by this they are in their order.
 */
export const laneAtText = "current_setting('muster.lane_at')::timestamptz";

/** How a claim gets its share of the lane. */
export interface Sharing {
	/** Whether it is waited for; bound the wait by `lockMs: laneMs`. */
	readonly isBehind: boolean;
	/** Whether nobody may have a share who is not behind it. */
	readonly isAlone: boolean;
}

/**
 * Takes the lane together with claims that are all right beside each other, and keeps everybody else out of it.
 * @returns as takeLane does @throws 40001 where somebody else has it and it is not waited for
 */
export function shareLane(
	transaction: Transaction,
	siteId: string,
	{ isBehind, isAlone }: Sharing,
): Promise<string | null> {
	const statement = isBehind ? awaitSharedStatement : isAlone ? openStatement : shareStatement;
	return holderBy(transaction, statement, siteId);
}

const pauseStatement = {
	name: "pause-in-lane",
	text: "select pg_sleep(random() * $1::double precision / 1000)",
};

/**
 * Waits a time of chance, at most so many milliseconds, with the lane in hand: whoever else writes the same records goes on
 * meanwhile, and nobody finds the lane free with a note in it. The database has the dice as it has the clock.
 */
export async function pauseInLane(transaction: Transaction, mostMs: number): Promise<void> {
	await transaction.query(pauseStatement, [mostMs]);
}

/** What the lane's holder is trying, or what the last one tried. */
export interface LaneNote {
	/** Whether the try has not ended; found by the next holder, it means that the last one ended in the middle. */
	readonly isTrying: boolean;
	/** Numbers of the first and the last task of the try. */
	readonly first: number | null;
	readonly last: number | null;
	/** Tasks up to this number are taken one at a time. */
	readonly suspectLast: number | null;
	/** Tries of the task `first` by itself. */
	readonly attempts: number;
}

const readStatement = {
	name: "read-lane-note",
	text: `
		select is_trying as "isTrying", first, last, suspect_last as "suspectLast", attempts,
			coalesce(retry_at > clock_timestamp(), false) as resting
		from muster.lane_note where site_id = $1`,
};

export interface FoundNote extends LaneNote {
	/** Whether it is too early for another try. */
	readonly resting: boolean;
}

/** The caller holds the lane. */
export async function readLaneNote(transaction: Transaction, siteId: string): Promise<FoundNote> {
	const rows = await transaction.query<FoundNote>(readStatement, [siteId]);
	const note = rows[0];
	if (note === undefined) throw new Error("a lane has no note");
	return note;
}

const writeStatement = {
	name: "write-lane-note",
	text: `
		update muster.lane_note
		set is_trying = $2, first = $3, last = $4, suspect_last = $5, attempts = $6,
			retry_at = clock_timestamp() + $7 * interval '1 millisecond'
		where site_id = $1`,
};

/** @param restMs milliseconds before the next try; null for at once. The caller holds the lane. */
export async function writeLaneNote(
	transaction: Transaction,
	siteId: string,
	note: LaneNote,
	restMs: number | null,
): Promise<void> {
	await transaction.execute(writeStatement, [
		siteId,
		note.isTrying,
		note.first,
		note.last,
		note.suspectLast,
		note.attempts,
		restMs,
	]);
}
