import type { Transaction } from "./database.ts";

/** What waits, of all sites together. */
export interface QueueState {
	/** Tasks that have not ended, counted up to a bound. */
	readonly unfinished: number;
	/** Seconds since the oldest of them was accepted; 0 where there is none. */
	readonly oldestSeconds: number;
}

const statement = {
	name: "queue-state",
	text: `
		select unfinished, greatest(extract(epoch from clock_timestamp() - oldest_at), 0)::float8 as "oldestSeconds"
		from muster.queue_state($1)`,
};

/** @param most tasks that are counted: more cost time and say no more */
export async function readQueueState(transaction: Transaction, most: number): Promise<QueueState> {
	const [row] = await transaction.query<QueueState>(statement, [most]);
	return { unfinished: row?.unfinished ?? 0, oldestSeconds: row?.oldestSeconds ?? 0 };
}
