import type { Transaction } from "./database.ts";

const statement = {
	name: "find-sites-with-work",
	text: 'select site_id as "siteId" from muster.sites_with_work() as site_id',
};

export async function findSitesWithWork(transaction: Transaction): Promise<string[]> {
	const rows = await transaction.query<{ siteId: string }>(statement, []);
	return rows.map((row) => row.siteId);
}
