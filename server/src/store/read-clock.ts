import type { Transaction } from "./database.ts";

const statement = {
	name: "read-clock",
	text: `select (extract(epoch from clock_timestamp()) * 1000)::bigint as "nowMs"`,
};

/** The database's clock, in milliseconds since 1970. */
export async function readClock(transaction: Transaction): Promise<number> {
	const [row] = await transaction.query<{ nowMs: number }>(statement, []);
	if (row === undefined) throw new Error("the clock gave no time");
	return row.nowMs;
}
