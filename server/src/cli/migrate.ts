import { type Command, Option } from "commander";
import { readConfig } from "../server/config.ts";
import { openConfigured } from "../server/open-database.ts";
import { DatabaseUnavailable } from "../store/database.ts";
import { distribute, planDistribution } from "../store/distribute.ts";
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
		.addOption(
			new Option(
				"--distributed <engine>",
				"spread the tables of sites over the machines of a Citus; with --check, print how",
			).choices(["citus"]),
		)
		.addHelpText(
			"after",
			"\nProcesses of the version before go on beside it: each migration leaves what they need.\n\nExamples:\n  muster migrate --check || muster migrate\n  muster migrate --distributed citus --check",
		)
		.action(async (options: { check?: boolean; distributed?: string }) => {
			if (options.distributed === undefined) return options.check === true ? check() : bringUp();
			return options.check === true ? showDistribution() : spread();
		});
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

async function showDistribution(): Promise<void> {
	const { statements, obstacles } = await withMigrated(planDistribution);
	for (const statement of statements) console.log(`${statement};`);
	for (const obstacle of obstacles) console.log(`-- In the way: ${obstacle}.`);
	if (obstacles.length > 0) process.exitCode = exitCodes.unexpected;
}

async function spread(): Promise<void> {
	await bringUp();
	const { came, statements, obstacles } = await withUrl(distribute);
	if (came === "noCitus") {
		throw new UserError(
			"this database has no Citus: no extension citus is there. Nothing was spread. docs/scale.md says what is needed.",
		);
	}
	if (came === "hindered") {
		throw new UserError(
			`these stand in the way of spreading it, and nothing was spread: ${obstacles.join("; ")}. docs/scale.md says what they are.`,
		);
	}
	console.log(`Spread, by ${statements.length} statements.`);
}

/** A plan is made of the tables that are there, so all of them must be. */
async function withMigrated<T>(work: (url: string) => Promise<T>): Promise<T> {
	return withUrl(async (url) => {
		const { missing } = await inspectDatabase(url);
		if (missing.length > 0) {
			throw new UserError(
				`the database lacks migrations: ${missing.join(", ")}. Run \`muster migrate\` first.`,
			);
		}
		return work(url);
	});
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
