import type { Problem } from "./contract/problem.ts";
import { MusterError, MusterNetworkError, MusterTimeoutError } from "./errors.ts";
import { type Retrying, readRetryAfter, withRetries } from "./retry.ts";

export interface ConnectionOptions {
	/** Where the API stands: address and base path, without a slash at the end. */
	readonly base: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly fetch: typeof fetch;
	/** Time for one try, in milliseconds; what the service is asked to wait comes on top. */
	readonly timeoutMs: number;
	readonly retrying: Omit<Retrying, "signal">;
}

export interface Ask {
	readonly method: "GET" | "POST";
	readonly path: string;
	readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** How long the service is asked to wait before it answers. */
	readonly waitSeconds?: number | undefined;
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
	readonly headers: Headers;
	readonly body: unknown;
}

/** Asks the service over HTTP, again where that may help. */
export class Connection {
	readonly #options: ConnectionOptions;

	constructor(options: ConnectionOptions) {
		this.#options = options;
	}

	/** @throws MusterError, MusterNetworkError, MusterTimeoutError, or the signal's reason */
	ask(ask: Ask): Promise<Answer> {
		// Written once, so that every try sends the same bytes.
		const body = ask.body === undefined ? null : JSON.stringify(ask.body);
		return withRetries(() => this.#try(ask, body), { ...this.#options.retrying, signal: ask.signal });
	}

	/** Carries out several requests as one, again where that may help. */
	repeat<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
		return withRetries(attempt, { ...this.#options.retrying, signal });
	}

	/** @returns the answer's body. @throws as ask, but for a time-out */
	async upload({ method, path, headers, body, signal }: Upload): Promise<unknown> {
		const response = await this.#fetch(method, path, {
			headers: { ...this.#options.headers, ...headers },
			body,
			// A stream is answered when all of it was sent.
			...(body instanceof ReadableStream ? { duplex: "half" } : {}),
			...(signal && { signal }),
		});
		if (response.status === 204) return null;
		return read({ method, path }, response.status, response.headers, await response.text()).body;
	}

	/** An answer of any size, as it arrives. @throws as ask, but for a time-out */
	async download(path: string, signal: AbortSignal | undefined): Promise<ReadableStream<Uint8Array>> {
		const { headers } = this.#options;
		const response = await this.#fetch("GET", path, { headers, ...(signal && { signal }) });
		if (response.ok && response.body !== null) return response.body;
		read(
			{ method: "GET", path },
			response.ok ? 502 : response.status,
			response.headers,
			await response.text(),
		);
		throw new Error("what is no answer was thrown");
	}

	async #fetch(method: string, path: string, init: RequestInit): Promise<Response> {
		init.signal?.throwIfAborted();
		// As in #try.
		const { fetch, base } = this.#options;
		return fetch(`${base}/${path}`, { ...init, method }).catch((error: unknown) => {
			init.signal?.throwIfAborted();
			throw new MusterNetworkError(`${method} ${path} was not answered: ${reasonOf(error)}.`, {
				cause: error,
			});
		});
	}

	async #try(ask: Ask, body: string | null): Promise<Answer> {
		ask.signal?.throwIfAborted();
		// Taken out of its object: a browser's fetch must not be called as a method of another one.
		const { fetch, timeoutMs, headers } = this.#options;
		const allowedMs = timeoutMs + (ask.waitSeconds ?? 0) * 1_000;
		const late = AbortSignal.timeout(allowedMs);
		try {
			const response = await fetch(`${this.#options.base}/${ask.path}${queryOf(ask)}`, {
				method: ask.method,
				headers: {
					...headers,
					...(body === null ? {} : { "content-type": "application/json" }),
					...ask.headers,
				},
				body,
				signal: ask.signal === undefined ? late : AbortSignal.any([late, ask.signal]),
			});
			return read(ask, response.status, response.headers, await response.text());
		} catch (error) {
			if (error instanceof MusterError) throw error;
			ask.signal?.throwIfAborted();
			const asked = `${ask.method} ${ask.path}`;
			if (late.aborted) {
				throw new MusterTimeoutError(`${asked} was not answered within ${allowedMs / 1_000} seconds.`, {
					cause: error,
				});
			}
			throw new MusterNetworkError(`${asked} was not answered: ${reasonOf(error)}.`, { cause: error });
		}
	}
}

function queryOf(ask: Ask): string {
	const given = Object.entries(ask.query ?? {}).flatMap(([key, value]) =>
		value === undefined ? [] : [[key, String(value)]],
	);
	return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function read(
	ask: { readonly method: string; readonly path: string },
	status: number,
	headers: Headers,
	text: string,
): Answer {
	const body = readJson(text);
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

/** What lies beneath "fetch failed". */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { cause } = error;
	// Several addresses were tried: the reason stands in the first of them.
	const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
	const text = inner instanceof Error && inner.message !== "" ? inner.message : error.message;
	return text.replace(/\.$/, "");
}
