import type { Command } from "commander";
import { exitCodes } from "../server/src/cli/exit-codes.ts";
import { makeProgram } from "../server/src/cli/program.ts";

const columns = 100;

/** docs/commands.md: what each command says with --help. */
export async function commandReference(): Promise<string> {
	return `# Commands

<!-- Written by \`npm run docs\` from what each command says with --help: change the commands. -->

\`npx muster\` in a checkout or where the package is installed. Settings come from the environment: [configuration.md](configuration.md). Commands that look at records, tasks and fields speak to a service, by \`--url\` and \`--token\` or \`MUSTER_URL\` and \`MUSTER_TOKEN\`; without them, to the one whose \`dev.env\` is in \`MUSTER_DATA\`. They print results on standard output and everything else on standard error.

They end with 0, or with one of these:

| code | name |
|---|---|
${Object.entries(exitCodes)
	.map(([name, code]) => `| ${code} | ${wordsOf(name)} |`)
	.join("\n")}

${commandsUnder(await makeProgram(""))
	.map(section)
	.join("\n\n")}
`;
}

/** "failedRows" is "failed rows". */
function wordsOf(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

interface Named {
	readonly path: string;
	readonly command: Command;
}

function commandsUnder(command: Command, path: readonly string[] = []): Named[] {
	return command.commands.flatMap((one) => {
		const here = [...path, one.name()];
		return [{ path: here.join(" "), command: one }, ...commandsUnder(one, here)];
	});
}

function section({ path, command }: Named): string {
	return `## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
}

/** With what stands behind the options, in the same width on every terminal. */
function helpOf(command: Command): string {
	let text = "";
	command.configureOutput({
		writeOut: (part) => {
			text += part;
		},
		getOutHelpWidth: () => columns,
		getOutHasColors: () => false,
	});
	command.outputHelp();
	return text.replace(/[ \t]+$/gm, "").trim();
}
