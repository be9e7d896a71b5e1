import type { Transaction } from "./database.ts";

const noteStatement = {
	name: "note-worker-seen",
	// Of many workers, one a second is enough; whoever holds the row notes the same.
	text: `
		update muster.worker_seen set seen_at = clock_timestamp()
		where only_row = (
			select only_row from muster.worker_seen where seen_at < clock_timestamp() - interval '1 second'
			for update skip locked
		)`,
};

/** Notes that a worker runs. */
export async function noteWorkerSeen(transaction: Transaction): Promise<void> {
	await transaction.execute(noteStatement, []);
}

const readStatement = {
	name: "read-worker-seen",
	text: `
		select extract(epoch from clock_timestamp() - nullif(seen_at, '-infinity'))::float8 as seconds
		from muster.worker_seen`,
};

/** @returns seconds since any worker was last seen; null where none ever was */
export async function readWorkerSeen(transaction: Transaction): Promise<number | null> {
	const [row] = await transaction.query<{ seconds: number | null }>(readStatement, []);
	return row?.seconds ?? null;
}
