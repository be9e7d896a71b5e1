import type { Command } from "commander";
import { type Column, printTable } from "./table.ts";
import { UserError } from "./user-error.ts";

/** How a list is printed. */
export interface ListOptions {
	readonly limit: string;
	readonly json?: true;
	readonly jsonl?: true;
}

/** Most entries of one list: what is more is exported, or asked for more narrowly. */
const limitMax = 10_000;

export function addListOptions(command: Command, usual: number): Command {
	return command
		.option("--limit <count>", "how many at most", String(usual))
		.option("--json", "print one JSON list")
		.option("--jsonl", "print a line of JSON for each, as it comes");
}

/**
 * Prints the first entries of a list: as a table, as JSON, or line by line. That there are more is said on standard error.
 * @param what the entries are called, for messages
 */
export async function printList<Entry>(
	entries: AsyncGenerator<Entry, void>,
	columns: readonly Column<Entry>[],
	what: string,
	options: ListOptions,
): Promise<void> {
	const limit = readLimit(options.limit);
	const found: Entry[] = [];
	let count = 0;
	let isMore = false;
	for await (const entry of entries) {
		isMore = count === limit;
		if (isMore) break;
		count += 1;
		if (options.jsonl) console.log(JSON.stringify(entry));
		else found.push(entry);
	}
	if (options.json) console.log(JSON.stringify(found));
	else if (found.length > 0) printTable(columns, found);
	if (count === 0 && !options.json && !options.jsonl) console.error(`No ${what}.`);
	if (isMore) console.error(`There are more ${what}: --limit says how many are shown.`);
}

function readLimit(text: string): number {
	if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= limitMax) return Number(text);
	throw new UserError(
		`--limit is ${JSON.stringify(text)}; a whole number from 1 to ${limitMax} is expected.`,
	);
}
