import type { Principal } from "../store/access-tokens.ts";
import { ProblemError } from "./problem-error.ts";
import { type TokenBucket, TokenBuckets } from "./token-bucket.ts";

const minuteMs = 60_000;

/** Most sites and tokens with a limit that are remembered; one that is forgotten begins with a full bucket. */
const rememberedMax = 10_000;

export type RateHeaders = Readonly<
	Record<"x-ratelimit-limit" | "x-ratelimit-remaining" | "x-ratelimit-reset", string>
>;

/**
 * Counts requests against the limits of their site and their token; neither has one by default. A limit of 60 lets 60
 * requests through at once and then one a second. Each process counts by itself.
 */
export class RateLimits {
	readonly #buckets: TokenBuckets = new TokenBuckets(rememberedMax);
	readonly #now: () => number;

	/** @param now milliseconds of a clock that never jumps */
	constructor(now: () => number) {
		this.#now = now;
	}

	/**
	 * Counts one request.
	 * @returns headers that tell of the narrower limit; null where there is none
	 * @throws ProblemError rate_limited
	 */
	take({ siteId, tokenId, settings, requestsPerMinute }: Principal): RateHeaders | null {
		// Nearly nobody has a limit.
		if (settings.requestsPerMinute === 0 && requestsPerMinute === null) return null;
		const now = this.#now();
		const limits = [
			{ of: "site", name: siteId, perMinute: settings.requestsPerMinute },
			{ of: "token", name: tokenId, perMinute: requestsPerMinute ?? 0 },
		].filter(({ perMinute }) => perMinute > 0);
		const buckets = limits.map(({ of, name, perMinute }) => ({
			of,
			bucket: this.#buckets.of(`${of} ${name}`, perMinute, perMinute / minuteMs, now),
		}));
		const empty = buckets.find(({ bucket }) => bucket.level(now) < 1);
		// What one of the limits refuses takes nothing of the other.
		if (empty !== undefined) throw refused(empty.of, empty.bucket, now);
		for (const { bucket } of buckets) bucket.take(now);
		const [narrow] = buckets.toSorted((one, other) => one.bucket.level(now) - other.bucket.level(now));
		return narrow === undefined ? null : headersOf(narrow.bucket, now);
	}
}

function headersOf(bucket: TokenBucket, now: number): RateHeaders {
	return {
		"x-ratelimit-limit": String(bucket.size),
		"x-ratelimit-remaining": String(Math.floor(bucket.level(now))),
		"x-ratelimit-reset": String(seconds(bucket.msUntil(bucket.size, now))),
	};
}

function refused(of: string, bucket: TokenBucket, now: number): ProblemError {
	return new ProblemError(
		"rate_limited",
		`This ${of} may send ${bucket.size} requests a minute, and has sent them. Nothing was saved; send the same request again after the time in Retry-After.`,
		{ headers: { ...headersOf(bucket, now), "retry-after": String(seconds(bucket.msUntil(1, now))) } },
	);
}

function seconds(ms: number): number {
	return Math.ceil(ms / 1_000);
}
