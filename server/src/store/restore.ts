import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { BackupError, type Frames } from "./backup-frames.ts";
import { migrate, readMigrations } from "./migrate.ts";

/**
 * Fills a database that has no site with what a backup holds, in one transaction: all of it or nothing. The schema is first
 * brought to that of the backup, and then to this program's, so what migrations do to rows is done to these.
 * @throws BackupError where the file cannot be used, or the database has a site
 */
export async function restoreInto(url: string, frames: Frames): Promise<void> {
	const { musterBackup, migrations } = await frames.json();
	if (musterBackup !== 1 || migrations === undefined) throw new BackupError("it is no backup of Muster's");
	const ours = new Set((await readMigrations()).map(({ name }) => name));
	const unknown = migrations.filter((name) => !ours.has(name));
	if (unknown.length > 0) throw new BackupError(`it is of a newer program, which has ${unknown.join(", ")}`);
	const client = new pg.Client({ connectionString: url, application_name: "muster restore" });
	client.on("error", () => undefined); // a connection that breaks fails the query that waits for it
	await client.connect();
	try {
		await refuseSites(client);
		await migrate(url, new Set(migrations));
		await client.query("begin");
		await fill(client, frames);
		await client.query("commit");
		await client.query("analyze");
	} finally {
		await client.end().catch(() => undefined);
	}
	await migrate(url);
}

async function refuseSites(client: pg.Client): Promise<void> {
	const made = await client.query("select from pg_tables where schemaname = 'muster' and tablename = 'site'");
	if (made.rowCount === 0) return;
	const { rowCount } = await client.query("select from muster.site limit 1");
	if (rowCount !== 0)
		throw new BackupError("the database has a site already, and nothing of it is overwritten");
}

const tableForm = /^muster\.[a-z_]+ \([a-z_, "]+\)$/;
const sequenceForm = /^muster\.[a-z_]+$/;

async function fill(client: pg.Client, frames: Frames): Promise<void> {
	// Rows that belong to others may come before them, and what was written into the audit log is among the rows.
	await client.query("set local session_replication_role = replica");
	for (;;) {
		const { table, sequences } = await frames.json();
		if (sequences !== undefined) {
			for (const [name, value] of Object.entries(sequences)) {
				if (!sequenceForm.test(name)) throw new BackupError("it is no backup of Muster's");
				if (value !== null) await client.query("select setval($1, $2)", [name, value]);
			}
			return;
		}
		if (table === undefined || !tableForm.test(table)) throw new BackupError("it is no backup of Muster's");
		// Rows that a migration has made come again.
		await client.query(`delete from ${table.slice(0, table.indexOf(" "))}`);
		await pipeline(Readable.from(frames.rows()), client.query(copyFrom(`copy ${table} from stdin`)));
	}
}
