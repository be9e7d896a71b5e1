import type { Command } from "commander";
import { readConfig } from "../server/config.ts";
import { openConfigured } from "../server/open-database.ts";
import { DatabaseUnavailable } from "../store/database.ts";
import { type Inspection, inspectDatabase } from "../store/inspect-database.ts";
import { migrate } from "../store/migrate.ts";
import { exitCodes } from "./exit-codes.ts";
import { UserError } from "./user-error.ts";

/** A server migrates when it starts; this is for those who want it done, or looked at, before that. */
export function addMigrate(program: Command): void {
	program
		.command("migrate")
		.description("Bring the database to this program's schema, as every start does")
		.option("--check", "change nothing; end with 1 where a migration is missing")
		.addHelpText(
			"after",
			"\nProcesses of the version before go on beside it: each migration leaves what they need.\n\nExample:\n  muster migrate --check || muster migrate",
		)
		.action((options: { check?: boolean }) => (options.check === true ? check() : bringUp()));
}

async function bringUp(): Promise<void> {
	const applied = await withUrl(migrate);
	if (applied.length === 0) console.log("The database has every migration of this program.");
	else console.log(`Applied: ${applied.join(", ")}.`);
}

async function check(): Promise<void> {
	const { missing, unknown } = await withUrl<Inspection>(inspectDatabase);
	if (unknown.length > 0) {
		console.log(`A newer program has been here: ${unknown.join(", ")}. This one can go on beside it.`);
	}
	if (missing.length === 0) {
		console.log("The database has every migration of this program.");
		return;
	}
	console.log(`Missing: ${missing.join(", ")}. \`muster migrate\`, or the next start, applies them.`);
	process.exitCode = exitCodes.unexpected;
}

async function withUrl<T>(work: (url: string) => Promise<T>): Promise<T> {
	const opened = await openConfigured(readConfig(), (what, error) =>
		console.error(`muster: ${what}: ${String(error)}`),
	);
	try {
		return await work(opened.url);
	} catch (error) {
		if (!(error instanceof DatabaseUnavailable)) throw error;
		throw new UserError(`the database cannot be reached: ${String(error.cause)}`);
	} finally {
		await opened.close();
	}
}
