import { uuidForm } from "../domain/record.ts";
import { readConfig } from "../server/config.ts";
import { openConfigured } from "../server/open-database.ts";
import { type Database, DatabaseUnavailable } from "../store/database.ts";
import { findSite, findSiteByName, type Site } from "../store/find-site.ts";
import { migrate } from "../store/migrate.ts";
import { UserError } from "./user-error.ts";

/** Runs a command on the configured database, beside a running server or by itself. `url` is the database's. */
export async function withDatabase<T>(work: (database: Database, url: string) => Promise<T>): Promise<T> {
	const opened = await openConfigured(readConfig(), (what, error) =>
		console.error(`muster: ${what}: ${String(error)}`),
	);
	try {
		await migrate(opened.url);
		return await work(opened.database, opened.url);
	} catch (error) {
		if (!(error instanceof DatabaseUnavailable)) throw error;
		throw new UserError(`the database cannot be reached: ${String(error.cause)}`);
	} finally {
		await opened.close();
	}
}

/** @param named a site's name or its id @throws UserError */
export async function siteNamed(database: Database, named: string): Promise<Site> {
	const isId = uuidForm.test(named);
	const site = await database.inNoSite(
		async (transaction) =>
			(await findSiteByName(transaction, named)) ?? (isId ? await findSite(transaction, named) : null),
	);
	if (site === null) {
		throw new UserError(`there is no site ${JSON.stringify(named)}. \`muster site list\` shows them.`);
	}
	return site;
}
