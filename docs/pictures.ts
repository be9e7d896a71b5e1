import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startMuster } from "../bench/deployment.ts";
import { csvOf, peopleOf } from "../bench/import-rows.ts";
import { terminalPicture } from "./terminal-picture.ts";

// `npm run pictures`: the commands of the docs, carried out in a real terminal (tmux) against a real server, as pictures.

const columns = 100;
/** Lines of the terminal: more than any of the outputs has. */
const lines = 90;
/** Longest that a command is waited for, in milliseconds. */
const commandMsMax = 60_000;

interface Picture {
	/** Of the SVG; null for what only prepares the next ones. */
	readonly name: string | null;
	readonly command: string;
	/** Taken as soon as the terminal shows this; else when the command has ended. */
	readonly until?: RegExp;
}

const pictures: readonly Picture[] = [
	{ name: "help", command: "muster --help" },
	{
		name: "import-progress",
		command: "muster import people.csv --create-fields yes",
		until: /customers .*[4-6]\d%/,
	},
	{ name: "import-report", command: "muster import organizations.csv customers.csv --create-fields yes" },
	{ name: "import-dry-run", command: "muster import changed.csv --dry-run" },
	{ name: "tasks", command: "muster tasks list --with-failures" },
	{ name: "customers", command: "muster customers list --filter Country=Chile --limit 5" },
	{ name: "doctor", command: "muster doctor" },
];

const repository = fileURLToPath(new URL("../", import.meta.url));

async function main(): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "muster-pictures-"));
	const muster = await startMuster(null);
	const socket = `muster-pictures-${process.pid}`;
	const tmux = (...parameters: string[]): string =>
		execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...parameters], { encoding: "utf8" });
	try {
		await fill(folder);
		const environment = {
			PATH: `${folder}:${process.env.PATH}`,
			TERM: "xterm-256color",
			LANG: "C.UTF-8",
			MUSTER_URL: muster.url,
			MUSTER_TOKEN: muster.token,
			DATABASE_URL: muster.databaseUrl,
			MUSTER_DATA: folder,
		};
		const given = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
		await mkdir(join(repository, "docs/pictures"), { recursive: true });
		tmux("start-server", ";", "set-option", "-g", "exit-empty", "off");
		for (const { name, command, until } of pictures) {
			const run = `${command}; tmux -L ${socket} wait-for -S ended; exec sleep 60`;
			tmux(
				"new-session",
				"-d",
				"-x",
				`${columns}`,
				"-y",
				`${lines}`,
				"-c",
				folder,
				...given,
				`bash --norc -c '${run}'`,
			);
			const shown = await watch(tmux, until);
			tmux("kill-session");
			if (name === null) continue;
			const hidden = shown
				.replaceAll(folder, "/home/you/.muster")
				.replaceAll(muster.url, "http://127.0.0.1:8700");
			await writeFile(
				join(repository, `docs/pictures/${name}.svg`),
				terminalPicture(command, hidden, columns),
			);
		}
	} finally {
		tmux("kill-server");
		await muster.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** The files that the commands name, and `muster` itself. */
async function fill(folder: string): Promise<void> {
	for (const name of ["organizations.csv", "customers.csv"]) {
		await copyFile(join(repository, "examples", name), join(folder, name));
	}
	const text = await readFile(join(folder, "customers.csv"), "utf8");
	const changed = text.split("\n").slice(0, 31).join("\n");
	await writeFile(join(folder, "changed.csv"), changed.replace("East Leonard", "West Leonard"));
	await writeFile(join(folder, "people.csv"), csvOf(peopleOf(20_000)));
	const muster = join(folder, "muster");
	await writeFile(
		muster,
		`#!/bin/sh\nexec "${process.execPath}" "${join(repository, "server/bin/muster.js")}" "$@"\n`,
	);
	await chmod(muster, 0o755);
}

async function watch(tmux: (...parameters: string[]) => string, until: RegExp | undefined): Promise<string> {
	if (until === undefined) {
		tmux("wait-for", "ended");
		return tmux("capture-pane", "-e", "-p");
	}
	for (const begun = performance.now(); performance.now() - begun < commandMsMax; ) {
		const shown = tmux("capture-pane", "-e", "-p");
		// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal's colours begin with
		if (until.test(shown.replace(/\u001b\[[\d;]*m/g, ""))) return shown;
		await delay(20);
	}
	throw new Error(`the terminal never showed ${until}`);
}

await main();
