import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** A PostgreSQL for one run of the bench. */
export interface BenchPostgres {
	readonly name: string;
	/** null: Muster's own, bundled one. */
	readonly url: string | null;
	stop(): Promise<void>;
}

const debianFolder = "/usr/lib/postgresql/15/bin";
const startMsMax = 20_000;

/** Debian's PostgreSQL 15 in a throw-away cluster, with its default settings but for those given; null where it is not installed. */
export async function startDebianPostgres(
	settings: Readonly<Record<string, string>> = {},
): Promise<BenchPostgres | null> {
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
	const server = spawn(join(debianFolder, "postgres"), ["-D", data, "-k", folder, "-h", "", ...given], {
		...options,
		stdio: "ignore",
	});
	const base = `postgres://muster@localhost/postgres?host=${encodeURIComponent(folder)}`;
	const admin = await connected(base);
	await admin.query("create database muster");
	await admin.end();
	return {
		name: "PostgreSQL 15 (Debian)",
		url: base.replace("/postgres?", "/muster?"),
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

/** Muster as operators run it, in a process of its own. */
export interface BenchMuster {
	readonly url: string;
	readonly token: string;
	readonly databaseUrl: string;
	readonly siteId: string;
	/** The API and the worker: one process, as operators start it. */
	readonly pid: number;
	stop(): Promise<void>;
}

export async function startMuster(databaseUrl: string | null): Promise<BenchMuster> {
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
	const bin = fileURLToPath(new URL("../server/bin/muster.js", import.meta.url));
	const server = spawn(process.execPath, [bin, "serve"], {
		env: {
			PATH: process.env.PATH ?? "",
			PORT: "0",
			MUSTER_DATA: folder,
			MUSTER_LOG_LEVEL: "warn",
			...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
		},
		stdio: ["ignore", "pipe", "inherit"],
	});
	let printed = "";
	await new Promise<void>((resolve, reject) => {
		server.stdout.on("data", (data: Buffer) => {
			printed += data.toString();
			if (printed.includes("Muster is ready")) resolve();
		});
		server.once("exit", () => reject(new Error(`Muster did not start: ${printed}`)));
	});
	const text = await readFile(join(folder, "dev.env"), "utf8");
	const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
	const client = await connected(value("DATABASE_URL"));
	const sites = await client.query<{ site_id: string }>("select site_id from muster.site");
	await client.end();
	return {
		url: value("MUSTER_URL"),
		token: value("MUSTER_TOKEN"),
		databaseUrl: value("DATABASE_URL"),
		siteId: sites.rows[0]?.site_id ?? "",
		pid: server.pid ?? 0,
		stop: async () => {
			await ended(server, "SIGTERM");
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill(signal);
	await once(child, "exit");
}
