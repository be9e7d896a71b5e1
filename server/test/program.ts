import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect } from "./collected-log.ts";

/** The program as users start it: a process of its own, by its bin script, with Node as it runs here. */
const bin = fileURLToPath(new URL("../bin/muster.js", import.meta.url));

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Program {
	readonly process: ChildProcess;
	/** Resolves when the text has been printed; rejects if the program ends without. */
	printed(text: string): Promise<void>;
	/** What it has printed so far. */
	output(): string;
	/** Sends a signal and waits for the end. */
	end(signal: NodeJS.Signals): Promise<Ended>;
	readonly ended: Promise<Ended>;
}

export type Environment = Readonly<Record<string, string>>;

export interface ProgramOptions {
	/** The folder that it runs in; ours if left out. */
	readonly cwd?: string;
	/** What it reads from standard input, which is empty if left out. */
	readonly input?: string;
}

export function startProgram(
	parameters: readonly string[],
	environment: Environment,
	{ cwd, input = "" }: ProgramOptions = {},
): Program {
	const child = spawn(process.execPath, [bin, ...parameters], {
		env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", PORT: "0", ...environment },
		stdio: ["pipe", "pipe", "pipe"],
		...(cwd === undefined ? {} : { cwd }),
	});
	// A program that ends without reading all of it closes the pipe.
	child.stdin.on("error", () => undefined);
	child.stdin.end(input);
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (data: Buffer) => {
		stdout += data.toString();
	});
	child.stderr.on("data", (data: Buffer) => {
		stderr += data.toString();
	});
	child.once("close", () => collect(stderr));
	const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
	return {
		process: child,
		ended,
		printed: (text) =>
			new Promise((resolve, reject) => {
				const look = (): void => {
					if (stdout.includes(text)) resolve();
				};
				child.stdout.on("data", look);
				void ended.then((end) => reject(new Error(`ended without printing ${text}: ${JSON.stringify(end)}`)));
				look();
			}),
		output: () => stdout,
		end: (signal) => {
			child.kill(signal);
			return ended;
		},
	};
}

/** Runs a command to its end. */
export function runProgram(
	parameters: readonly string[],
	environment: Environment,
	options: ProgramOptions = {},
): Promise<Ended> {
	return startProgram(parameters, environment, options).ended;
}

/** A temporary MUSTER_DATA; removed by the caller, after what a killed process left behind has ended. */
export async function aFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
	const path = await mkdtemp(join(tmpdir(), "muster-data-"));
	return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 }) };
}

/**
 * A port for a program whose address must be known before it is ready: not one of those that the system gives out, or a
 * connection of another test may have it by then.
 */
export async function aFreePort(): Promise<number> {
	for (;;) {
		const port = randomInt(20_000, 30_000);
		const server = createServer();
		const isFree = await new Promise<boolean>((resolve) => {
			server.once("error", () => resolve(false));
			server.listen(port, "127.0.0.1", () => resolve(true));
		});
		if (!isFree) continue;
		await new Promise((resolve) => server.close(resolve));
		return port;
	}
}

/** What the first start wrote for a developer. */
export async function readDevEnvironment(folder: string): Promise<Record<string, string>> {
	const text = await readFile(join(folder, "dev.env"), "utf8");
	return Object.fromEntries(
		text
			.trim()
			.split("\n")
			.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
	);
}
