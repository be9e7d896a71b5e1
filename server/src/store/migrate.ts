import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";
import { boundRole } from "./database.ts";
import { onOwnConnection } from "./on-own-connection.ts";

/** Any number, but always the same: processes that start together migrate one after the other. */
const migrationLock = 7_468_713;

/**
 * Brings the database to the newest schema. Each migration is a transaction with its own entry in muster.migration, under
 * an advisory lock, so a process that is killed in the middle leaves nothing half done. The lock is the transaction's, not
 * the connection's, because behind pgbouncer no connection is ours for longer.
 * @param only names of those that may be applied; all if left out
 * @returns the names of the migrations that were applied now
 * @throws DatabaseUnavailable
 */
export async function migrate(url: string, only?: ReadonlySet<string>): Promise<string[]> {
	const all = await readMigrations();
	const migrations = only === undefined ? all : all.filter(({ name }) => only.has(name));
	return onOwnConnection(url, "migrate", (client) => migrateInTurn(client, migrations));
}

async function migrateInTurn(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
	await alone(client, async () => {
		await refuseOldServer(client);
		await client.query("create schema if not exists muster");
		await client.query(
			`create table if not exists muster.migration (
				number integer primary key, name text not null, applied_at timestamptz not null default now())`,
		);
	});
	const { rows } = await client.query<{ number: number }>("select number from muster.migration");
	const done = new Set(rows.map((row) => row.number));
	const applied: string[] = [];
	for (const migration of migrations) {
		if (!done.has(migration.number) && (await apply(client, migration))) applied.push(migration.name);
	}
	// Always: roles are no part of a dump, so a restored database may be without its own.
	await alone(client, () => grantToBoundRole(client));
	return applied;
}

/** @returns false where another process was faster */
function apply(client: pg.Client, { number, name, sql }: Migration): Promise<boolean> {
	return alone(client, async () => {
		const { rowCount } = await client.query("select from muster.migration where number = $1", [number]);
		if (rowCount !== 0) return false;
		await client.query(sql);
		await client.query("insert into muster.migration (number, name) values ($1, $2)", [number, name]);
		return true;
	});
}

/** Raised in SQL, so that it reads like everything else that a server refuses. */
async function refuseOldServer(client: pg.Client): Promise<void> {
	await client.query(`
		do $$
		begin
			if current_setting('server_version_num')::int < 150000 then
				raise exception 'PostgreSQL 15 or newer is needed, this is %', current_setting('server_version');
			end if;
		end
		$$`);
}

/** A transaction while which no other process migrates. */
async function alone<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
	await client.query("begin");
	try {
		await client.query("select pg_advisory_xact_lock($1)", [migrationLock]);
		const result = await work();
		await client.query("commit");
		return result;
	} catch (error) {
		await client.query("rollback");
		throw error;
	}
}

export interface Migration {
	readonly number: number;
	readonly name: string;
	readonly sql: string;
}

/** Those that this program has, in their order. */
export async function readMigrations(): Promise<Migration[]> {
	const folder = new URL("./migrations/", import.meta.url);
	const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
	return Promise.all(
		names.map(async (name) => ({
			number: Number.parseInt(name, 10),
			name: name.replace(/\.sql$/, ""),
			sql: await readFile(new URL(name, folder), "utf8"),
		})),
	);
}

/** A login that bypasses row-level security binds itself to a role that does not; a plain owner needs none. */
async function grantToBoundRole(client: pg.Client): Promise<void> {
	await client.query(`
		do $$
		begin
			if not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
				return;
			end if;
			if not exists (select from pg_roles where rolname = '${boundRole}') then
				begin
					create role ${boundRole} nologin;
				exception when duplicate_object or unique_violation then
					null; -- another database of this server made it at the same moment
				end;
			end if;
			-- A login that is no superuser must be a member of the role to become it.
			if not (select rolsuper from pg_roles where rolname = current_user) then
				execute format('grant ${boundRole} to %I', current_user);
			end if;
			grant usage on schema muster to ${boundRole};
			grant select, insert, update, delete on all tables in schema muster to ${boundRole};
			-- What was done stays as it was written down.
			revoke update, delete on muster.audit_entry from ${boundRole};
			grant usage on all sequences in schema muster to ${boundRole};
			grant execute on all functions in schema muster to ${boundRole};
		end
		$$`);
}
