import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

/** A PostgreSQL for one run. */
export interface BenchPostgres {
	readonly name: string;
	/** null: Muster's own, bundled one. */
	readonly url: string | null;
	stop(): Promise<void>;
}

export interface DebianPostgres extends BenchPostgres {
	readonly url: string;
	/** Ends it as a crash does (immediate shutdown: the log is replayed) and starts it again; resolves when it answers. */
	crash(): Promise<void>;
}

const debianFolder = "/usr/lib/postgresql/15/bin";
const startMsMax = 20_000;

/** Debian's PostgreSQL 15 in a throw-away cluster, with its default settings but for those given; null where it is not installed. */
export async function startDebianPostgres(
	settings: Readonly<Record<string, string>> = {},
): Promise<DebianPostgres | null> {
	if (!existsSync(debianFolder)) return null;
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-pg-"));
	const user = userOfPostgres();
	await chmod(folder, 0o700);
	if (user !== null) await chown(folder, user.uid, user.gid);
	const data = join(folder, "data");
	const options = { cwd: folder, ...(user ?? {}) };
	execFileSync(join(debianFolder, "initdb"), ["-D", data, "-U", "muster", "-A", "trust", "-E", "UTF8"], {
		...options,
		stdio: "ignore",
	});
	const given = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
	const start = (): ChildProcess =>
		spawn(join(debianFolder, "postgres"), ["-D", data, "-k", folder, "-h", "", ...given], {
			...options,
			stdio: "ignore",
		});
	let server = start();
	const base = `postgres://muster@localhost/postgres?host=${encodeURIComponent(folder)}`;
	const admin = await connected(base);
	await admin.query("create database muster");
	await admin.end();
	return {
		name: "PostgreSQL 15 (Debian)",
		url: base.replace("/postgres?", "/muster?"),
		crash: async () => {
			await ended(server, "SIGQUIT");
			server = start();
			await (await connected(base)).end();
		},
		stop: async () => {
			await ended(server, "SIGINT");
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** The PostgreSQL that Muster brings along and starts itself. */
export const bundledPostgres: BenchPostgres = {
	name: "PostgreSQL (bundled)",
	url: null,
	stop: async () => undefined,
};

/** PostgreSQL does not run as root; anybody else runs it as themselves. */
function userOfPostgres(): { uid: number; gid: number } | null {
	if (process.getuid?.() !== 0) return null;
	const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"]).toString());
	return { uid: idOf("-u"), gid: idOf("-g") };
}

/** A connection, as soon as the server takes one. */
export async function connected(url: string): Promise<pg.Client> {
	const late = performance.now() + startMsMax;
	for (;;) {
		const client = new pg.Client({ connectionString: url });
		// A connection that is cut fails the statement under way, which is where it is told.
		client.on("error", () => undefined);
		try {
			await client.connect();
			return client;
		} catch (error) {
			if (performance.now() > late) throw error;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}

/** Ends a process that was started here, if it has not ended by itself. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill(signal);
	await once(child, "exit");
}
