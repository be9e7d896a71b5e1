import type { Command } from "commander";
import type { Fault } from "../domain/fault.ts";
import { readSettings, settingNames, settingValue } from "../domain/settings.ts";
import { operator } from "../server/operator.ts";
import { actAs } from "../store/act-as.ts";
import { changeSite } from "../store/change-site.ts";
import type { Site } from "../store/find-site.ts";
import { print } from "./table.ts";
import { UserError } from "./user-error.ts";
import { siteNamed, withDatabase } from "./with-database.ts";

interface Options {
	site: string;
	json?: boolean;
}

/** What a site does in cases that sites differ about; the same settings as by the API. */
export function addSettings(program: Command): void {
	const settings = program
		.command("settings")
		.description("Show and change the settings of a site")
		.addHelpText("after", "\nExample:\n  muster settings show --site default");
	settings
		.command("show")
		.description("Show the settings of a site")
		.requiredOption("--site <name>", "the site's name or id")
		.option("--json", "print JSON")
		.addHelpText("after", "\nExample:\n  muster settings show --site default")
		.action(show);
	settings
		.command("set")
		.argument("<settings...>", "such as unknownFields=fail")
		.description("Change settings of a site; within a second the change holds on every process")
		.requiredOption("--site <name>", "the site's name or id")
		.option("--json", "print JSON")
		.addHelpText(
			"after",
			`\nSettings:\n  ${settingNames.join("\n  ")}\n\nExample:\n  muster settings set --site default unknownFields=fail retentionDays=7`,
		)
		.action(set);
}

async function show(options: Options): Promise<void> {
	printSettings(await withDatabase((database) => siteNamed(database, options.site)), options);
}

async function set(texts: readonly string[], options: Options): Promise<void> {
	const faults: Fault[] = [];
	const asked = readSettings(Object.fromEntries(texts.map(readPair)), faults);
	if (faults.length > 0) throw new UserError(faults.map((fault) => fault.message).join(" "));
	const changed = await withDatabase(async (database) => {
		const { siteId } = await siteNamed(database, options.site);
		await database.inNoSite(async (transaction) => {
			await actAs(transaction, operator("settings set"));
			await changeSite(transaction, siteId, asked);
		});
		return siteNamed(database, options.site);
	});
	printSettings(changed, options);
}

function readPair(text: string): [name: string, value: unknown] {
	const at = text.indexOf("=");
	if (at < 0) throw new UserError(`${JSON.stringify(text)} is no setting; write it as name=value.`);
	const name = text.slice(0, at);
	return [name, settingValue(name, text.slice(at + 1))];
}

function printSettings({ settings }: Site, options: Options): void {
	const rows = Object.entries(settings).map(([setting, value]) => ({ setting, value: String(value) }));
	print(rows, settings, options.json === true);
}
