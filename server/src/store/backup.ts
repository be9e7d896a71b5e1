import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { frameOf, jsonFrame } from "./backup-frames.ts";

/**
 * All that the database holds, as one transaction sees it while others go on: what a bundled PostgreSQL, which comes without
 * pg_dump, is saved by. Indexes, roles and what is not in Muster's schema are left out; a restore makes them.
 * @param url of a login that row-level security does not bind
 */
export async function* backupOf(url: string): AsyncGenerator<Buffer, void> {
	const client = new pg.Client({ connectionString: url, application_name: "muster backup" });
	client.on("error", () => undefined); // a connection that breaks fails the query that waits for it
	await client.connect();
	try {
		await client.query("begin isolation level repeatable read read only");
		const migrations = await client.query<{ name: string }>(
			"select name from muster.migration order by number",
		);
		yield jsonFrame({ musterBackup: 1, migrations: migrations.rows.map(({ name }) => name) });
		const tables = await client.query<{ name: string }>(tablesText);
		for (const { name } of tables.rows) {
			yield jsonFrame({ table: name });
			for await (const chunk of client.query(copyTo(`copy ${name} to stdout`))) yield frameOf(chunk);
			yield frameOf(Buffer.alloc(0));
		}
		// Read last: a sequence is of no transaction, and has counted at least as far as the rows say.
		const sequences = await client.query<{ name: string; value: string | null }>(sequencesText);
		yield jsonFrame({
			sequences: Object.fromEntries(
				sequences.rows.map(({ name, value }) => [name, value === null ? null : Number(value)]),
			),
		});
	} finally {
		await client.end().catch(() => undefined);
	}
}

/** With their columns, so that one that is added later has its default. */
const tablesText = `
	select format('muster.%I (%s)', relname, string_agg(quote_ident(attname), ', ' order by attnum)) as name
	from pg_class join pg_attribute on attrelid = pg_class.oid
	where relnamespace = 'muster'::regnamespace and relkind = 'r' and relname <> 'migration'
		and attnum > 0 and not attisdropped and attgenerated = ''
	group by relname order by relname`;

const sequencesText = `
	select format('muster.%I', sequencename) as name, last_value::text as value
	from pg_sequences where schemaname = 'muster' order by sequencename`;
