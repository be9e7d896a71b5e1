import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Command } from "commander";
import { type Config, readConfig } from "../server/config.ts";
import { openConfigured } from "../server/open-database.ts";
import { backupOf } from "../store/backup.ts";
import { BackupError, Frames } from "../store/backup-frames.ts";
import { errorCode } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { restoreInto } from "../store/restore.ts";
import { UserError } from "./user-error.ts";

export function addBackup(program: Command): void {
	program
		.command("backup")
		.argument("<file>", "the file to write; there must be none of that name")
		.description("Save the bundled database into a file, beside a running server")
		.addHelpText(
			"after",
			"\nIt holds customers and the hashes of tokens, so only its owner may read it. For a database by DATABASE_URL use pg_dump.\n\nExample:\n  muster backup muster-monday.backup",
		)
		.action(backup);
	program
		.command("restore")
		.argument("<file>", "what `muster backup` has written")
		.description("Fill a bundled database that has no site with a backup")
		.addHelpText(
			"after",
			"\nAll of it is restored or nothing. Stop servers of that folder first.\n\nExample:\n  MUSTER_DATA=./restored muster restore muster-monday.backup",
		)
		.action(restore);
}

/** Written beside and renamed, so that a file of the name is whole. */
async function backup(file: string): Promise<void> {
	const config = bundledOnly("backup", "pg_dump");
	if (existsSync(file)) throw new UserError(`${file} is there already; give the backup another name.`);
	const written = `${file}.part`;
	await withUrl(config, async (url) => {
		await migrate(url);
		const target = createWriteStream(written, { mode: 0o600, flush: true });
		await pipeline(Readable.from(backupOf(url)), createGzip({ level: 1 }), target);
		await rename(written, file);
	}).catch(async (error: unknown) => {
		await rm(written, { force: true });
		const code = errorCode(error);
		if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
		throw new UserError(`${file} cannot be written (${code}). Nothing was saved.`);
	});
	console.log(`The database is saved in ${file}.`);
}

async function restore(file: string): Promise<void> {
	const config = bundledOnly("restore", "pg_restore or psql");
	const source = createReadStream(file);
	const unpacked = createGunzip();
	// What breaks, here or there, is told by whoever reads the frames, who may not have begun when it does.
	pipeline(source, unpacked).catch(() => undefined);
	unpacked.on("error", () => undefined);
	await withUrl(config, (url) => restoreInto(url, new Frames(unpacked))).catch((error: unknown) => {
		const code = errorCode(error);
		const why =
			error instanceof BackupError
				? error.message
				: code?.startsWith("Z_")
					? "it is no backup, or is damaged or cut off"
					: code === "ENOENT"
						? "there is no such file"
						: null;
		if (why === null) throw error;
		throw new UserError(`${file} cannot be restored: ${why}. Nothing was restored.`);
	});
	console.log(
		`The database in ${config.dataFolder} is as ${file} has it. Its tokens are those of the backup; \`muster token create\` makes another.`,
	);
}

function bundledOnly(command: string, other: string): Config {
	const config = readConfig();
	if (config.databaseUrl === null) return config;
	throw new UserError(
		`\`muster ${command}\` is for the bundled database, and DATABASE_URL names another. Use ${other}: docs/operating.md says how.`,
	);
}

async function withUrl(config: Config, work: (url: string) => Promise<void>): Promise<void> {
	const opened = await openConfigured(config, (what, error) =>
		console.error(`muster: ${what}: ${String(error)}`),
	);
	try {
		await work(opened.url);
	} finally {
		await opened.close();
	}
}
