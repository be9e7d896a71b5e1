import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./database.ts";
import { type Binaries, findBinaries } from "./embedded/binaries.ts";
import { ensureCluster } from "./embedded/cluster.ts";
import { EmbeddedError } from "./embedded/error.ts";
import { knock, urlOf } from "./embedded/knock.ts";
import { dropEmptyLocks, endPostgres, type Lock, ownerSetting, readLock } from "./embedded/lock.ts";
import { openLog, readLog, tailOfLog, withLogTail } from "./embedded/log.ts";
import { type Place, preparePlace } from "./embedded/place.ts";
import { postgresArguments } from "./embedded/settings.ts";
import { chooseRunner, type Forced } from "./embedded/user.ts";

/** A PostgreSQL that Muster runs itself, or that another Muster process on the same folder runs. */
export interface EmbeddedDatabase {
	/** A postgres:// URL over a unix socket: superuser `muster`, database `muster`. */
	readonly url: string;
	/** True when this process started it and its stop() ends it; false when it joined one that was running. */
	readonly owner: boolean;
	/** Ends PostgreSQL where this process owns it, and resolves when its processes are gone. May be called again. */
	stop(): Promise<void>;
	/** Resolves with the end of its log when a PostgreSQL of ours ends without stop(); never for one that was joined. */
	readonly exited: Promise<string>;
}

/** The longest start is after a crash: 4 GB of log to replay, from a slow disk. Giving up early would only begin it again. */
const openMsMax = 300_000;
const pollMs = 5;

/**
 * Opens the database in `folder` (MUSTER_DATA), making it on the first start. Any number of processes may do so at once:
 * PostgreSQL's own lock decides who runs it, the others join. One that a killed process left behind is ended and started
 * again. Call it from the main thread: PostgreSQL ends with the thread that started it.
 * @throws EmbeddedError in plain words, with what to do
 */
export async function openEmbedded(folder: string, forced: Forced = {}): Promise<EmbeddedDatabase> {
	const binaries = await findBinaries();
	const place = await preparePlace(folder);
	try {
		return await joinOrStart(place, binaries, forced);
	} catch (error) {
		// What the file system refuses (no room, no permission) is for the person at the terminal too.
		if (errorCode(error) === undefined) throw error;
		throw new EmbeddedError(`The database in ${place.folder} cannot be opened: ${error}.`, { cause: error });
	}
}

async function joinOrStart(place: Place, binaries: Binaries, forced: Forced): Promise<EmbeddedDatabase> {
	const late = AbortSignal.timeout(openMsMax);
	while (!late.aborted) {
		const lock = await readLock(place.data);
		if (lock.kind === "held" && lock.leftBehind) {
			await endPostgres(lock.pid, async () => {
				const now = await readLock(place.data);
				return now.kind !== "held" || now.pid !== lock.pid;
			});
		} else if (lock.kind !== "held" || lock.ready) {
			// Also where nobody seems to hold the lock: processes of another container are not seen from here, but heard.
			const answer = await knock(place);
			if (answer === "ready") return joined(place);
			if (answer === "silent" && lock.kind !== "held") {
				const started = await start(place, binaries, lock, forced, late);
				if (started !== undefined) return started;
			}
		}
		await sleep(pollMs);
	}
	throw await withLogTail(
		place,
		`The database in ${place.folder} did not come up within ${openMsMax / 1000} s.`,
	);
}

function joined(place: Place): EmbeddedDatabase {
	return { url: urlOf(place, "muster"), owner: false, stop: async () => {}, exited: new Promise(() => {}) };
}

/** @returns nothing when another process took the lock first, or the remains of a killed one still hold it */
async function start(
	place: Place,
	binaries: Binaries,
	lock: Lock,
	forced: Forced,
	late: AbortSignal,
): Promise<EmbeddedDatabase | undefined> {
	const runner = await chooseRunner(place, binaries, forced, "serve");
	await ensureCluster(place, runner, binaries, forced);
	await dropEmptyLocks(place);
	const log = await openLog(place);
	try {
		const logStart = (await log.stat()).size;
		// PostgreSQL takes over a lock of its grandparent, which its own pg_ctl would be. So a process number that belongs to
		// nobody or to another program now does not stop it, while it still looks whether the cluster's memory is in use.
		const takeOver = lock.pid === undefined ? [] : [`PG_GRANDPARENT_PID=${lock.pid}`];
		const args = [...postgresArguments(place), "-c", `${ownerSetting}=${process.pid}`];
		const child = spawn("env", [...takeOver, ...runner.prefix, binaries.postgres, ...args], {
			cwd: "/",
			// A session of its own: Ctrl-C goes to all of a terminal's programs, and Muster needs this one while it shuts down.
			detached: true,
			stdio: ["ignore", log.fd, log.fd],
		});
		return await watchStart(place, child, logStart, late);
	} finally {
		await log.close();
	}
}

async function watchStart(
	place: Place,
	child: ChildProcess,
	logStart: number,
	late: AbortSignal,
): Promise<EmbeddedDatabase | undefined> {
	let stopping: Promise<void> | undefined;
	let trouble: Error | undefined;
	const { promise: exited, resolve } = Promise.withResolvers<string>();
	child.once("error", (error) => {
		trouble = error;
	});
	child.once("exit", async () => {
		if (stopping === undefined) resolve(await tailOfLog(place));
	});
	const isGone = (): boolean =>
		child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
	const stop = (): Promise<void> => {
		// Only while it is being ended may it keep this process from ending.
		child.ref();
		stopping ??= child.pid === undefined ? Promise.resolve() : endPostgres(child.pid, isGone);
		return stopping;
	};
	try {
		while (!late.aborted && !isGone()) {
			const lock = await readLock(place.data);
			// Who is ready may be one that won against ours, which then finds the lock taken and ends.
			if (lock.kind === "held" && lock.ready && lock.pid === child.pid && (await knock(place)) === "ready") {
				child.unref();
				return { url: urlOf(place, "muster"), owner: true, stop, exited };
			}
			await sleep(pollMs);
		}
		if (isGone() && isTaken(await readLog(place, logStart))) return undefined;
	} catch (error) {
		await stop();
		throw error;
	}
	await stop();
	const why = trouble === undefined ? "" : ` (${trouble.message})`;
	throw await withLogTail(place, `The database in ${place.folder} did not start${why}.`);
}

/** Another PostgreSQL has the cluster, or the last processes of a killed one are just ending. */
function isTaken(log: string): boolean {
	return /lock file ".*" (already exists|is empty)|pre-existing shared memory block/.test(log);
}
