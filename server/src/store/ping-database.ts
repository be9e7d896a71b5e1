import type { Database } from "./database.ts";

const statement = { name: "ping", text: "select 1" };

/** Reasons why the database cannot be worked with; none when it can. */
export async function pingDatabase(database: Database): Promise<string[]> {
	try {
		await database.inNoSite((transaction) => transaction.query(statement, []));
		return [];
	} catch {
		return ["the database cannot be reached"];
	}
}
