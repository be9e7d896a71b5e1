import type { SiteSettings } from "../domain/settings.ts";
import type { Transaction } from "./database.ts";

const statement = {
	name: "change-site",
	text: "update muster.site set settings = settings || $2::jsonb where site_id = $1",
};

/** Changes some settings of a site; the others stay. */
export async function changeSite(
	transaction: Transaction,
	siteId: string,
	settings: Partial<SiteSettings>,
): Promise<void> {
	await transaction.query(statement, [siteId, JSON.stringify(settings)]);
}
