import type { Connection } from "./connection.ts";
import type { Connector, ConnectorProgress, ConnectorRun } from "./contract/connector.ts";
import { pagesOf } from "./page.ts";

interface Signal {
	readonly signal?: AbortSignal | undefined;
}

/** How far what brings records from other programs has come. Only Muster has these. */
export class Connectors {
	readonly #connection: Connection;

	constructor(connection: Connection) {
		this.#connection = connection;
	}

	list({ signal }: Signal = {}): AsyncGenerator<Connector, void> {
		return pagesOf<Connector>(this.#connection, "connectors", {}, signal);
	}

	/** Runs of a connector, newest first. */
	runs(name: string, { signal }: Signal = {}): AsyncGenerator<ConnectorRun, void> {
		return pagesOf<ConnectorRun>(this.#connection, `connectors/${encodeURIComponent(name)}/runs`, {}, signal);
	}

	/** @throws MusterError not_found where it never ran */
	async get(name: string, { signal }: Signal = {}): Promise<Connector> {
		const path = `connectors/${encodeURIComponent(name)}`;
		return (await this.#connection.ask({ method: "GET", path, signal })).body as Connector;
	}

	/**
	 * Holds a connector and begins a run, or takes up the one that did not end.
	 * @param holder a UUID that stands for this process; asked for twice by one, it is held once
	 * @throws MusterError connector_held
	 */
	async begin(name: string, holder: string, { signal }: Signal = {}): Promise<Connector> {
		const body = { name, holder };
		return (await this.#connection.ask({ method: "POST", path: "connectors", body, signal }))
			.body as Connector;
	}

	/** Saves how far it has come, and holds it on. @throws MusterError connector_held where another one has it by now */
	async save(name: string, progress: ConnectorProgress, { signal }: Signal = {}): Promise<Connector> {
		const path = `connectors/${encodeURIComponent(name)}`;
		return (await this.#connection.ask({ method: "PUT", path, body: progress, signal })).body as Connector;
	}
}
