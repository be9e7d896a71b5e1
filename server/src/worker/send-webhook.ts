import { lookup as lookUp } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { isPublicAddress } from "../domain/public-address.ts";
import { hostOf } from "../domain/webhook-url.ts";
import type { Tried } from "../store/deliveries.ts";

/** How long one try may take, from the look-up of the name to the answer, in milliseconds. */
export const tryMs = 15_000;

/** An answer is read so far, in bytes, so that a polite receiver is not cut off; what it says is not looked at. */
const answerBytesMax = 16_384;

export interface SendOptions {
	/** For development: http, and addresses that are not public. */
	readonly allowPrivate: boolean;
	/** Looks a name up; the machine's own resolver where it is left out. */
	readonly resolve?: (host: string) => Promise<readonly string[]>;
	/** How long a try may take, in milliseconds; `tryMs` where it is left out. */
	readonly withinMs?: number;
}

export interface Post {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/**
 * Posts a message. The address is looked up once, judged, and that very one is connected to; the name stays in Host and in
 * TLS. No redirect is followed, and no proxy of the environment asked.
 * @param signal breaks it off: then it is `stopped`
 */
export async function sendWebhook(post: Post, options: SendOptions, signal: AbortSignal): Promise<Tried> {
	const within = AbortSignal.timeout(options.withinMs ?? tryMs);
	try {
		const url = new URL(post.url);
		if (url.protocol !== "https:" && !options.allowPrivate) return refused("the URL is not https");
		const found = await race(resolveHost(hostOf(url), options), [within, signal]);
		const inside = options.allowPrivate ? undefined : found.find((address) => !isPublicAddress(address));
		if (inside !== undefined) return refused("the host's address is not a public one");
		const [address] = found;
		if (address === undefined) return refused("the host has no address");
		return judge(await ask(url, address, post, AbortSignal.any([within, signal])));
	} catch (error) {
		if (signal.aborted) return { kind: "stopped" };
		return refused(within.aborted ? "there was no answer in time" : describe(error));
	}
}

function refused(trouble: string): Tried {
	return { kind: "refused", status: null, trouble };
}

async function resolveHost(
	host: string,
	{ resolve = resolveBySystem }: SendOptions,
): Promise<readonly string[]> {
	return isIP(host) === 0 ? resolve(host) : [host];
}

async function resolveBySystem(host: string): Promise<string[]> {
	return (await lookUp(host, { all: true })).map(({ address }) => address);
}

/** A look-up cannot be broken off, only left alone. */
function race<T>(work: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
	const ended = signals.map(
		(signal) =>
			new Promise<never>((_, reject) => {
				signal.addEventListener("abort", () => reject(signal.reason), { once: true });
				if (signal.aborted) reject(signal.reason);
			}),
	);
	return Promise.race([work, ...ended]);
}

/** @returns the status of the answer */
function ask(url: URL, address: string, { headers, body }: Post, signal: AbortSignal): Promise<number> {
	const { request } = url.protocol === "https:" ? https : http;
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const sent = request(url, {
		method: "POST",
		agent: false, // a connection of its own, by no proxy, to what was judged
		lookup: (_host, { all }, done) => {
			const family = isIP(address);
			if (all === true) done(null, [{ address, family }]);
			else done(null, address, family);
		},
		headers: {
			...headers,
			"content-type": "application/json",
			"content-length": Buffer.byteLength(body),
			"user-agent": "Muster",
		},
		signal,
	});
	sent.on("error", reject);
	sent.on("response", (answer) => {
		resolve(answer.statusCode ?? 0); // what becomes of the rest of it changes nothing
		let bytes = 0;
		answer.on("data", (piece: Buffer) => {
			bytes += piece.length;
			if (bytes > answerBytesMax) answer.destroy();
		});
		answer.on("error", () => undefined);
	});
	sent.end(body);
	return promise;
}

function judge(status: number): Tried {
	if (status >= 200 && status < 300) return { kind: "delivered", status };
	if (status === 410) return { kind: "gone", status, trouble: "the receiver wants no more messages" };
	if (status >= 300 && status < 400) {
		return {
			kind: "refused",
			status,
			trouble: "the receiver answered with a redirect, which is not followed",
		};
	}
	return { kind: "refused", status, trouble: "the receiver did not take it" };
}

/** By its code alone: messages hold addresses. */
function describe(error: unknown): string {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "the host is not known";
	if (code === "ECONNREFUSED") return "the connection was refused";
	if (/CERT|SELF_SIGNED|ALTNAME/.test(code)) return `the receiver's certificate is not good (${code})`;
	return code === "" ? "the connection broke" : `the connection broke (${code})`;
}
