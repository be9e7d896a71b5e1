import type { Transaction } from "./database.ts";

const statement = { name: "read-at-one-moment", text: "set transaction isolation level repeatable read" };

/** All that the transaction reads is as it was at the next statement. To be called before any other. */
export async function readAtOneMoment(transaction: Transaction): Promise<void> {
	await transaction.query(statement, []);
}
