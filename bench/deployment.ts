import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connected, ended } from "./postgres.ts";

const bin = fileURLToPath(new URL("../server/bin/muster.js", import.meta.url));

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

/** @param parameters of `muster serve` */
export async function startMuster(
	databaseUrl: string | null,
	parameters: readonly string[] = [],
): Promise<BenchMuster> {
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
	const server = spawn(process.execPath, [bin, "serve", ...parameters], {
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

/** A worker by itself. */
export interface BenchWorker {
	readonly pid: number;
	stop(): Promise<void>;
}

export async function startWorker(databaseUrl: string): Promise<BenchWorker> {
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
	const worker = spawn(process.execPath, [bin, "worker"], {
		env: {
			PATH: process.env.PATH ?? "",
			MUSTER_DATA: folder,
			MUSTER_LOG_LEVEL: "warn",
			DATABASE_URL: databaseUrl,
		},
		stdio: ["ignore", "pipe", "inherit"],
	});
	await new Promise<void>((resolve, reject) => {
		worker.stdout.on("data", (data: Buffer) => {
			if (data.toString().includes("worker is ready")) resolve();
		});
		worker.once("exit", () => reject(new Error("the worker did not start")));
	});
	return {
		pid: worker.pid ?? 0,
		stop: async () => {
			await ended(worker, "SIGTERM");
			await rm(folder, { recursive: true, force: true });
		},
	};
}
