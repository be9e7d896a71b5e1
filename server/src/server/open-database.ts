import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase, type PooledDatabase } from "../store/database.ts";
import { type EmbeddedDatabase, openEmbedded } from "../store/embedded.ts";
import type { Config } from "./config.ts";

/** The database that the configuration names, and how to let go of it. */
export interface OpenedDatabase {
	readonly url: string;
	readonly database: PooledDatabase;
	/** Whether it is the embedded one. */
	readonly isEmbedded: boolean;
	/** Whether that was run by another process when it was opened, and goes on only until that one ends. */
	readonly isJoined: boolean;
	close(): Promise<void>;
}

/** Told of what happens to the database while nobody waits for it. */
export type OnDatabaseTrouble = (what: string, error: unknown) => void;

/**
 * How often a joined database is looked at, and how long to wait before one that would not start is tried again, in
 * milliseconds.
 */
const lookMs = 1_000;

/**
 * Opens the database of DATABASE_URL, or starts the embedded one (or joins it, where another process of this folder has
 * started it). An embedded database that ends by itself is started again.
 */
export async function openConfigured(config: Config, onTrouble: OnDatabaseTrouble): Promise<OpenedDatabase> {
	const pool = (url: string): PooledDatabase =>
		openDatabase({ url, onTrouble: (error) => onTrouble("an idle database connection broke", error) });
	if (config.databaseUrl !== null) {
		const database = pool(config.databaseUrl);
		const isOurs = { isEmbedded: false, isJoined: false };
		return { url: config.databaseUrl, database, ...isOurs, close: () => database.close() };
	}
	const keeper = await EmbeddedKeeper.open(config.dataFolder, onTrouble);
	const database = pool(keeper.url);
	return {
		url: keeper.url,
		database,
		isEmbedded: true,
		isJoined: keeper.hasJoined,
		close: async () => {
			await database.close();
			await keeper.close();
		},
	};
}

/**
 * Keeps the embedded database running until it is told to stop: one of our own that ended is started again, and one that
 * we joined is taken over when the process that ran it has gone.
 */
class EmbeddedKeeper {
	readonly #folder: string;
	readonly #onTrouble: OnDatabaseTrouble;
	readonly #closing: AbortController = new AbortController();
	#current: EmbeddedDatabase;
	#keeping: Promise<void>;

	static async open(folder: string, onTrouble: OnDatabaseTrouble): Promise<EmbeddedKeeper> {
		return new EmbeddedKeeper(await openEmbedded(folder), folder, onTrouble);
	}

	private constructor(first: EmbeddedDatabase, folder: string, onTrouble: OnDatabaseTrouble) {
		this.#current = first;
		this.#folder = folder;
		this.#onTrouble = onTrouble;
		this.#keeping = this.#keep();
	}

	get url(): string {
		return this.#current.url;
	}

	get hasJoined(): boolean {
		return !this.#current.owner;
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await this.#keeping;
		await this.#current.stop();
	}

	async #keep(): Promise<void> {
		const { signal } = this.#closing;
		const closed = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
		while (!signal.aborted) {
			if (this.#current.owner) {
				const log = await Promise.race([this.#current.exited, closed]);
				if (signal.aborted) return;
				this.#onTrouble("the embedded database ended by itself; it is started again", new Error(String(log)));
			} else {
				await sleep(lookMs, undefined, { signal, ref: false }).catch(() => undefined);
			}
			if (!signal.aborted) await this.#reopen();
		}
	}

	async #reopen(): Promise<void> {
		try {
			this.#current = await openEmbedded(this.#folder);
		} catch (error) {
			this.#onTrouble("the embedded database could not be started", error);
			await sleep(lookMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
		}
	}
}
