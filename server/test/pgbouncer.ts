import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aDoorway } from "./doorway.ts";
import { placeOf } from "./installed.ts";
import { aFreePort } from "./program.ts";

/** Debian's pgbouncer in transaction mode, before a database. */
export interface Pgbouncer {
	/** Of the database, through pgbouncer; says `?pgbouncer=true`. */
	readonly url: string;
	stop(): Promise<void>;
}

/** @param connectionsMax that it has to the database, for all that come to it */
export async function startPgbouncer(databaseUrl: string, connectionsMax: number): Promise<Pgbouncer> {
	const program = placeOf("pgbouncer");
	if (program === null) throw new Error("pgbouncer is not installed (apt-get install pgbouncer)");
	// The bundled PostgreSQL has a socket in a folder of its owner's alone, and pgbouncer must not run as root.
	const doorway = await aDoorway(databaseUrl);
	doorway.open();
	const folder = await mkdtemp(join(tmpdir(), "muster-pgbouncer-"));
	await chmod(folder, 0o755);
	const port = await aFreePort();
	const inner = new URL(doorway.url);
	const settings = join(folder, "pgbouncer.ini");
	await writeFile(
		settings,
		[
			"[databases]",
			`* = host=127.0.0.1 port=${inner.port} user=${inner.username} password=${inner.password || "none"}`,
			"[pgbouncer]",
			"pool_mode = transaction",
			"listen_addr = 127.0.0.1",
			`listen_port = ${port}`,
			"unix_socket_dir =",
			"auth_type = any",
			`default_pool_size = ${connectionsMax}`,
			"max_client_conn = 500",
			"",
		].join("\n"),
	);
	const child = spawn(program, [settings], { stdio: ["ignore", "ignore", "pipe"], ...somebody() });
	await listening(child);
	const url = new URL(doorway.url);
	url.port = String(port);
	url.searchParams.set("pgbouncer", "true");
	return {
		url: url.href,
		stop: async () => {
			if (child.exitCode === null) {
				child.kill("SIGTERM");
				await once(child, "exit");
			}
			await doorway.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** Resolves when it says that it takes connections. */
function listening(child: ChildProcess): Promise<void> {
	let said = "";
	return new Promise((resolve, reject) => {
		child.stderr?.on("data", (data: Buffer) => {
			said += data.toString();
			if (said.includes("process up")) resolve();
		});
		child.once("exit", () => reject(new Error(`pgbouncer ended: ${said}`)));
	});
}

function somebody(): { uid?: number; gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const idOf = (flag: string): number => Number(execFileSync("id", [flag, "nobody"]).toString());
	return { uid: idOf("-u"), gid: idOf("-g") };
}
