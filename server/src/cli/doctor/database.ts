import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../server/config.ts";
import { openConfigured } from "../../server/open-database.ts";
import { DatabaseUnavailable } from "../../store/database.ts";
import { EmbeddedError } from "../../store/embedded/error.ts";
import { type Inspection, inspectDatabase } from "../../store/inspect-database.ts";
import type { Finding } from "./finding.ts";

/** @returns what was found, and the database itself where it could be asked */
export async function checkDatabase(
	config: Config,
): Promise<{ readonly findings: readonly Finding[]; readonly inspection: Inspection | null }> {
	const { databaseUrl, dataFolder } = config;
	const where = databaseUrl === null ? `bundled, in ${dataFolder}` : `at ${placeOf(databaseUrl)}`;
	// Looking must not make one.
	if (databaseUrl === null && !existsSync(join(dataFolder, "data"))) {
		const says = `DATABASE_URL is not set, and there is none in ${dataFolder}; \`muster serve\` makes one`;
		return { findings: [{ check: "database", state: "absent", says }], inspection: null };
	}
	try {
		const inspection = await inspect(config);
		return { findings: [judgeVersion(inspection, where), judgeMigrations(inspection)], inspection };
	} catch (error) {
		if (!(error instanceof DatabaseUnavailable || error instanceof EmbeddedError)) throw error;
		const cause = error instanceof DatabaseUnavailable ? error.cause : error;
		const says = `${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
		const fix =
			databaseUrl === null
				? `${join(dataFolder, "postgres.log")} has what PostgreSQL said.`
				: "Is PostgreSQL running there, and does it take this user and password? Try DATABASE_URL with `psql`.";
		return { findings: [{ check: "database", state: "fault", says, fix }], inspection: null };
	}
}

/** The embedded one is started where it does not run, as every command does, and ended again. */
async function inspect(config: Config): Promise<Inspection> {
	if (config.databaseUrl !== null) return inspectDatabase(config.databaseUrl);
	const opened = await openConfigured(config, () => undefined);
	try {
		return await inspectDatabase(opened.url);
	} finally {
		await opened.close();
	}
}

/** Without the user and the password. */
function placeOf(databaseUrl: string): string {
	const { host, pathname } = new URL(databaseUrl);
	return `${host}${pathname}`;
}

function judgeVersion({ version, isNewEnough }: Inspection, where: string): Finding {
	const says = `PostgreSQL ${version}, ${where}`;
	if (isNewEnough) return { check: "database", state: "good", says };
	return {
		check: "database",
		state: "fault",
		says,
		fix: "PostgreSQL 15 or newer is needed: bring the server up to date, or name another in DATABASE_URL.",
	};
}

function judgeMigrations({ applied, missing, unknown }: Inspection): Finding {
	if (missing.length > 0) {
		return {
			check: "migrations",
			state: "fault",
			says: `${missing.length} of ${applied.length + missing.length} are missing: ${missing.join(", ")}`,
			fix: "Start `muster serve` of this version: every start brings the database up to date first.",
		};
	}
	if (unknown.length > 0) {
		return {
			check: "migrations",
			state: "fault",
			says: `the database is of a newer Muster: ${unknown.join(", ")}`,
			fix: "Bring this program up to date. While one replaces the other, both work.",
		};
	}
	return { check: "migrations", state: "good", says: `all ${applied.length} are there` };
}
