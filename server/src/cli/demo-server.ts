import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The server that the demo shows: the program as users run it, in a process of its own. */
export interface DemoServer {
	/** Resolves when it answers; rejects with the signal's reason, or where it does not come up. */
	ready(signal: AbortSignal): Promise<{ readonly url: string; readonly token: string }>;
	/** Aborted when it ends, for whatever reason. */
	readonly gone: AbortSignal;
	/** Ends it, and resolves when it is gone. Idempotent. */
	stop(): Promise<void>;
	/** Ends it at once. */
	kill(): void;
	/** The end of its log, for one who wonders why. */
	logTail(): Promise<string>;
}

/** Longest wait for a server to come up, in milliseconds; it takes one or two seconds. */
const readyMsMax = 60_000;
const pollMs = 20;
/** Time to end by itself, in milliseconds, before it is ended: what it holds is of no further use. */
const stopMs = 3_000;
const tailLines = 15;

const bin = fileURLToPath(new URL("../../bin/muster.js", import.meta.url));
/** What a developer may have set for a server of their own. */
const notForDemo: readonly string[] = ["DATABASE_URL", "HOST", "MUSTER_PUBLIC_URL", "MUSTER_CORS_ORIGINS"];

/** Starts it on a free port, with an embedded database and its log in `folder`. */
export async function startDemoServer(folder: string): Promise<DemoServer> {
	const logPath = join(folder, "muster.log");
	const data = join(folder, "data");
	const log = await open(logPath, "a");
	const settings = ["PORT=0", `MUSTER_DATA=${data}`, "MUSTER_LOG_LEVEL=info"];
	const unset = notForDemo.flatMap((name) => ["-u", name]);
	const child = spawn("env", [...unset, ...settings, process.execPath, bin, "serve"], {
		// A session of its own: Ctrl-C is for the demo, which then ends its server in good order.
		detached: true,
		stdio: ["ignore", log.fd, log.fd],
	});
	const gone = new AbortController();
	const exited = once(child, "exit")
		.then(
			() => new Error("the server ended by itself"),
			(error: Error) => new Error(`the server could not be started (${error.message})`),
		)
		.then((why) => gone.abort(why));
	await log.close();
	return {
		ready: (signal) => ready(join(data, "dev.env"), signal),
		gone: gone.signal,
		stop: () => stop(child, exited),
		kill: () => void child.kill("SIGKILL"),
		logTail: async () => {
			const text = await readFile(logPath, "utf8").catch(() => "");
			return text.trimEnd().split("\n").slice(-tailLines).join("\n");
		},
	};
}

async function ready(devEnvironment: string, signal: AbortSignal): Promise<{ url: string; token: string }> {
	const late = AbortSignal.timeout(readyMsMax);
	while (!late.aborted) {
		signal.throwIfAborted();
		const text = await readFile(devEnvironment, "utf8").catch(() => "");
		const url = /^MUSTER_URL=(.+)$/m.exec(text)?.[1];
		const token = /^MUSTER_TOKEN=(.+)$/m.exec(text)?.[1];
		if (url !== undefined && token !== undefined && (await answers(url, signal))) return { url, token };
		await sleep(pollMs);
	}
	throw new Error(`the server was not ready after ${readyMsMax / 1_000} seconds`);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
	const response = await fetch(`${url}/readyz`, { signal }).catch(() => null);
	await response?.arrayBuffer();
	return response?.ok === true;
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
	child.kill("SIGTERM");
	const late = setTimeout(() => child.kill("SIGKILL"), stopMs);
	await exited;
	clearTimeout(late);
}
