import { styleText } from "node:util";
import type { Command } from "commander";
import { addAudit } from "./audit.ts";
import { addBackup } from "./backup.ts";
import { addConsole } from "./console.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor/command.ts";
import { addFields } from "./fields.ts";
import { addImport } from "./import/command.ts";
import { addMap } from "./import/map-command.ts";
import { addMigrate } from "./migrate.ts";
import { addRecords } from "./records.ts";
import { addSearchIndex } from "./search-index.ts";
import { addServe } from "./serve.ts";
import { addSettings } from "./settings.ts";
import { addSite } from "./site.ts";
import { addHelp, SuggestingCommand } from "./suggesting-command.ts";
import { addSync } from "./sync/command.ts";
import { addTargetSinger } from "./target-singer.ts";
import { addTasks } from "./tasks.ts";
import { addToken } from "./token.ts";
import { addWebhooks } from "./webhooks.ts";

const examples = `
Examples:
  muster serve
  muster import organizations.csv customers.csv
  muster tasks list --with-failures`;

/** Every command. They inherit from the program how help looks and how a mistyped word is answered. */
export function makeProgram(version: string): Command {
	const program = new SuggestingCommand("muster")
		.description("An open server for the customer service management bulk APIs")
		.version(version, "--version", "print the version")
		.showSuggestionAfterError()
		.configureHelp({
			// Narrower than that, the words beside an option are better broken anywhere.
			minWidthToWrap: 20,
			// Where it is printed to decides whether colours stay.
			styleTitle: (text) => styleText("bold", text, { validateStream: false }),
			styleSubcommandTerm: (text) => styleText("cyan", text, { validateStream: false }),
			styleOptionTerm: (text) => styleText("cyan", text, { validateStream: false }),
			styleArgumentTerm: (text) => styleText("cyan", text, { validateStream: false }),
		})
		.configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, "muster:")) })
		.addHelpText("after", examples)
		.exitOverride();
	program.commandsGroup("Server:");
	addServe(program);
	addConsole(program);
	addDoctor(program);
	addMigrate(program);
	addBackup(program);
	addDemo(program);
	addHelp(program);
	program.commandsGroup("Records:");
	addImport(program);
	addMap(program);
	addSync(program);
	addTargetSinger(program);
	addRecords(program, "customer");
	addRecords(program, "organization");
	addFields(program);
	addTasks(program);
	addWebhooks(program);
	program.commandsGroup("Sites, on the server's machine:");
	addSite(program);
	addSettings(program);
	addToken(program);
	addAudit(program);
	addSearchIndex(program);
	return program;
}
