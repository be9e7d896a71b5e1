import type pg from "pg";
import { readMigrations } from "./migrate.ts";
import { onOwnConnection } from "./on-own-connection.ts";

/** What a database is and how far it has come, found out without changing anything. */
export interface Inspection {
	/** Such as "18.4". */
	readonly version: string;
	readonly isNewEnough: boolean;
	/** Of its clock, in milliseconds since 1970. */
	readonly clockMs: number;
	readonly applied: readonly string[];
	/** Migrations that this program has and the database has not. */
	readonly missing: readonly string[];
	/** Those that only a newer program has. */
	readonly unknown: readonly string[];
}

/** How long each step may take, in milliseconds. */
const stepMs = 5_000;

/** Over a connection of its own, because a database that was never migrated has no role for the pool's. @throws DatabaseUnavailable */
export async function inspectDatabase(url: string): Promise<Inspection> {
	return onOwnConnection(
		url,
		"doctor",
		async (client) => {
			const { rows } = await client.query<Facts>(facts);
			const [found] = rows;
			if (found === undefined) throw new Error("the database told nothing of itself");
			return { ...found, ...(await compareMigrations(client, found.isMigrated)) };
		},
		{ connectionTimeoutMillis: stepMs, query_timeout: stepMs },
	);
}

interface Facts {
	readonly version: string;
	readonly isNewEnough: boolean;
	readonly clockMs: number;
	readonly isMigrated: boolean;
}

const facts = `
	select split_part(current_setting('server_version'), ' ', 1) as version,
		current_setting('server_version_num')::int >= 150000 as "isNewEnough",
		(extract(epoch from clock_timestamp()) * 1000)::float8 as "clockMs",
		to_regclass('muster.migration') is not null as "isMigrated"`;

async function compareMigrations(
	client: pg.Client,
	isMigrated: boolean,
): Promise<Pick<Inspection, "applied" | "missing" | "unknown">> {
	const ours = await readMigrations();
	const { rows } = isMigrated
		? await client.query<{ number: number; name: string }>(
				"select number, name from muster.migration order by number",
			)
		: { rows: [] };
	const there = new Set(rows.map(({ number }) => number));
	return {
		applied: rows.map(({ name }) => name),
		missing: ours.filter(({ number }) => !there.has(number)).map(({ name }) => name),
		unknown: rows.filter(({ number }) => !ours.some((one) => one.number === number)).map(({ name }) => name),
	};
}
