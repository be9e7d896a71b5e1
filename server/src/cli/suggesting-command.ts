import { styleText } from "node:util";
import {
	type AddHelpTextContext,
	type AddHelpTextPosition,
	Command,
	type ErrorOptions,
	type HelpContext,
} from "commander";
import { nearest } from "../domain/nearest.ts";

/**
 * A command that says what was probably meant also where commander does not: by the beginning of a word, by an option that
 * one of its commands has, and behind `help`.
 */
export class SuggestingCommand extends Command {
	override createCommand(name?: string): SuggestingCommand {
		return new SuggestingCommand(name);
	}

	/** Headings look as those of commander do. */
	override addHelpText(
		position: AddHelpTextPosition,
		text: string | ((context: AddHelpTextContext) => string),
	): this {
		const isHeading = /^(?:Examples?:|Environment:|Ends with)$/gm;
		const bold = (heading: string): string => styleText("bold", heading, { validateStream: false });
		if (typeof text !== "string") return super.addHelpText(position, text);
		return super.addHelpText(position, text.replace(isHeading, bold));
	}

	override error(message: string, options?: ErrorOptions): never {
		const word = /^error: unknown (?:option|command) '([^'=]+)/.exec(message)?.[1];
		const hasSuggestion = message.includes("(Did you mean");
		const found = word === undefined || hasSuggestion ? [] : meantBy(this, word);
		const others = found.length === 1 ? found[0] : `one of ${found.join(", ")}`;
		super.error(found.length === 0 ? message : `${message}\n(Did you mean ${others}?)`, options);
	}

	/** Commander answers `tasks help lst` as it answers `tasks`: by help that does not say what is wrong. */
	override help(context?: HelpContext | ((text: string) => string)): never {
		const [help, word] = this.args;
		const isError = typeof context === "object" && context.error === true;
		if (isError && help === "help" && word !== undefined) refuseCommand(this, word);
		return super.help(context as HelpContext);
	}
}

/** `muster help tasks list` is `muster tasks list --help`. */
export function addHelp(program: Command): void {
	program
		.command("help")
		.argument("[command...]")
		.description("Say more of a command")
		.addHelpText("after", "\nExample:\n  muster help tasks list")
		.action((words: readonly string[]) => {
			let command = program;
			for (const word of words) {
				command = command.commands.find((one) => one.name() === word) ?? refuseCommand(command, word);
			}
			command.help();
		});
}

function refuseCommand(command: Command, word: string): never {
	return command.error(`error: unknown command '${word}'`, { code: "commander.unknownCommand" });
}

/** Options as they are typed, with the command that has them where that is another one; or names of commands. */
function meantBy(command: Command, word: string): readonly string[] {
	const names = word.startsWith("-") ? optionsOf(command) : command.commands.map((one) => one.name());
	const own = closeTo(word, names);
	if (own.length > 0 || !word.startsWith("-")) return own;
	const path = pathOf(command);
	return command.commands.flatMap((one) =>
		closeTo(word, optionsOf(one)).map((name) => `\`${path} ${one.name()} ${name}\``),
	);
}

/** Those that begin so, else the one that was probably meant. */
function closeTo(word: string, names: readonly string[]): readonly string[] {
	const begun = names.filter((name) => word.replace(/^-+/, "") !== "" && name.startsWith(word));
	if (begun.length > 0) return begun;
	const near = nearest(word, names);
	return near === null ? [] : [near];
}

function optionsOf(command: Command): readonly string[] {
	return command.options.flatMap(({ long }) => long ?? []);
}

function pathOf(command: Command): string {
	return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
