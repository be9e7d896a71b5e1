import type { Command } from "commander";
import {
	buildSearchIndexes,
	dropSearchIndexes,
	hasSearchIndexes,
	NoTrigrams,
} from "../store/search-index.ts";
import { UserError } from "./user-error.ts";
import { withDatabase } from "./with-database.ts";

/** Whether words are found by an index is the operator's choice: docs/searching.md has what it costs. */
export function addSearchIndex(program: Command): void {
	const index = program
		.command("search-index")
		.description("Indexes for words in emails and names, for sites of hundreds of thousands of records")
		.addHelpText("after", "\nExample:\n  muster search-index build");
	index
		.command("build")
		.description("Make them, beside a running server; about half a minute for a million customers")
		.addHelpText(
			"after",
			"\nSearches for words then take milliseconds in a site of any size. A new customer costs about half as much again to write.\n\nExample:\n  muster search-index build",
		)
		.action(build);
	index
		.command("drop")
		.description("Take them away again; searches find the same without")
		.addHelpText("after", "\nExample:\n  muster search-index drop")
		.action(drop);
	index
		.command("status")
		.description("Say whether there are any")
		.addHelpText("after", "\nExample:\n  muster search-index status")
		.action(status);
}

async function build(): Promise<void> {
	await withDatabase((_database, url) => buildSearchIndexes(url)).catch((error: unknown) => {
		if (!(error instanceof NoTrigrams)) throw error;
		throw new UserError(
			`PostgreSQL's extension pg_trgm is needed and cannot be had: ${error.message}. It is part of postgresql-contrib; without it searches go on as they are.`,
		);
	});
	console.log("The search indexes are built.");
}

async function drop(): Promise<void> {
	await withDatabase((_database, url) => dropSearchIndexes(url));
	console.log("There are no search indexes any more.");
}

async function status(): Promise<void> {
	const are = await withDatabase((_database, url) => hasSearchIndexes(url));
	console.log(are ? "The search indexes are built." : "There are no search indexes.");
}
