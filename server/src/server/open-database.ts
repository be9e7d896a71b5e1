import { type Database, openDatabase } from "../store/database.ts";
import { type EmbeddedDatabase, openEmbedded } from "../store/embedded.ts";
import type { Config } from "./config.ts";

/** The database that the configuration names, and how to let go of it. */
export interface OpenedDatabase {
	readonly url: string;
	readonly database: Database;
	/** Whether it is the embedded one. */
	readonly isEmbedded: boolean;
	close(): Promise<void>;
}

/** Told of what happens to the database while nobody waits for it. */
export type OnDatabaseTrouble = (what: string, error: unknown) => void;

/** How long to wait before an embedded database that ended by itself is started again, in milliseconds. */
const restartMs = 200;

/**
 * Opens the database of DATABASE_URL, or starts the embedded one (or joins it, where another process of this folder has
 * started it). An embedded database that ends by itself is started again.
 */
export async function openConfigured(config: Config, onTrouble: OnDatabaseTrouble): Promise<OpenedDatabase> {
	const pool = (url: string): Database =>
		openDatabase({ url, onTrouble: (error) => onTrouble("an idle database connection broke", error) });
	if (config.databaseUrl !== null) {
		const database = pool(config.databaseUrl);
		return { url: config.databaseUrl, database, isEmbedded: false, close: () => database.close() };
	}
	const keeper = await EmbeddedKeeper.open(config.dataFolder, onTrouble);
	const database = pool(keeper.url);
	return {
		url: keeper.url,
		database,
		isEmbedded: true,
		close: async () => {
			await database.close();
			await keeper.close();
		},
	};
}

/** Keeps the embedded database running until it is told to stop. */
class EmbeddedKeeper {
	#current: EmbeddedDatabase;
	#closing = false;
	#restarting: Promise<void> = Promise.resolve();

	static async open(folder: string, onTrouble: OnDatabaseTrouble): Promise<EmbeddedKeeper> {
		return new EmbeddedKeeper(await openEmbedded(folder), folder, onTrouble);
	}

	private constructor(first: EmbeddedDatabase, folder: string, onTrouble: OnDatabaseTrouble) {
		this.#current = first;
		this.#watch(folder, onTrouble);
	}

	get url(): string {
		return this.#current.url;
	}

	async close(): Promise<void> {
		this.#closing = true;
		await this.#restarting;
		await this.#current.stop();
	}

	#watch(folder: string, onTrouble: OnDatabaseTrouble): void {
		void this.#current.exited.then((log) => {
			if (this.#closing) return;
			onTrouble("the embedded database ended by itself; it is started again", new Error(log));
			this.#restarting = this.#restart(folder, onTrouble);
		});
	}

	async #restart(folder: string, onTrouble: OnDatabaseTrouble): Promise<void> {
		while (!this.#closing) {
			try {
				this.#current = await openEmbedded(folder);
				this.#watch(folder, onTrouble);
				return;
			} catch (error) {
				onTrouble("the embedded database could not be started again", error);
				await new Promise((resolve) => setTimeout(resolve, restartMs));
			}
		}
	}
}
