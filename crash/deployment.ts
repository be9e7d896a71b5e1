import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { connected } from "../bench/postgres.ts";
import { aFreePort } from "../server/test/program.ts";
import type { Chance } from "./chance.ts";
import { Doorway } from "./doorway.ts";
import { Haproxy } from "./haproxy.ts";
import { Member, ownBin } from "./member.ts";
import type { CrashPostgres } from "./postgres.ts";

/** How many processes of each part there are. */
export interface Size {
	readonly apis: number;
	readonly workers: number;
}

/** As Muster runs where it must not fail. */
const sizeUsual: Size = { apis: 2, workers: 2 };

/** Processes of Muster on one PostgreSQL, which they reach by a doorway; clients reach them directly or by a proxy. */
export class Deployment {
	readonly postgres: CrashPostgres;
	readonly doorway: Doorway;
	readonly apis: readonly Member[];
	readonly workers: readonly Member[];
	readonly token: string;
	readonly proxy: Haproxy | null;
	readonly #folder: string;

	/**
	 * @param postgres with a database that nothing else uses; it is stopped by whoever has started it
	 * @param isProxied whether clients come by a proxy, which the machine must have
	 * @param bin the program that is run
	 */
	static async start(
		postgres: CrashPostgres,
		size: Size = sizeUsual,
		isProxied = false,
		bin: string = ownBin,
	): Promise<Deployment> {
		const doorway = await Doorway.open(postgres.url);
		const folder = await mkdtemp(join(tmpdir(), "muster-crash-"));
		const environment = { MUSTER_DATA: folder, DATABASE_URL: doorway.url };
		const ports = isProxied ? await portsFor(size.apis) : [];
		const apis = Array.from({ length: size.apis }, (_, place) => {
			const port = ports[place];
			return new Member(
				"api",
				port === undefined ? environment : { ...environment, PORT: String(port) },
				bin,
			);
		});
		const workers = Array.from({ length: size.workers }, () => new Member("worker", environment, bin));
		try {
			// The first one makes the site, and writes its token down.
			const [first, ...others] = [...apis, ...workers];
			first?.start();
			await first?.ready;
			for (const other of others) other.start();
			await Promise.all(others.map((other) => other.ready));
			const written = await readFile(join(folder, "dev.env"), "utf8");
			const token = /^MUSTER_TOKEN=(.*)$/m.exec(written)?.[1] ?? "";
			const proxy = isProxied ? await Haproxy.start(ports) : null;
			return new Deployment({ postgres, doorway, apis, workers, token, proxy, folder });
		} catch (error) {
			await Promise.all([...apis, ...workers].map((started) => started.end("SIGKILL")));
			await doorway.close();
			throw error;
		}
	}

	private constructor(
		parts: Pick<Deployment, "postgres" | "doorway" | "apis" | "workers" | "token" | "proxy"> & {
			folder: string;
		},
	) {
		this.postgres = parts.postgres;
		this.doorway = parts.doorway;
		this.apis = parts.apis;
		this.workers = parts.workers;
		this.token = parts.token;
		this.proxy = parts.proxy;
		this.#folder = parts.folder;
	}

	get members(): readonly Member[] {
		return [...this.apis, ...this.workers];
	}

	/** Where the next request is to be sent; null where the process that is meant is being started. */
	addressFor(chance: Chance): string | null {
		// As a load balancer does it: whichever answers, and at random among those.
		return this.proxy === null ? chance.pick(this.apis).url : this.proxy.url;
	}

	/** A connection of the harness's own, past the doorway; as soon as the database takes one. */
	connect(): Promise<pg.Client> {
		return connected(this.postgres.url);
	}

	async stop(): Promise<void> {
		await this.proxy?.stop();
		await Promise.all(this.members.map((member) => member.end("SIGKILL")));
		await this.doorway.close();
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
	}
}

/** Ports that stay those of their processes, whichever are started again. */
async function portsFor(count: number): Promise<number[]> {
	const ports = new Set<number>();
	while (ports.size < count) ports.add(await aFreePort());
	return [...ports];
}
