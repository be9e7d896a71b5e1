import { spawn } from "node:child_process";
import type { Command } from "commander";
import { hasDesktop } from "../server/config.ts";
import { connect } from "./connect.ts";

interface Options {
	to?: string;
	open: boolean;
}

export function addConsole(program: Command): void {
	program
		.command("console")
		.description("Print a link that opens the web console, signed in, and open it where there is a desktop")
		.option("--to <url>", "the server; MUSTER_URL or the one started in this folder if left out")
		.option("--no-open", "print the link alone")
		.addHelpText(
			"after",
			"\nThe link works once, within five minutes, with the rights of the token in MUSTER_TOKEN or .muster/dev.env.\n\nExample:\n  muster console",
		)
		.action(run);
}

async function run({ to, open }: Options): Promise<void> {
	const { client } = await connect({ to });
	const { url } = await client.sessions.makeLink();
	console.log(url);
	console.error("It signs in once, within five minutes.");
	if (open && process.stdout.isTTY === true && hasDesktop()) openInBrowser(url);
}

/** Where it does not work, the printed link does. */
function openInBrowser(url: string): void {
	const [command, ...parameters] = openers[process.platform] ?? ["xdg-open"];
	const child = spawn(command ?? "xdg-open", [...parameters, url], { stdio: "ignore", detached: true });
	child.on("error", () => undefined);
	child.unref();
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
	darwin: ["open"],
	// The empty text is the title of a window, which `start` takes first.
	win32: ["cmd", "/c", "start", '""'],
};
