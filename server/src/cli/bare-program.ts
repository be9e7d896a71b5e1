import { styleText } from "node:util";
import { SuggestingCommand } from "./suggesting-command.ts";

const examples = `
Examples:
  muster serve
  muster import organizations.csv customers.csv
  muster tasks list --with-failures`;

/** The program without a command. Commands inherit from it how help looks and how a mistyped word is answered. */
export function bareProgram(version: string): SuggestingCommand {
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
