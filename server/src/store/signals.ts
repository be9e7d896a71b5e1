import pg from "pg";

/**
 * What processes on one database tell each other, so that nobody need ask so often: `work`, the sites that have new tasks;
 * `waits`, the sites of which somebody awaits the end of a task; `ended`, tasks that have ended.
 */
export const signals = ["work", "waits", "ended"] as const;
export type Signal = (typeof signals)[number];

export type Ears = Readonly<Partial<Record<Signal, (ids: readonly string[]) => void>>>;

export interface SignalsOptions {
	readonly url: string;
	/** What is listened for, and who is told of it. */
	readonly ears: Ears;
	/** Told once of each time that there is no connection. */
	readonly onTrouble: (error: unknown) => void;
}

/** Least time between two messages of a process, in milliseconds: what comes meanwhile goes together. */
const restMs = 10;

/** How long to wait before a connection that broke is made again, in milliseconds. */
const retryMs = 500;

const answerMs = 5_000;

/** Ids in one message: PostgreSQL takes 8,000 bytes, and an id has 36. */
const idsMax = 200;

/**
 * Tells other processes, and is told by them, by NOTIFY over a connection of its own. What is told is a hint: it may be lost
 * with the connection, and then the worker's sweep and the waiting request's next look find out. So it is never part of a
 * transaction that keeps something: PostgreSQL lets those that notify commit one after the other only.
 */
export class Signals {
	readonly #options: SignalsOptions;
	readonly #told: Map<Signal, Set<string>> = new Map();
	#client: pg.Client | null = null;
	#retry: NodeJS.Timeout | undefined;
	#isSending = false;
	#isClosed = false;
	#isTroubled = false;
	#connecting: Promise<void>;

	constructor(options: SignalsOptions) {
		this.#options = options;
		this.#connecting = this.#connect();
	}

	/** Tells the other processes that listen; forgotten where there is no connection. */
	tell(signal: Signal, ids: readonly string[]): void {
		if (this.#client === null) return;
		const told = this.#told.get(signal) ?? new Set();
		this.#told.set(signal, told);
		for (const id of ids) told.add(id);
		// What is told in this very turn of the event loop goes along.
		if (!this.#isSending) {
			this.#isSending = true;
			setImmediate(() => void this.#send());
		}
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#retry);
		this.#told.clear();
		await this.#connecting;
		await this.#client?.end().catch(() => undefined);
	}

	async #send(): Promise<void> {
		for (const [signal, ids] of this.#told) {
			const list = [...ids].slice(0, idsMax);
			for (const id of list) ids.delete(id);
			if (ids.size === 0) this.#told.delete(signal);
			// A connection that breaks is made again by whoever hears of its end.
			await this.#client
				?.query("select pg_notify($1, $2)", [channelOf(signal), list.join(" ")])
				.catch(() => undefined);
		}
		setTimeout(() => {
			if (this.#told.size > 0) void this.#send();
			else this.#isSending = false;
		}, restMs);
	}

	async #connect(): Promise<void> {
		const client = new pg.Client({
			connectionString: this.#options.url,
			application_name: "muster signals",
			connectionTimeoutMillis: answerMs,
			query_timeout: answerMs,
			keepAlive: true,
		});
		client.on("error", () => undefined); // its end is what matters
		client.on("notification", (message) => {
			// Those of the process itself know already.
			if (message.processId !== ownNumber(client)) this.#hear(message);
		});
		try {
			await client.connect();
			// A hint need not reach the disk.
			await client.query(["set synchronous_commit = off", ...listens(this.#options.ears)].join("; "));
			client.once("end", () => this.#onEnd(new Error("the connection for signals ended")));
			this.#client = client;
			this.#isTroubled = false;
		} catch (error) {
			await client.end().catch(() => undefined);
			this.#onEnd(error);
		}
	}

	#onEnd(error: unknown): void {
		this.#client = null;
		this.#told.clear();
		if (this.#isClosed) return;
		if (!this.#isTroubled) this.#options.onTrouble(error);
		this.#isTroubled = true;
		this.#retry = setTimeout(() => {
			this.#connecting = this.#connect();
		}, retryMs);
	}

	#hear({ channel, payload = "" }: pg.Notification): void {
		const signal = signals.find((each) => channelOf(each) === channel);
		if (signal !== undefined) this.#options.ears[signal]?.(payload.split(" "));
	}
}

/** The number of the database's process for a connection; pg has it and does not declare it. */
function ownNumber(client: pg.Client): number | undefined {
	return (client as unknown as { readonly processID?: number }).processID;
}

function channelOf(signal: Signal): string {
	return `muster_${signal}`;
}

function listens(ears: Ears): string[] {
	return signals
		.filter((signal) => ears[signal] !== undefined)
		.map((signal) => `listen ${channelOf(signal)}`);
}
