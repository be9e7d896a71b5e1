import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDebianPostgres } from "../bench/postgres.ts";
import { openEmbedded } from "../server/src/store/embedded.ts";

/** A PostgreSQL that the harness may treat badly. */
export interface CrashPostgres {
	readonly name: string;
	readonly url: string;
	/** Ends it at once and starts it again; null where it is not ours to end. */
	readonly crash: (() => Promise<void>) | null;
	stop(): Promise<void>;
}

/** The bundled one, in a folder of its own. */
export async function startBundled(): Promise<CrashPostgres> {
	const folder = await mkdtemp(join(tmpdir(), "muster-crash-pg-"));
	let running = await openEmbedded(folder);
	return {
		name: "PostgreSQL 18 (bundled)",
		url: running.url,
		crash: async () => {
			const lock = await readFile(join(folder, "data", "postmaster.pid"), "utf8");
			// Immediate shutdown: the next start replays the log.
			process.kill(Number.parseInt(lock, 10), "SIGQUIT");
			await running.exited;
			running = await openEmbedded(folder);
		},
		stop: async () => {
			await running.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** @throws where it is not installed */
export async function startDebian(): Promise<CrashPostgres> {
	const postgres = await startDebianPostgres();
	if (postgres === null)
		throw new Error("Debian's PostgreSQL 15 is not installed (apt-get install postgresql-15).");
	return postgres;
}

/** One that is there, with a database that nothing else uses. */
export function given(url: string): CrashPostgres {
	return { name: "PostgreSQL by DATABASE_URL", url, crash: null, stop: async () => undefined };
}
