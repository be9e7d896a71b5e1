import type { Connection } from "./connection.ts";
import type { Import as ImportShown } from "./contract/import.ts";
import { type ImportFormat, importFormats } from "./contract/import-formats.ts";
import type { OperationName } from "./contract/operations.ts";
import type { Outcome } from "./contract/task.ts";
import { MusterError, MusterTimeoutError } from "./errors.ts";
import type { Sleep } from "./retry.ts";

export type ImportStatus = "receiving" | "processing" | "completed" | "canceled";

/** A file that the service carries out as tasks, in one shape whatever the dialect. */
export interface Import extends Omit<ImportShown, "status"> {
	readonly status: ImportStatus;
}

export interface SubmitImportOptions {
	readonly format: ImportFormat;
	/** Names this file: sent again under it, it has no further effect. A new UUID if left out. */
	readonly idempotencyKey?: string;
	/** Finds out what would change, and changes nothing. */
	readonly dryRun?: boolean;
	/** Of a CSV: what a column is where its header does not tell, as `Header=target`. */
	readonly columns?: readonly string[];
	readonly signal?: AbortSignal;
}

export interface WaitForImportOptions {
	/** How long to wait in all; 3,600 if left out. */
	readonly timeoutSeconds?: number;
	readonly signal?: AbortSignal;
	/** Told of each look at an import that has not ended. */
	readonly onPoll?: (found: Import) => void;
}

interface Signal {
	readonly signal?: AbortSignal;
}

const timeoutSecondsUsual = 3_600;
const pollMs = 1_000;
/** How often an upload is begun where the service turns out to have more of the file. */
const conflictsMax = 3;

/** Files of any size straight to the service, where it is a Muster. */
export class Imports {
	readonly #connection: Connection;
	readonly #sleep: Sleep;
	readonly #newKey: () => string;

	constructor(connection: Connection, sleep: Sleep, newKey: () => string) {
		this.#connection = connection;
		this.#sleep = sleep;
		this.#newKey = newKey;
	}

	/**
	 * Sends a file. When this resolves all of it is saved, and its tasks are under way. A Blob (a browser's File, or Node's
	 * `openAsBlob(path)`) is read as it is needed, and taken up where it broke off; a stream is sent once.
	 */
	async submit(
		operation: OperationName,
		file: Blob | ReadableStream<Uint8Array>,
		options: SubmitImportOptions,
	): Promise<Import> {
		const { format, dryRun, columns = [], signal } = options;
		const idempotencyKey = options.idempotencyKey ?? this.#newKey();
		const query = new URLSearchParams({ operation, ...(dryRun === true ? { dryRun: "true" } : {}) });
		for (const column of columns) query.append("column", column);
		const contentType = importFormats[format];
		const post = {
			method: "POST" as const,
			path: `imports?${query}`,
			headers: { "content-type": contentType, "idempotency-key": idempotencyKey },
			signal,
		};
		if (!(file instanceof Blob)) return readImport(await this.#connection.upload({ ...post, body: file }));
		let isFirst = true;
		return this.#connection.repeat(async () => {
			const known = isFirst ? null : await this.#findByKey(idempotencyKey, signal);
			isFirst = false;
			if (known === null || known.receivedBytes === 0) {
				return readImport(await this.#connection.upload({ ...post, body: file }));
			}
			return this.#sendRest(known, file, contentType, signal);
		}, signal);
	}

	/** Sends what the service has not of a file; where the connection before has brought more of it by then, less. */
	async #sendRest(
		known: Import,
		file: Blob,
		contentType: string,
		signal: AbortSignal | undefined,
	): Promise<Import> {
		for (let tries = 1, found = known; ; tries += 1) {
			if (found.status !== "receiving") return found;
			try {
				const sent = await this.#connection.upload({
					method: "PATCH",
					path: `imports/${found.importId}`,
					headers: { "content-type": contentType, "upload-offset": String(found.receivedBytes) },
					body: file.slice(found.receivedBytes),
					signal,
				});
				return readImport(sent);
			} catch (error) {
				const isBehind = error instanceof MusterError && error.code === "upload_conflict";
				if (!isBehind || tries === conflictsMax) throw error;
				found = await this.get(found.importId, { ...(signal && { signal }) });
			}
		}
	}

	async get(importId: string, { signal }: Signal = {}): Promise<Import> {
		const path = `imports/${encodeURIComponent(importId)}`;
		return readImport((await this.#connection.ask({ method: "GET", path, signal })).body);
	}

	/** The site's imports, newest first. */
	async *list({ signal }: Signal = {}): AsyncGenerator<Import, void> {
		for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
			const { body } = await this.#connection.ask({
				method: "GET",
				path: "imports",
				query: { cursor },
				signal,
			});
			const { results, nextCursor } = body as { results: readonly unknown[]; nextCursor?: string };
			yield* results.map(readImport);
			cursor = nextCursor;
		}
	}

	/**
	 * Waits until the tasks of an import have ended.
	 * @throws MusterTimeoutError where they have not by then, or where nobody sends the rest of its file
	 */
	async wait(importId: string, options: WaitForImportOptions = {}): Promise<Import> {
		const { timeoutSeconds = timeoutSecondsUsual, signal, onPoll } = options;
		for (let leftMs = timeoutSeconds * 1_000; ; leftMs -= pollMs) {
			const found = await this.get(importId, { ...(signal && { signal }) });
			const hasEnded = found.completedDate !== undefined;
			if (hasEnded) return found;
			onPoll?.(found);
			if (leftMs <= 0) {
				throw new MusterTimeoutError(
					`Import ${importId} had not ended after ${timeoutSeconds} seconds. It goes on; wait for it again.`,
				);
			}
			await this.#sleep(Math.min(pollMs, leftMs), signal);
		}
	}

	/** What became of each line, in the format of the file and with its columns; bytes of UTF-8, as they arrive. */
	results(
		importId: string,
		{ outcome, signal }: Signal & { readonly outcome?: Outcome } = {},
	): AsyncGenerator<Uint8Array, void> {
		const path = `imports/${encodeURIComponent(importId)}/results`;
		return this.#connection.download({ method: "GET", path, query: { outcome }, signal });
	}

	/** Takes nothing more of its file; what was received is carried out. */
	async cancel(importId: string, { signal }: Signal = {}): Promise<void> {
		const path = `imports/${encodeURIComponent(importId)}`;
		await this.#connection.upload({ method: "DELETE", path, headers: {}, body: null, signal });
	}

	async #findByKey(idempotencyKey: string, signal: AbortSignal | undefined): Promise<Import | null> {
		const query = { idempotencyKey };
		const { body } = await this.#connection.ask({ method: "GET", path: "imports", query, signal });
		const [found] = (body as { results: readonly unknown[] }).results;
		return found === undefined ? null : readImport(found);
	}
}

const statuses: Readonly<Record<string, ImportStatus>> = {
	RECEIVING: "receiving",
	PROCESSING: "processing",
	IN_PROGRESS: "processing",
	COMPLETED: "completed",
	FINISHED: "completed",
	CANCELED: "canceled",
};

/** Reads an import of either dialect. @throws MusterError where the body is none */
function readImport(body: unknown): Import {
	// Each member is looked at before it is used.
	const { id, importId = id, status, ...rest } = (body ?? {}) as Readonly<Record<string, unknown>>;
	const known = statuses[String(status)];
	if (typeof importId !== "string" || known === undefined) {
		throw new MusterError("The answer is no import. Is this the address of a Muster that takes files?", {
			status: 200,
			problem: null,
			retryAfterMs: null,
		});
	}
	// By the contract.
	return { ...rest, importId, status: known } as Import;
}
