import pg from "pg";

export interface PoolOptions {
	readonly url: string;
	/** Called with trouble that no caller waits for, such as an idle connection that broke. */
	readonly onTrouble?: (error: Error) => void;
}

const connectMs = 5_000;
/** No statement of ours comes near; it ends one that hangs. */
export const statementMs = 60_000;

/**
 * Connections to the database, made as they are needed.
 * @param max how many
 * @param settings of PostgreSQL that a connection is begun with
 */
export function openPool(
	options: PoolOptions,
	max: number,
	settings: Readonly<Record<string, number>>,
): pg.Pool {
	const pool = new pg.Pool({
		connectionString: options.url,
		max,
		connectionTimeoutMillis: connectMs,
		...settings,
		// Where the other end is gone without a word, nobody else would end the wait.
		query_timeout: statementMs + 5_000,
		keepAlive: true,
		// Statements are sent without waiting for the answers of those before them.
		pipeline: true,
		application_name: "muster",
		types: { getTypeParser },
	});
	pool.on("error", (error) => options.onTrouble?.(error));
	// Between being made and being handed over, nobody else listens: an error would end the process. It is told by the first query.
	pool.on("connect", (client) => client.on("error", () => undefined));
	return pool;
}

const bigintOid = 20;

/** Counts and task numbers stay far below 2^53, so a bigint may come as a number. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
	if (oid === bigintOid && format !== "binary") return Number;
	// pg's own types for this function are split by format; the text form is the only one asked for here.
	return pg.types.getTypeParser(oid, "text") as (value: string) => unknown;
}
