import { type SiteSettings, settingsFrom } from "../domain/settings.ts";
import type { Transaction } from "./database.ts";

export interface Site {
	readonly siteId: string;
	readonly name: string;
	readonly settings: SiteSettings;
	/** Whether anything is to be told of what happens. */
	readonly hasWebhooks: boolean;
	/** Another one after every change of the above. */
	readonly version: string;
}

interface Row {
	siteId: string;
	name: string;
	settings: Partial<SiteSettings>;
	hasWebhooks: boolean;
	version: string;
}

const columns = 'site_id as "siteId", name, settings, has_webhooks as "hasWebhooks", xmin::text as version';

const byIdStatement = {
	name: "find-site",
	text: `select ${columns} from muster.site where site_id = $1`,
};

export async function findSite(transaction: Transaction, siteId: string): Promise<Site | null> {
	return fromRows(await transaction.query<Row>(byIdStatement, [siteId]));
}

/** The site of a lane, which there is. */
export async function siteOf(transaction: Transaction, siteId: string): Promise<Site> {
	const site = await findSite(transaction, siteId);
	if (site === null) throw new Error(`the site ${siteId} has a lane but no entry`);
	return site;
}

const byNameStatement = {
	name: "find-site-by-name",
	text: `select ${columns} from muster.site where name = $1`,
};

export async function findSiteByName(transaction: Transaction, name: string): Promise<Site | null> {
	return fromRows(await transaction.query<Row>(byNameStatement, [name]));
}

const allStatement = {
	name: "list-sites",
	text: `select ${columns} from muster.site order by name`,
};

export async function listSites(transaction: Transaction): Promise<Site[]> {
	const rows = await transaction.query<Row>(allStatement, []);
	return rows.map((row) => ({ ...row, settings: settingsFrom(row.settings) }));
}

function fromRows(rows: readonly Row[]): Site | null {
	const row = rows[0];
	return row === undefined ? null : { ...row, settings: settingsFrom(row.settings) };
}
