import type { Command } from "commander";
import { operator } from "../server/operator.ts";
import { actAs } from "../store/act-as.ts";
import { createSite } from "../store/create-site.ts";
import { listSites } from "../store/find-site.ts";
import { print } from "./table.ts";
import { UserError } from "./user-error.ts";
import { withDatabase } from "./with-database.ts";

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

interface Json {
	json?: boolean;
}

/** Sites are tenants: records, tasks, tokens and settings belong to one each. */
export function addSite(program: Command): void {
	const site = program
		.command("site")
		.description("Make and list sites (tenants)")
		.addHelpText("after", "\nExample:\n  muster site list");
	site
		.command("create")
		.argument("<name>", "letters, digits, dot, hyphen, underscore; 100 at most")
		.description("Make a site; its id is the cloudId of the reference's base path")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster site create acme --json")
		.action(create);
	site
		.command("list")
		.description("List the sites with their settings")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster site list")
		.action(list);
}

async function create(name: string, options: Json): Promise<void> {
	if (!nameForm.test(name)) {
		throw new UserError(
			`${JSON.stringify(name)} cannot be a site's name: letters, digits, dot, hyphen and underscore are allowed, 100 of them, beginning with a letter or digit.`,
		);
	}
	const siteId = await withDatabase((database) =>
		database.inNoSite(async (transaction) => {
			await actAs(transaction, operator("site create"));
			return createSite(transaction, name);
		}),
	);
	if (siteId === null)
		throw new UserError(`a site named ${name} exists already. \`muster site list\` shows it.`);
	print([{ site: name, id: siteId }], { siteId, name }, options.json === true);
}

async function list(options: Json): Promise<void> {
	const sites = await withDatabase((database) => database.inNoSite(listSites));
	const rows = sites.map(({ siteId, name, settings }) => ({
		site: name,
		id: siteId,
		settings: Object.entries(settings)
			.map(([key, value]) => `${key}=${value}`)
			.join(" "),
	}));
	print(rows, sites, options.json === true);
}
