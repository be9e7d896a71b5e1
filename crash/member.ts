import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Doom, doomVariable } from "./points.ts";
import type { Part } from "./schedule.ts";

/** The program of this checkout. */
export const ownBin: string = fileURLToPath(new URL("../server/bin/muster.js", import.meta.url));
const failpoint = new URL("./failpoint.ts", import.meta.url).href;
const commands: Readonly<Record<Part, readonly string[]>> = {
	api: ["serve", "--no-worker"],
	worker: ["worker"],
};

/** What is kept of what a process says, in characters: the end of it tells why it ended. */
const outputMax = 10_000;

/** One place of a deployment, and the process that is in it now. */
export class Member {
	readonly part: Part;
	/** The program that the next start is of. */
	bin: string;
	readonly #environment: Readonly<Record<string, string>>;
	#child: ChildProcess | null = null;
	/** Where the API answers; null before it is ready. */
	url: string | null = null;
	#output = "";
	/** Whether the end of the present process was ours to bring about. */
	#isDoomed = false;
	#ended: Promise<NodeJS.Signals | number> = Promise.resolve(0);
	#ready: Promise<void> = Promise.resolve();
	/** What ended without our doing, and the end of what it said. */
	readonly unasked: string[] = [];

	constructor(part: Part, environment: Readonly<Record<string, string>>, bin: string = ownBin) {
		this.part = part;
		this.bin = bin;
		this.#environment = environment;
	}

	/** Starts a process; `ready` tells when it is of use. @param doom what it is to meet while it starts */
	start(doom: Doom | null = null): void {
		this.url = null;
		this.#output = "";
		this.#isDoomed = doom !== null;
		const child = spawn(process.execPath, ["--import", failpoint, this.bin, ...commands[this.part]], {
			env: {
				PATH: process.env.PATH ?? "",
				HOME: process.env.HOME ?? "",
				PORT: "0",
				MUSTER_LOG_LEVEL: "warn",
				...this.#environment,
				...(doom === null ? {} : { [doomVariable]: JSON.stringify(doom) }),
			},
			stdio: ["pipe", "pipe", "pipe"],
		});
		// What is written to a process that has just ended is of no use to anybody.
		child.stdin.on("error", () => undefined);
		const { promise: isReady, resolve: onReady } = Promise.withResolvers<void>();
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (data: Buffer) => {
				this.#output = (this.#output + data.toString()).slice(-outputMax);
				if (!this.#output.includes(" is ready")) return;
				this.url ??= /ready at (\S+)/.exec(this.#output)?.[1] ?? null;
				onReady();
			});
		}
		this.#ended = once(child, "exit").then(([code, signal]) => {
			if (!this.#isDoomed) this.unasked.push(`${this.part} ended (${signal ?? code}): ${this.#output}`);
			return signal ?? code;
		});
		const inVain = this.#ended.then((end) => {
			throw new Error(`the ${this.part} ended (${end}) before it was ready: ${this.#output}`);
		});
		this.#ready = Promise.race([isReady, inVain]);
		for (const each of [this.#ready, inVain]) each.catch(() => undefined);
		this.#child = child;
	}

	/** Resolves when the process says that it is ready; rejects when it ends before. */
	get ready(): Promise<void> {
		return this.#ready;
	}

	get pid(): number {
		return this.#present().pid ?? 0;
	}

	get isRunning(): boolean {
		return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Resolves with how the process ended. */
	get ended(): Promise<NodeJS.Signals | number> {
		return this.#ended;
	}

	/** Lets the process meet a point, or (null) calls that off. */
	arm(doom: Doom | null): void {
		this.#isDoomed = true;
		this.#present().stdin?.write(`${JSON.stringify(doom)}\n`);
	}

	/** Sends a signal, of which the process may end. */
	signal(signal: NodeJS.Signals): void {
		this.#isDoomed = true;
		this.#present().kill(signal);
	}

	async end(signal: NodeJS.Signals): Promise<NodeJS.Signals | number> {
		if (this.isRunning) this.signal(signal);
		return this.#ended;
	}

	#present(): ChildProcess {
		if (this.#child === null) throw new Error(`the ${this.part} was never started`);
		return this.#child;
	}
}
