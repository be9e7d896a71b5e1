import { styleText } from "node:util";
import type { Command } from "commander";
import { addHelp, SuggestingCommand } from "./suggesting-command.ts";

/** The words that a module adds, and the module: what all of them load is most of what a start takes. */
interface Part {
	readonly words: readonly string[];
	load(): Promise<(program: Command) => void>;
}

const groups: Readonly<Record<string, readonly Part[]>> = {
	"Server:": [
		{ words: ["serve", "worker"], load: async () => (await import("./serve.ts")).addServe },
		{ words: ["console"], load: async () => (await import("./console.ts")).addConsole },
		{ words: ["doctor"], load: async () => (await import("./doctor/command.ts")).addDoctor },
		{ words: ["migrate"], load: async () => (await import("./migrate.ts")).addMigrate },
		{ words: ["backup", "restore"], load: async () => (await import("./backup.ts")).addBackup },
		{ words: ["demo"], load: async () => (await import("./demo.ts")).addDemo },
		{ words: ["help"], load: async () => addHelp },
	],
	"Records:": [
		{ words: ["import"], load: async () => (await import("./import/command.ts")).addImport },
		{ words: ["map"], load: async () => (await import("./import/map-command.ts")).addMap },
		{ words: ["sync"], load: async () => (await import("./sync/command.ts")).addSync },
		{ words: ["target-singer"], load: async () => (await import("./target-singer.ts")).addTargetSinger },
		{ words: ["customers"], load: async () => addRecordsOf("customer") },
		{ words: ["organizations"], load: async () => addRecordsOf("organization") },
		{ words: ["fields"], load: async () => (await import("./fields.ts")).addFields },
		{ words: ["tasks"], load: async () => (await import("./tasks.ts")).addTasks },
		{ words: ["webhooks"], load: async () => (await import("./webhooks.ts")).addWebhooks },
	],
	"Sites, on the server's machine:": [
		{ words: ["site"], load: async () => (await import("./site.ts")).addSite },
		{ words: ["settings"], load: async () => (await import("./settings.ts")).addSettings },
		{ words: ["token"], load: async () => (await import("./token.ts")).addToken },
		{ words: ["audit"], load: async () => (await import("./audit.ts")).addAudit },
		{ words: ["search-index"], load: async () => (await import("./search-index.ts")).addSearchIndex },
	],
};

async function addRecordsOf(entity: "customer" | "organization"): Promise<(program: Command) => void> {
	const { addRecords } = await import("./records.ts");
	return (program) => addRecords(program, entity);
}

const examples = `
Examples:
  muster serve
  muster import organizations.csv customers.csv
  muster tasks list --with-failures`;

/** The program without a command. Commands inherit from it how help looks and how a mistyped word is answered. */
function bareProgram(version: string): SuggestingCommand {
	return new SuggestingCommand("muster")
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
}

/**
 * The program with every command.
 * @param word the first of a command line: where it is a command's, that command comes alone
 */
export async function makeProgram(version: string, word = ""): Promise<Command> {
	const program = bareProgram(version);
	if (word === "--version") return program;
	const parts = Object.values(groups).flat();
	const only = word === "help" ? undefined : parts.find(({ words }) => words.includes(word));
	if (only !== undefined) {
		(await only.load())(program);
		return program;
	}
	for (const [title, group] of Object.entries(groups)) {
		program.commandsGroup(title);
		for (const { load } of group) (await load())(program);
	}
	return program;
}
