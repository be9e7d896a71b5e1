import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { connected } from "../bench/postgres.ts";
import { Doorway } from "./doorway.ts";
import { Member } from "./member.ts";
import type { CrashPostgres } from "./postgres.ts";
import type { Part } from "./schedule.ts";

/** How many processes of each part there are. */
export interface Size {
	readonly apis: number;
	readonly workers: number;
}

/** As Muster runs where it must not fail. */
const sizeUsual: Size = { apis: 2, workers: 2 };

/** Processes of Muster on one PostgreSQL, which they reach by a doorway. */
export class Deployment {
	readonly postgres: CrashPostgres;
	readonly doorway: Doorway;
	readonly apis: readonly Member[];
	readonly workers: readonly Member[];
	readonly token: string;
	readonly #folder: string;

	/** @param postgres with a database that nothing else uses; it is stopped by whoever has started it */
	static async start(postgres: CrashPostgres, size: Size = sizeUsual): Promise<Deployment> {
		const doorway = await Doorway.open(postgres.url);
		const folder = await mkdtemp(join(tmpdir(), "muster-crash-"));
		const environment = { MUSTER_DATA: folder, DATABASE_URL: doorway.url };
		const members = (part: Part, count: number): Member[] =>
			Array.from({ length: count }, () => new Member(part, environment));
		const apis = members("api", size.apis);
		const workers = members("worker", size.workers);
		try {
			// The first one makes the site, and writes its token down.
			const [first, ...others] = [...apis, ...workers];
			first?.start();
			await first?.ready;
			for (const other of others) other.start();
			await Promise.all(others.map((other) => other.ready));
			const written = await readFile(join(folder, "dev.env"), "utf8");
			const token = /^MUSTER_TOKEN=(.*)$/m.exec(written)?.[1] ?? "";
			return new Deployment({ postgres, doorway, apis, workers, token, folder });
		} catch (error) {
			await Promise.all([...apis, ...workers].map((started) => started.end("SIGKILL")));
			await doorway.close();
			throw error;
		}
	}

	private constructor(
		parts: Pick<Deployment, "postgres" | "doorway" | "apis" | "workers" | "token"> & { folder: string },
	) {
		this.postgres = parts.postgres;
		this.doorway = parts.doorway;
		this.apis = parts.apis;
		this.workers = parts.workers;
		this.token = parts.token;
		this.#folder = parts.folder;
	}

	get members(): readonly Member[] {
		return [...this.apis, ...this.workers];
	}

	/** A connection of the harness's own, past the doorway; as soon as the database takes one. */
	connect(): Promise<pg.Client> {
		return connected(this.postgres.url);
	}

	async stop(): Promise<void> {
		await Promise.all(this.members.map((member) => member.end("SIGKILL")));
		await this.doorway.close();
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
	}
}
