import { Console } from "node:console";
import { Readable } from "node:stream";
import { run } from "../src/cli/run.ts";
import { collect } from "./collected-log.ts";
import type { Ended, Environment, ProgramOptions } from "./program.ts";

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a command that gets no signal, as `runProgram` does but in this process: to start one takes a second, and most
 * commands do not need one to show what they do. They run one after the other, since each has the process's environment,
 * folder and streams to itself.
 */
export function runCommand(
	parameters: readonly string[],
	environment: Environment,
	options: ProgramOptions = {},
): Promise<Ended> {
	const ended = before.then(() => runHere(parameters, environment, options));
	before = ended.catch(() => undefined);
	return ended;
}

async function runHere(
	parameters: readonly string[],
	environment: Environment,
	{ cwd = process.cwd(), input = "" }: ProgramOptions,
): Promise<Ended> {
	const { env, exitCode } = process;
	const { console } = globalThis;
	const home = process.cwd();
	const listened = signals.map((signal) => process.listeners(signal));
	const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)];
	process.env = { PATH: env.PATH, HOME: env.HOME, PORT: "0", ...environment };
	process.chdir(cwd);
	process.exitCode = undefined;
	const stdin = Object.getOwnPropertyDescriptor(process, "stdin") ?? {};
	Object.defineProperty(process, "stdin", { value: Readable.from([Buffer.from(input)]), configurable: true });
	globalThis.console = new Console(process.stdout, process.stderr);
	try {
		await run(parameters);
		collect(stderr.text());
		const code = Number(process.exitCode ?? 0);
		return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
	} finally {
		Object.defineProperty(process, "stdin", stdin);
		globalThis.console = console;
		process.exitCode = exitCode;
		process.chdir(home);
		process.env = env;
		stdout.release();
		stderr.release();
		for (const [place, signal] of signals.entries()) {
			for (const listener of process.listeners(signal)) {
				if (!listened[place]?.includes(listener)) process.removeListener(signal, listener);
			}
		}
	}
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What is written to a stream from now on, in the place of writing it. */
function captured(stream: NodeJS.WriteStream): { text(): string; release(): void } {
	const { write } = stream;
	const parts: Buffer[] = [];
	stream.write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
		parts.push(Buffer.from(chunk as string));
		const written = more.find((one) => typeof one === "function");
		if (written !== undefined) process.nextTick(written);
		return true;
	};
	return {
		text: () => Buffer.concat(parts).toString(),
		release: () => {
			stream.write = write;
		},
	};
}
