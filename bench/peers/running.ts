import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Peer, PeerDatabase, PeerPlace, PeerProgram } from "./peer.ts";

export interface RunningPeer {
	readonly place: PeerPlace;
	/** What it printed last, if it has ended by itself; null while it runs. */
	lastWords(): string | null;
	stop(): Promise<void>;
}

/** Directus makes its tables first, which takes it the better part of this on a busy machine. */
const startMsMax = 120_000;
const stopMsMax = 5_000;

/** Runs an installed peer on a free port. @throws the last that it printed, if it ended or was not ready in time */
export async function start(peer: Peer, folder: string, database: PeerDatabase): Promise<RunningPeer> {
	const port = await freePort();
	const place: PeerPlace = { folder, port, url: `http://127.0.0.1:${port}`, database };
	// Where it leaves its logs and uploads.
	const scratch = await mkdtemp(join(tmpdir(), "muster-bench-peer-"));
	const late = performance.now() + startMsMax;
	let server: Started | null = null;
	const stop = async (): Promise<void> => {
		if (server !== null) await ended(server.child);
		await rm(scratch, { recursive: true, force: true });
	};
	try {
		const programs = peer.programs(place);
		for (const [number, program] of programs.entries()) {
			server = run(program, scratch);
			if (number < programs.length - 1) await finished(server, late);
		}
		if (server === null) throw new Error("it names no program to run");
		const { child, lastWords } = server;
		await ready(server, `${place.url}${peer.readyPath}`, late);
		return { place, lastWords: () => (hasEnded(child) ? lastWords() : null), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

interface Started {
	readonly child: ChildProcess;
	/** The heart of what it printed last, for the reason when it fails. */
	lastWords(): string;
}

function run({ args, env }: PeerProgram, cwd: string): Started {
	const child = spawn(process.execPath, args, {
		cwd,
		env: { PATH: process.env.PATH ?? "", HOME: cwd, NODE_ENV: "production", ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let printed = "";
	const note = (data: Buffer): void => {
		printed = (printed + data.toString()).slice(-2_000);
	};
	child.stdout.on("data", note);
	child.stderr.on("data", note);
	// What it names as its error says more than the end of a stack does.
	const lastWords = (): string => /^.*Error: .*$/m.exec(printed)?.[0] ?? printed.trim().slice(-400);
	return { child, lastWords };
}

async function finished({ child, lastWords }: Started, late: number): Promise<void> {
	const timer = setTimeout(() => child.kill("SIGKILL"), late - performance.now());
	if (!hasEnded(child)) await once(child, "exit");
	clearTimeout(timer);
	if (child.exitCode !== 0)
		throw new Error(`it could not be prepared (exit ${child.exitCode}): ${lastWords()}`);
}

async function ready({ child, lastWords }: Started, url: string, late: number): Promise<void> {
	while (!hasEnded(child)) {
		const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
		if (answer?.ok) return;
		if (performance.now() > late)
			throw new Error(`it was not ready after ${startMsMax / 1000} s: ${lastWords()}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`it ended as it started: ${lastWords()}`);
}

async function ended(child: ChildProcess): Promise<void> {
	if (hasEnded(child)) return;
	const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
	child.kill("SIGTERM");
	await once(child, "exit");
	clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	if (address === null || typeof address === "string") throw new Error("There is no free port.");
	return address.port;
}
