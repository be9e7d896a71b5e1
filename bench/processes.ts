import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";

/** /proc counts in ticks, of which Linux has a hundred a second. */
const msPerTick = 10;

/** User and system time of a process so far, of all its threads. */
export async function cpuMsOf(pid: number): Promise<number> {
	const stat = await statOf(pid);
	return stat === null ? 0 : stat.ownMs;
}

/**
 * The time of a whole PostgreSQL so far: of its postmaster, of the children that it has, and of those that have ended,
 * which the kernel adds to their parent. Found by the postmaster's number, because other PostgreSQLs may run here.
 */
export async function cpuMsOfPostgres(postmaster: number): Promise<number> {
	const folders = await readdir("/proc");
	const stats = await Promise.all(
		folders.filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name))),
	);
	return stats.reduce((sum, stat) => {
		if (stat?.pid === postmaster) return sum + stat.ownMs + stat.endedChildrenMs;
		return stat?.parent === postmaster ? sum + stat.ownMs : sum;
	}, 0);
}

/** The number of the postmaster, as the parent of the process that serves a connection. */
export async function postmasterOf(client: pg.Client): Promise<number> {
	const answer = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
	const stat = await statOf(answer.rows[0]?.pid ?? 0);
	if (stat === null) throw new Error("PostgreSQL does not run on this machine.");
	return stat.parent;
}

/** The most memory that was ever resident (VmHWM), in MB. */
export function peakMegabytesOf(pid: number): Promise<number> {
	return readMegabytes(pid, /VmHWM:\s+(\d+) kB/);
}

/** Memory that is resident now (VmRSS), in MB. */
export function megabytesOf(pid: number): Promise<number> {
	return readMegabytes(pid, /VmRSS:\s+(\d+) kB/);
}

async function readMegabytes(pid: number, form: RegExp): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return (Number(form.exec(status)?.[1]) * 1024) / 1e6;
}

/**
 * Memory of a whole PostgreSQL in MB, what its processes share counted once (proportional set size). Root sees it of every
 * user's processes, others of their own.
 */
export async function megabytesOfPostgres(postmaster: number): Promise<number> {
	const folders = await readdir("/proc");
	const stats = await Promise.all(
		folders.filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name))),
	);
	const ours = stats.filter((stat) => stat?.pid === postmaster || stat?.parent === postmaster);
	const sizes = await Promise.all(
		ours.map(async (stat) => {
			const text = await readFile(`/proc/${stat?.pid}/smaps_rollup`, "utf8").catch(() => "");
			return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
		}),
	);
	return (sizes.reduce((sum, size) => sum + size, 0) * 1024) / 1e6;
}

interface Stat {
	readonly pid: number;
	readonly parent: number;
	readonly ownMs: number;
	readonly endedChildrenMs: number;
}

/** proc(5): the fields after the name, which may hold spaces and brackets. Null: the process is no more. */
async function statOf(pid: number): Promise<Stat | null> {
	const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
	if (text === null) return null;
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	const number = (place: number): number => Number(fields[place]);
	return {
		pid,
		parent: number(1),
		ownMs: (number(11) + number(12)) * msPerTick,
		endedChildrenMs: (number(13) + number(14)) * msPerTick,
	};
}
