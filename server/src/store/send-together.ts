import type { Writable } from "node:stream";
import type pg from "pg";

/** Streams that hold back what is written to them until the turn ends. */
const held = new WeakSet<Writable>();

/**
 * What is sent in one turn of the event loop leaves in one write, a commit behind it as well: each write wakes the database,
 * and costs more than the statement that is in it.
 */
export function sendTogether(client: pg.PoolClient): void {
	// pg corks the same stream around each statement; its types do not tell of it.
	const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection;
	if (held.has(stream)) return;
	held.add(stream);
	stream.cork();
	// A commit is sent one tick and some promises after the statements before it.
	process.nextTick(() =>
		queueMicrotask(() =>
			process.nextTick(() => {
				held.delete(stream);
				stream.uncork();
			}),
		),
	);
}
