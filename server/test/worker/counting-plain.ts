import type { Database, Transaction } from "../../src/store/database.ts";

/** A database that tells how many tasks it has applied alone, each time that it has. */
export function countingPlain(database: Database, onApplied: (tasks: number) => void): Database {
	const counted = (transaction: Transaction): Transaction => ({
		...transaction,
		query: async (statement, values) => {
			const rows = await transaction.query<never>(statement, values);
			if (statement.name === "apply-plain") onApplied((values[1] as readonly string[]).length);
			return rows;
		},
	});
	return {
		...database,
		inSite: (siteId, work, limits) =>
			database.inSite(siteId, (transaction) => work(counted(transaction)), limits),
	};
}

/** Detail fields of each kind that plain items are judged by. */
export const plainFields = [
	{ name: "Note", type: { name: "TEXT" } },
	{ name: "Seats", type: { name: "NUMBER" } },
	{ name: "Tier", type: { name: "SELECT", options: ["Free", "Gold"] } },
	{ name: "Tags", type: { name: "MULTISELECT", options: ["Red", "Green", "Blue"] } },
];
