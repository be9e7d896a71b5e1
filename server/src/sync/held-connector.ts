import { type MusterClient, MusterError, type Sleep } from "@muster/client";
import {
	type Connector,
	type ConnectorProgress,
	type ConnectorStatus,
	connectorHoldSeconds,
} from "@muster/client/contract";

interface HeldOptions {
	readonly client: MusterClient;
	readonly name: string;
	/** A UUID that stands for this process. */
	readonly holder: string;
	readonly sleep: Sleep;
	readonly now: () => number;
	readonly signal: AbortSignal;
	/** Told once, where another process has it. */
	readonly onWait: (message: string) => void;
}

/** Between two times that a connector is said to be held on, in milliseconds: two of them may get lost. */
const sayAgainMs = (connectorHoldSeconds * 1_000) / 3;
/** Between two tries to get a connector that another process has, in milliseconds. */
const askAgainMs = 1_000;

/** A connector that this process carries out, and no other. */
export class HeldConnector {
	/** As it was when the run was begun or taken up. */
	readonly begun: Connector;
	/** Aborted where another process has gone on with it: what this one does then is no longer saved. */
	readonly lost: AbortSignal;
	readonly #options: HeldOptions;
	readonly #timer: NodeJS.Timeout;
	readonly #losing: AbortController;

	/**
	 * Waits for as long as a process that died would still hold it.
	 * @throws MusterError connector_held where the other one is alive
	 */
	static async begin(options: HeldOptions): Promise<HeldConnector> {
		const { client, name, holder, sleep, now, signal } = options;
		const untilMs = now() + connectorHoldSeconds * 1_000 + 2 * askAgainMs;
		for (let isFirst = true; ; isFirst = false) {
			try {
				const begun = await client.connectors.begin(name, holder, { signal });
				return new HeldConnector(begun, options);
			} catch (error) {
				if (!isHeldByAnother(error) || now() >= untilMs) throw error;
				if (isFirst) options.onWait(error.message);
				await sleep(askAgainMs, signal);
			}
		}
	}

	private constructor(begun: Connector, options: HeldOptions) {
		this.begun = begun;
		this.#options = options;
		this.#losing = new AbortController();
		this.lost = this.#losing.signal;
		// A service that cannot be reached now may be at the next time; saving tells of it anyway.
		this.#timer = setInterval(() => void this.save({}).catch(() => undefined), sayAgainMs);
		this.#timer.unref();
	}

	/** Says that it is held on, and saves what is given. @throws MusterError connector_held where another one has it */
	async save(progress: Omit<ConnectorProgress, "holder">): Promise<void> {
		const { client, name, holder } = this.#options;
		try {
			await client.connectors.save(name, { holder, ...progress });
		} catch (error) {
			if (isHeldByAnother(error)) this.#losing.abort(error);
			throw error;
		}
	}

	/** Lets go of it; a run that is not completed is gone on with by whoever begins next. */
	async end(status: Exclude<ConnectorStatus, "RUNNING">, report: ConnectorProgress["report"]): Promise<void> {
		clearInterval(this.#timer);
		if (this.lost.aborted) return;
		await this.save({ status, ...(report === undefined ? {} : { report }) });
	}
}

function isHeldByAnother(error: unknown): error is MusterError {
	return error instanceof MusterError && error.code === "connector_held";
}
