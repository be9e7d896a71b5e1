import { setTimeout as delay } from "node:timers/promises";
import { type Dispatcher, Pool } from "undici";

/** A request whose body was made before the clock starts; one without a body is a GET. */
export interface Sendable {
	readonly path: string;
	readonly body: Buffer | null;
	readonly items: number;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
	readonly status: number;
	readonly text: string;
}

export interface Sending {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly inFlight: number;
	/** After so many milliseconds nothing more is sent; what is under way is still awaited and counted. */
	readonly msMax: number;
	/** At most so many requests a second, evenly; without it, as many as are answered. */
	readonly perSecond?: number;
	readonly requests: readonly Sendable[];
	/** What is wrong with an answer, in a sentence; null where every item of the request was stored. */
	faultOf(answer: Answer, sent: Sendable): string | null;
}

export interface Sent {
	readonly items: number;
	/** From the first request sent to the last answer. */
	readonly elapsedMs: number;
	/** From a request sent to its answer read, in milliseconds. */
	readonly p50Ms: number;
	readonly p99Ms: number;
}

/** Longer than any server needs for a hundred records: past it the server hangs. */
const answerMsMax = 60_000;

/** Sends the requests with so many in flight. @throws at the first answer that has a fault, or does not come. */
export async function sendAll(sending: Sending): Promise<Sent> {
	const { requests, inFlight, msMax } = sending;
	const pool = new Pool(sending.url, {
		connections: inFlight,
		headersTimeout: answerMsMax,
		bodyTimeout: answerMsMax,
	});
	const times: number[] = [];
	let next = 0;
	let items = 0;
	const start = performance.now();
	const sendInTurn = async (): Promise<void> => {
		while (performance.now() - start < msMax) {
			const place = next++;
			const sendable = requests[place];
			if (sendable === undefined) return;
			await turnOf(place, start, sending.perSecond);
			const sent = performance.now();
			const answer = await send(pool, sending.headers, sendable);
			times.push(performance.now() - sent);
			const fault = sending.faultOf(answer, sendable);
			if (fault !== null) throw new Error(fault);
			items += sendable.items;
		}
	};
	try {
		await Promise.all(Array.from({ length: inFlight }, sendInTurn));
		const elapsedMs = performance.now() - start;
		times.sort((one, other) => one - other);
		return { items, elapsedMs, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
	} finally {
		await pool.destroy();
	}
}

async function turnOf(place: number, start: number, perSecond: number | undefined): Promise<void> {
	if (perSecond === undefined) return;
	const early = start + (place / perSecond) * 1000 - performance.now();
	if (early > 0) await delay(early);
}

/** By `dispatch`, the barest way of undici: a quarter less CPU a request than node:http, measured with bodies of 40 kB. */
function send(
	pool: Pool,
	common: Readonly<Record<string, string>>,
	{ path, body, headers }: Sendable,
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const parts: Buffer[] = [];
		let status = 0;
		const options: Dispatcher.DispatchOptions = {
			path,
			method: body === null ? "GET" : "POST",
			body,
			headers: { ...(body === null ? {} : { "content-type": "application/json" }), ...common, ...headers },
		};
		pool.dispatch(options, {
			onRequestStart: () => undefined,
			onResponseStart: (_, code) => {
				status = code;
			},
			onResponseData: (_, part) => {
				parts.push(part);
			},
			onResponseEnd: () => resolve({ status, text: Buffer.concat(parts).toString() }),
			onResponseError: (_, error) => reject(error),
		});
	});
}

function quantile(ordered: readonly number[], part: number): number {
	return ordered[Math.floor(ordered.length * part)] ?? 0;
}
