import type pg from "pg";

/** What PostgreSQL knows of our schema, as far as spreading it over machines goes by it. */
export interface Catalogue {
	/** By name. */
	readonly tables: readonly {
		readonly name: string;
		/** Whether it has a column site_id and a unique key, and each of its unique keys has site_id. */
		readonly isOfSites: boolean;
		/** Tables that its foreign keys name. */
		readonly references: readonly string[];
		readonly triggers: readonly string[];
		readonly policies: readonly string[];
	}[];
	/**
	 * With their arguments: functions that only work on what they are given, so that they can be called wherever a
	 * statement is carried out. The others read tables, and are called where the program connects.
	 */
	readonly functions: readonly string[];
}

export async function readCatalogue(client: pg.Client): Promise<Catalogue> {
	const tables = await client.query<Catalogue["tables"][number]>(tablesText);
	const functions = await client.query<{ signature: string }>(functionsText);
	return { tables: tables.rows, functions: functions.rows.map(({ signature }) => signature) };
}

const tablesText = `
	select relname::text as name,
		exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'site_id' and attnum > 0)
			and exists (select from pg_index where indrelid = pg_class.oid and indisunique)
			and not exists (
				select from pg_index where indrelid = pg_class.oid and indisunique and not exists (
					select from pg_attribute
					where attrelid = indrelid and attname = 'site_id' and attnum = any(indkey[0:indnkeyatts - 1]))
			) as "isOfSites",
		array(
			select distinct other.relname::text
			from pg_constraint join pg_class as other on other.oid = confrelid
			where conrelid = pg_class.oid and contype = 'f' order by 1) as references,
		array(select tgname::text from pg_trigger where tgrelid = pg_class.oid and not tgisinternal order by 1) as triggers,
		array(select polname::text from pg_policy where polrelid = pg_class.oid order by 1) as policies
	from pg_class
	where relnamespace = 'muster'::regnamespace and relkind = 'r'
	order by 1`;

const functionsText = `
	select format('muster.%s(%s)', proname, oidvectortypes(proargtypes)) as signature
	from pg_proc
	where pronamespace = 'muster'::regnamespace and prorettype <> 'trigger'::regtype and not prosecdef and not exists (
		select from pg_class
		where relnamespace = 'muster'::regnamespace and relkind = 'r'
			and pg_get_functiondef(pg_proc.oid) like '%muster.' || relname || ' %')
		-- It is called by triggers alone, and writes.
		and proname <> 'add_audit_entry'
	order by 1`;
