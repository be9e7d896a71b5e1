import type { Command } from "commander";
import { listAuditEntries } from "../store/list-audit-entries.ts";
import { print } from "./table.ts";
import { UserError } from "./user-error.ts";
import { siteNamed, withDatabase } from "./with-database.ts";

/** Most entries shown at once. */
const limitMax = 10_000;

interface Options {
	site: string;
	limit: string;
	json?: boolean;
}

export function addAudit(program: Command): void {
	const audit = program
		.command("audit")
		.description("Show what was done to tokens and settings")
		.addHelpText("after", "\nExample:\n  muster audit list --site default");
	audit
		.command("list")
		.description("List what was done to a site's tokens and settings, by whom and from where, newest first")
		.requiredOption("--site <name>", "the site's name or id")
		.option("--limit <count>", "how many entries", "100")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster audit list --site default --json")
		.action(list);
}

async function list({ site, limit, json }: Options): Promise<void> {
	if (!/^[1-9]\d{0,4}$/.test(limit) || Number(limit) > limitMax) {
		throw new UserError(
			`--limit is ${JSON.stringify(limit)}; a whole number from 1 to ${limitMax} is expected.`,
		);
	}
	const entries = await withDatabase(async (database) => {
		const { siteId } = await siteNamed(database, site);
		return database.inSite(siteId, (transaction) => listAuditEntries(transaction, siteId, Number(limit)));
	});
	const rows = entries.map(({ at, action, actor, origin, details }) => ({
		at: at.toISOString(),
		action,
		actor,
		origin,
		details: JSON.stringify(details),
	}));
	print(rows, entries, json === true);
}
