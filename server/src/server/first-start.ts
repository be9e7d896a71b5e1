import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { defaultSiteName, emulatedSettings, emulatedSiteName } from "../domain/first-site.ts";
import { makeToken } from "../domain/token.ts";
import { actAs } from "../store/act-as.ts";
import { changeSite } from "../store/change-site.ts";
import { createSite } from "../store/create-site.ts";
import type { Database } from "../store/database.ts";
import { listSites } from "../store/find-site.ts";
import { ConfigError } from "./config.ts";
import { issueToken } from "./issue-token.ts";
import { operator } from "./operator.ts";

export interface DevEnvironment {
	readonly url: string;
	readonly databaseUrl: string;
}

/**
 * On a database without a site, makes the site "default" with a token for every scope and writes both down for a
 * developer; later starts keep what is written true.
 * The site of an emulated service has a name and settings of its own, and a database with other sites is not emulated upon:
 * their tasks would fail.
 * @returns the path of dev.env, or null where its token cannot be known: the database had a site before this folder
 * @throws ConfigError where a database with other sites is to be emulated upon
 */
export async function prepareFirstStart(
	database: Database,
	dataFolder: string,
	environment: DevEnvironment,
	isEmulated = false,
): Promise<string | null> {
	const path = join(dataFolder, "dev.env");
	const token = makeToken(randomBytes(32));
	const isFirst = await database.inNoSite(async (transaction) => {
		const sites = await listSites(transaction);
		if (isEmulated && sites.length > 0 && !sites.some((site) => site.name === emulatedSiteName)) {
			throw new ConfigError(
				"this database has sites that are not emulated. Give `muster serve --emulate` one of its own: set MUSTER_DATA to another folder, or DATABASE_URL to an empty database.",
			);
		}
		if (sites.length > 0) return false;
		await actAs(transaction, operator("serve"));
		const siteId = await createSite(transaction, isEmulated ? emulatedSiteName : defaultSiteName);
		// Another process made it at the same moment: the token is in its dev.env.
		if (siteId === null) return false;
		if (isEmulated) await changeSite(transaction, siteId, emulatedSettings);
		await issueToken(transaction, { siteId, token, scopes: ["*"], expiresAt: null });
		// Before the commit: nobody could know the token of a process that is killed behind it, and its site would stay. One
		// that is killed here has made no site, so the next start writes anew.
		await writeDevEnvironment(path, dataFolder, token, environment);
		return true;
	});
	if (isFirst) return path;
	const written = await readDevEnvironment(path);
	if (written?.databaseUrl !== environment.databaseUrl) return null;
	if (written.url !== environment.url)
		await writeDevEnvironment(path, dataFolder, written.token, environment);
	return path;
}

/** Written beside, under a name that no other process takes, and renamed, so that a reader never sees half of it. */
async function writeDevEnvironment(
	path: string,
	dataFolder: string,
	token: string,
	{ url, databaseUrl }: DevEnvironment,
): Promise<void> {
	await mkdir(dataFolder, { recursive: true, mode: 0o700 });
	const written = `${path}.${randomBytes(8).toString("hex")}`;
	const file = await open(written, "w", 0o600);
	try {
		await file.chmod(0o600);
		await file.writeFile(`MUSTER_URL=${url}\nMUSTER_TOKEN=${token}\nDATABASE_URL=${databaseUrl}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	await rename(written, path);
}

async function readDevEnvironment(path: string): Promise<(DevEnvironment & { token: string }) | null> {
	const text = await readFile(path, "utf8").catch(() => "");
	const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
	const token = value("MUSTER_TOKEN");
	return token === "" ? null : { url: value("MUSTER_URL"), databaseUrl: value("DATABASE_URL"), token };
}
