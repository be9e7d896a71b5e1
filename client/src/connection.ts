import type { Problem } from "./contract/problem.ts";
import { Deadline, reasonOf } from "./deadline.ts";
import { MusterError, MusterNetworkError } from "./errors.ts";
import { type Retrying, readRetryAfter, withRetries } from "./retry.ts";

export interface ConnectionOptions {
	/** Where the API stands: address and base path, without a slash at the end. */
	readonly base: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly fetch: Fetch;
	/** Time for one try, in milliseconds; what the service is asked to wait comes on top. */
	readonly timeoutMs: number;
	readonly retrying: Omit<Retrying, "signal">;
}

/** What is asked of a `fetch`; the one of browsers and Node has it all. */
export type Fetch = (
	url: string,
	init: Omit<RequestInit, "headers"> & { readonly headers: Readonly<Record<string, string>> },
) => Promise<Received>;

export interface Received extends Pick<Response, "ok" | "status" | "body" | "text"> {
	readonly headers: Pick<Headers, "get">;
}

/** A list is written as the same parameter several times. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Ask {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	readonly path: string;
	readonly query?: Query;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** A body that is JSON already. */
	readonly json?: string;
	/** How long the service is asked to wait before it answers. */
	readonly waitSeconds?: number | undefined;
	/** Not tried again: repeated, it would not do the same. */
	readonly isOnce?: boolean;
	readonly signal?: AbortSignal | undefined;
}

/** A body of any size: no time-out bounds it, and it is sent once. */
export interface Upload {
	readonly method: "POST" | "PATCH" | "DELETE";
	/** With its query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Blob | ReadableStream<Uint8Array> | null;
	readonly signal?: AbortSignal | undefined;
}

export interface Answer {
	readonly status: number;
	readonly headers: Pick<Headers, "get">;
	readonly body: unknown;
}

/** Asks the service over HTTP, again where that may help. */
export class Connection {
	readonly #options: ConnectionOptions;

	constructor(options: ConnectionOptions) {
		this.#options = options;
	}

	/** Where the API stands on its host. */
	get path(): string {
		return new URL(this.#options.base).pathname;
	}

	/** @throws MusterError, MusterNetworkError, MusterTimeoutError, or the signal's reason */
	ask(ask: Ask): Promise<Answer> {
		// Written once, so that every try sends the same bytes.
		const body = ask.json ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
		return this.#retry(ask, () => this.#try(ask, body));
	}

	/** Carries out several requests as one, again where that may help. */
	repeat<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
		return withRetries(attempt, { ...this.#options.retrying, signal });
	}

	/** @returns the answer's body. @throws as ask, but for a time-out */
	async upload({ method, path, headers, body, signal }: Upload): Promise<unknown> {
		signal?.throwIfAborted();
		const { base, fetch, headers: always } = this.#options;
		const response = await fetch(`${base}/${path}`, {
			method,
			headers: { ...always, ...headers },
			body,
			// A stream is answered when all of it was sent.
			...(body instanceof ReadableStream ? { duplex: "half" } : {}),
			...(signal && { signal }),
		}).catch((error: unknown) => {
			signal?.throwIfAborted();
			throw new MusterNetworkError(`${method} ${path} was not answered: ${reasonOf(error)}.`, {
				cause: error,
			});
		});
		return read({ method, path }, response.status, response.headers, await response.text()).body;
	}

	/**
	 * The bytes of an answer as they come. What fails before the first of them is tried again; a transfer that breaks, or
	 * from which nothing comes for the time of a try, is thrown, for half of the file is with the caller already.
	 * @throws as `ask`
	 */
	async *download(ask: Ask): AsyncGenerator<Uint8Array, void> {
		const { reader, deadline } = await this.#retry(ask, () => this.#open(ask));
		if (reader === undefined) return;
		const asked = wordsFor(ask);
		try {
			for (;;) {
				const { done, value } = await deadline.during(asked, () => reader.read());
				if (done) return;
				yield value;
			}
		} finally {
			await reader.cancel().catch(() => undefined);
		}
	}

	#retry<T>(ask: Ask, attempt: () => Promise<T>): Promise<T> {
		const { policy, ...others } = this.#options.retrying;
		const tried = ask.isOnce === true ? { ...policy, triesMax: 1 } : policy;
		return withRetries(attempt, { ...others, policy: tried, signal: ask.signal });
	}

	async #open(ask: Ask) {
		const deadline = new Deadline(this.#options.timeoutMs, ask.signal);
		return deadline.during(wordsFor(ask), async () => {
			const response = await this.#fetch(ask, null, deadline.signal);
			if (!response.ok) read(ask, response.status, response.headers, await response.text());
			return { reader: response.body?.getReader(), deadline };
		});
	}

	#try(ask: Ask, body: string | null): Promise<Answer> {
		const allowedMs = this.#options.timeoutMs + (ask.waitSeconds ?? 0) * 1_000;
		const deadline = new Deadline(allowedMs, ask.signal);
		return deadline.during(wordsFor(ask), async () => {
			const response = await this.#fetch(ask, body, deadline.signal);
			return read(ask, response.status, response.headers, await response.text());
		});
	}

	#fetch(ask: Ask, body: string | null, signal: AbortSignal): Promise<Received> {
		// Taken out of its object: a browser's fetch must not be called as a method of another one.
		const { base, fetch, headers } = this.#options;
		return fetch(`${base}/${ask.path}${queryOf(ask)}`, {
			method: ask.method,
			headers: {
				...headers,
				...(body === null ? {} : { "content-type": "application/json" }),
				...ask.headers,
			},
			body,
			signal,
		});
	}
}

function wordsFor({ method, path }: Ask): string {
	return `${method} ${path}`;
}

function queryOf(ask: Ask): string {
	const given = Object.entries(ask.query ?? {}).flatMap(([key, value]) =>
		value === undefined ? [] : [value].flat().map((one) => [key, String(one)]),
	);
	return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function read(
	ask: { readonly method: string; readonly path: string },
	status: number,
	headers: Pick<Headers, "get">,
	text: string,
): Answer {
	// Deleting is answered by nothing.
	const body = status === 204 ? null : readJson(text);
	if (status >= 200 && status < 300 && body !== undefined) return { status, headers, body };
	const problem = readProblem(body);
	const message =
		messageOf(body) ?? `${ask.method} ${ask.path} was answered ${status}, and not in JSON as expected.`;
	throw new MusterError(message, { status, problem, retryAfterMs: readRetryAfter(headers) });
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function readProblem(body: unknown): Problem | null {
	// Whatever has a code is taken for a problem of RFC 9457 by our contract; its list may have another form elsewhere.
	const problem = body as Partial<Problem> | null | undefined;
	if (typeof problem?.code !== "string") return null;
	const { errors, ...rest } = problem as Problem;
	return Array.isArray(errors) ? { ...rest, errors } : rest;
}

/** The sentence of a problem, or where the reference's own service puts its text. */
function messageOf(body: unknown): string | null {
	if (typeof body !== "object" || body === null) return null;
	// Each member is looked at before it is used.
	const { message, detail, errorMessage, errorMessages } = body as Readonly<Record<string, unknown>>;
	const first = Array.isArray(errorMessages) ? errorMessages[0] : undefined;
	const found = [message, detail, errorMessage, first].find(
		(text) => typeof text === "string" && text !== "",
	);
	return typeof found === "string" ? found : null;
}
