import type { Sleep } from "@muster/client";

export interface HubSpotOptions {
	/** https://api.hubapi.com, or what stands before it. Without a slash at the end. */
	readonly url: string;
	/** The Service Key or OAuth token, asked for before each request: whoever renews it need not start the sync anew. */
	readonly key: () => Promise<string>;
	readonly sleep: Sleep;
	/** A clock that never jumps, in milliseconds. */
	readonly now: () => number;
	readonly signal: AbortSignal;
}

export interface HubSpotAsk {
	readonly path: string;
	readonly query?: Readonly<Record<string, string>>;
	/** Sent as JSON, by POST. */
	readonly body?: unknown;
	/** Searches have a limit of their own. */
	readonly isSearch?: boolean;
}

export interface HubSpotAnswer {
	readonly body: unknown;
	/** When HubSpot says it is; null where it does not say. */
	readonly date: string | null;
}

/** HubSpot refused, or was not there for longer than is waited. */
export class HubSpotError extends Error {
	override readonly name = "HubSpotError";
	readonly kind: "refused" | "not-authorised" | "daily-limit" | "out-of-reach";

	constructor(kind: HubSpotError["kind"], message: string, cause?: unknown) {
		super(message, { cause });
		this.kind = kind;
	}
}

/** Time for one try, in milliseconds. */
const timeoutMs = 30_000;
/** Tries of a request that fails for a moment; with pauses that double from a second, about a minute. */
const triesMax = 7;
const firstPauseMs = 1_000;
/** Times that a request is told to wait by a limit, in a row. Others may use up the same limit. */
const limitedMax = 60;
/** Searches may come five a second for a whole account (usage guidelines, "search rate limits"): one fewer leaves room. */
const searchPauseMs = 250;

/**
 * Asks HubSpot over HTTP, and keeps to its limits: it waits when the window of ten seconds is used up, as the headers of
 * each answer tell, and when a 429 says so.
 * Source: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export class HubSpotConnection {
	readonly #options: HubSpotOptions;
	/** No request before that, by the clock of the options. */
	#notBeforeMs = 0;
	#noSearchBeforeMs = 0;
	/** Requests sent, and milliseconds that limits made them wait. */
	requests = 0;
	waitedMs = 0;

	constructor(options: HubSpotOptions) {
		this.#options = options;
	}

	/** @throws HubSpotError, or the reason of the signal */
	async ask(ask: HubSpotAsk): Promise<HubSpotAnswer> {
		let limited = 0;
		for (let tries = 1; ; ) {
			await this.#waitForRoom(ask.isSearch === true);
			const answer = await this.#try(ask);
			if (answer instanceof Error) {
				if (tries >= triesMax)
					throw new HubSpotError("out-of-reach", `HubSpot is out of reach: ${reasonOf(answer)}.`, answer);
			} else if (answer.status === 429) {
				limited += 1;
				if (isDaily(answer.text) || limited > limitedMax) throw limitError(answer.text);
				await this.#wait(retryAfterMs(answer.headers) ?? firstPauseMs * Math.min(limited, 10));
				continue;
			} else if (answer.status < 300) {
				return { body: parse(answer.text), date: answer.headers.get("date") };
			} else if (!passingStatuses.includes(answer.status)) {
				throw refusal(ask, answer);
			} else if (tries >= triesMax) {
				const message = `HubSpot answered ${ask.path} with ${answer.status} ${triesMax} times in a row.`;
				throw new HubSpotError("out-of-reach", message);
			}
			await this.#options.sleep(firstPauseMs * 2 ** (tries - 1), this.#options.signal);
			tries += 1;
		}
	}

	/** @returns what kept it from being answered, where it was not */
	async #try(ask: HubSpotAsk): Promise<Answered | Error> {
		const { url, key, signal } = this.#options;
		signal.throwIfAborted();
		const query = ask.query === undefined ? "" : `?${new URLSearchParams(ask.query)}`;
		const authorization = `Bearer ${await key()}`;
		this.requests += 1;
		try {
			const answer = await read(`${url}${ask.path}${query}`, {
				method: ask.body === undefined ? "GET" : "POST",
				headers: {
					authorization,
					accept: "application/json",
					...(ask.body === undefined ? {} : { "content-type": "application/json" }),
				},
				body: ask.body === undefined ? null : JSON.stringify(ask.body),
				redirect: "error",
				signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
			});
			this.#noteRoom(answer.headers, ask.isSearch === true);
			return answer;
		} catch (error) {
			signal.throwIfAborted();
			return error instanceof Error ? error : new Error(String(error));
		}
	}

	/** By X-HubSpot-RateLimit-Remaining and -Interval-Milliseconds; answers to searches have neither. */
	#noteRoom(headers: Headers, isSearch: boolean): void {
		const nowMs = this.#options.now();
		if (isSearch) this.#noSearchBeforeMs = nowMs + searchPauseMs;
		if (headers.get("x-hubspot-ratelimit-remaining") !== "0") return;
		const windowMs = Number(headers.get("x-hubspot-ratelimit-interval-milliseconds"));
		this.#notBeforeMs = nowMs + (windowMs > 0 ? windowMs : 10_000);
	}

	async #waitForRoom(isSearch: boolean): Promise<void> {
		const untilMs = Math.max(this.#notBeforeMs, isSearch ? this.#noSearchBeforeMs : 0);
		const leftMs = untilMs - this.#options.now();
		if (leftMs > 0) await this.#wait(leftMs);
	}

	async #wait(milliseconds: number): Promise<void> {
		this.waitedMs += milliseconds;
		await this.#options.sleep(milliseconds, this.#options.signal);
	}
}

interface Answered {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
}

async function read(url: string, init: RequestInit): Promise<Answered> {
	const answer = await fetch(url, init);
	return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** 423 and 477 are said while an account's data is locked or moved. */
const passingStatuses: readonly number[] = [408, 423, 477, 500, 502, 503, 504, 521, 522, 523, 524];

/** Longest text of HubSpot's that is told on. */
const toldMax = 300;

function refusal(ask: HubSpotAsk, answer: Answered): HubSpotError {
	const { message } = objectOf(parse(answer.text));
	const said = typeof message === "string" ? ` It says: ${message.slice(0, toldMax)}` : "";
	if (answer.status !== 401 && answer.status !== 403) {
		return new HubSpotError("refused", `HubSpot refused ${ask.path} with ${answer.status}.${said}`);
	}
	const what = answer.status === 401 ? "does not know the key" : "does not let the key do this";
	return new HubSpotError(
		"not-authorised",
		`HubSpot ${what} (${answer.status} of ${ask.path}). It needs the scopes crm.objects.contacts.read, crm.objects.companies.read, crm.schemas.contacts.read and crm.schemas.companies.read.${said}`,
	);
}

function limitError(text: string): HubSpotError {
	if (isDaily(text)) {
		return new HubSpotError(
			"daily-limit",
			"HubSpot's daily limit of requests is used up; it begins anew at midnight in the time zone of the HubSpot account. Run the same command then: it goes on where it stopped.",
		);
	}
	return new HubSpotError("out-of-reach", `HubSpot's limits left no room ${limitedMax} times in a row.`);
}

function isDaily(text: string): boolean {
	return objectOf(parse(text)).policyName === "DAILY";
}

function retryAfterMs(headers: Headers): number | null {
	const text = headers.get("retry-after") ?? "";
	return /^\d+$/.test(text) ? Number(text) * 1_000 : null;
}

function reasonOf(error: Error): string {
	const { cause } = error;
	return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
