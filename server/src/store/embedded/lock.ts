import { execFile } from "node:child_process";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { EmbeddedError } from "./error.ts";
import { type Place, port } from "./place.ts";

/** Who holds PostgreSQL's own lock on a cluster, the file postmaster.pid. */
export type Lock =
	/**
	 * Nobody. Where the file names a process all the same, that one is gone, or dead and never waited for, or its number was
	 * given to another program; the last two happen daily in containers, and PostgreSQL alone would give up at them.
	 */
	| { readonly kind: "free"; readonly pid?: number }
	/** A PostgreSQL that is up (`ready`), coming up or going down; `leftBehind` when the Muster that started it is gone. */
	| { readonly kind: "held"; readonly pid: number; readonly ready: boolean; readonly leftBehind: boolean };

/** PostgreSQL is told by this setting who started it, so that others can see whether that process is still its parent. */
export const ownerSetting = "muster.owner";

/** The eighth line of postmaster.pid: starting, stopping, ready or standby. */
const statusLine = 7;
const pollMs = 5;
/** Between making its lock file and writing to it PostgreSQL needs microseconds. */
const emptyLockMs = 500;
const sigkillBit = 1n << 8n;
const psMsMax = 5_000;

/** Fast shutdown, immediate shutdown (the next start replays the log), kill. Nothing committed is lost by any of them. */
const endings = [
	["SIGINT", 15_000],
	["SIGQUIT", 10_000],
	["SIGKILL", 5_000],
] as const;

export async function readLock(data: string): Promise<Lock> {
	const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
	const pid = Math.abs(Number.parseInt(text, 10));
	if (!(pid > 0)) return { kind: "free" };
	const found = await look(pid);
	if (found === undefined || !(await isPostgresOf(data, pid, found))) return { kind: "free", pid };
	const ready = text.split("\n")[statusLine]?.trim() === "ready";
	return { kind: "held", pid, ready, leftBehind: await isLeftBehind(pid, found) };
}

/** Ends a PostgreSQL in order, or at least within 30 s; resolves when it is gone. */
export async function endPostgres(pid: number, isGone: () => Promise<boolean> | boolean): Promise<void> {
	for (const [signal, waitMs] of endings) {
		if (await isGone()) return;
		try {
			process.kill(pid, signal);
		} catch {
			// It ended between the question and the signal, or is not ours to end: the wait below tells which.
		}
		const late = AbortSignal.timeout(waitMs);
		while (!late.aborted) {
			if (await isGone()) return;
			await sleep(pollMs);
		}
	}
	throw new EmbeddedError(
		`PostgreSQL (process ${pid}) does not end, not even when it is killed. End it by hand.`,
	);
}

/** A process killed just when it made a lock file leaves an empty one, at which PostgreSQL gives up for good. */
export async function dropEmptyLocks(place: Place): Promise<void> {
	for (const path of [join(place.data, "postmaster.pid"), join(place.sockets, `.s.PGSQL.${port}.lock`)]) {
		const before = await stat(path).catch(() => undefined);
		if (before?.size !== 0) continue;
		await sleep(emptyLockMs);
		const after = await stat(path).catch(() => undefined);
		if (after?.size === 0 && after.ino === before.ino) await rm(path, { force: true });
	}
}

interface Process {
	readonly parent: number;
	/** The program and its arguments, joined by spaces. */
	readonly command: string;
}

/** @returns nothing for a process that is gone, or dead and only waiting for its parent to notice */
async function look(pid: number): Promise<Process | undefined> {
	try {
		return process.platform === "linux" ? await lookInProc(pid) : await askPs(pid);
	} catch {
		return undefined;
	}
}

async function lookInProc(pid: number): Promise<Process | undefined> {
	const status = await readFile(`/proc/${pid}/stat`, "utf8");
	// "17 (name) S 1 ...": a name may hold brackets and spaces, so what follows is counted from its end.
	const [state, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
	const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
	return state === "Z" ? undefined : { parent: Number(parent), command };
}

async function askPs(pid: number): Promise<Process | undefined> {
	const args = ["-ww", "-o", "ppid=,stat=,command=", "-p", String(pid)];
	const { stdout } = await promisify(execFile)("ps", args, { timeout: psMsMax });
	const [, parent, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)/.exec(stdout) ?? [];
	if (state === undefined || state.startsWith("Z")) return undefined;
	return { parent: Number(parent), command: `${command} ` };
}

async function isLeftBehind(pid: number, found: Process): Promise<boolean> {
	const owner = new RegExp(`${ownerSetting}=(\\d+)`).exec(found.command)?.[1];
	if (owner === undefined) return false;
	// In this order: if the owner is gone before it is looked at, its child already has another parent.
	return (await isDying(Number(owner))) || (await look(pid))?.parent !== Number(owner);
}

/**
 * Whether a process was killed and is only not gone yet, which takes some 10 ms. PostgreSQL is its child until then and
 * answers, but will end with it: who joins it now has joined a dead one.
 */
async function isDying(pid: number): Promise<boolean> {
	if (process.platform !== "linux") return false;
	const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
	const [line, status] = await Promise.all([read("stat"), read("status")]);
	// proc_pid_stat(5): state, parent, group, session, terminal, its group, flags; 4 is PF_EXITING of the kernel's sched.h.
	const [state, , , , , , flags] = line.slice(line.lastIndexOf(")") + 2).split(" ");
	if (state === "Z" || (Number(flags) & 4) !== 0) return true;
	// Sets of signals in hexadecimal, signal 1 the lowest bit.
	const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)];
	return pending.some(([, set]) => (BigInt(`0x${set}`) & sigkillBit) !== 0n);
}

/** By its arguments, or by the folder it works in: one moved since has other arguments, one of another user shows no folder. */
async function isPostgresOf(data: string, pid: number, found: Process): Promise<boolean> {
	if (found.command.includes(` -D ${data} `)) return true;
	if (!/\bpostgres\b/.test(found.command)) return false;
	const [there, here] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(data)]).catch(() => []);
	return there !== undefined && there.ino === here?.ino && there.dev === here.dev;
}
