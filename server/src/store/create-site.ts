import type { Transaction } from "./database.ts";

const siteStatement = {
	name: "create-site",
	text: `insert into muster.site (name) values ($1) on conflict (name) do nothing returning site_id as "siteId"`,
};
const laneStatement = {
	name: "create-lane",
	text: `
		with lane as (insert into muster.lane (site_id) values ($1))
		insert into muster.lane_note (site_id) values ($1)`,
};

/** Makes a site with its lane. @returns its id, or null where the name is taken */
export async function createSite(transaction: Transaction, name: string): Promise<string | null> {
	const rows = await transaction.query<{ siteId: string }>(siteStatement, [name]);
	const siteId = rows[0]?.siteId;
	if (siteId === undefined) return null;
	await transaction.query(laneStatement, [siteId]);
	return siteId;
}
