import type pg from "pg";
import { onOwnConnection } from "./on-own-connection.ts";

/** What is searched by words, as the search spells it (migration 0008), so that PostgreSQL knows the index for it. */
const indexes = {
	customer_search: `muster.customer using gin ((lower((email || ' ' || display_name) collate "C")) %s.gin_trgm_ops)`,
	organization_search: "muster.organization using gin (name_key %s.gin_trgm_ops)",
} as const;

/** The server has no pg_trgm, or the login may not put it into the database. */
export class NoTrigrams extends Error {
	override readonly name = "NoTrigrams";
}

/**
 * Makes the indexes of words, beside whatever else goes on. What an interrupted run left behind is made anew.
 * @throws NoTrigrams, DatabaseUnavailable
 */
export async function buildSearchIndexes(url: string): Promise<void> {
	await alone(url, async (client) => {
		const schema = await schemaOfTrigrams(client);
		for (const [name, on] of Object.entries(indexes)) {
			await client.query(`drop index concurrently if exists muster.${name}`);
			await client.query(`create index concurrently ${name} on ${on.replace("%s", schema)}`);
			await client.query(`analyze ${on.slice(0, on.indexOf(" "))}`);
		}
	});
}

/** Takes the indexes of words away, beside whatever else goes on. @throws DatabaseUnavailable */
export async function dropSearchIndexes(url: string): Promise<void> {
	await alone(url, async (client) => {
		for (const name of Object.keys(indexes)) {
			await client.query(`drop index concurrently if exists muster.${name}`);
		}
	});
}

/** Whether there are indexes of words that are whole. @throws DatabaseUnavailable */
export async function hasSearchIndexes(url: string): Promise<boolean> {
	return alone(url, async (client) => {
		const answer = await client.query<{ count: string }>(
			"select count(*) from pg_index where indisvalid and indexrelid = any($1::text[]::regclass[])",
			[await existing(client)],
		);
		return Number(answer.rows[0]?.count) === Object.keys(indexes).length;
	});
}

async function existing(client: pg.Client): Promise<string[]> {
	const answer = await client.query<{ name: string }>(
		"select name from unnest($1::text[]) as name where to_regclass(name) is not null",
		[Object.keys(indexes).map((name) => `muster.${name}`)],
	);
	return answer.rows.map(({ name }) => name);
}

/** Without a time-out: a million customers take half a minute. */
function alone<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
	return onOwnConnection(url, "search-index", work);
}

/** pg_trgm may be there already, in any schema. */
async function schemaOfTrigrams(client: pg.Client): Promise<string> {
	try {
		await client.query("create extension if not exists pg_trgm with schema muster");
	} catch (error) {
		throw new NoTrigrams(error instanceof Error ? error.message : String(error), { cause: error });
	}
	const answer = await client.query<{ schema: string }>(
		"select quote_ident(nspname) as schema from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm'",
	);
	return answer.rows[0]?.schema ?? "muster";
}
