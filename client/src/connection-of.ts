import { Connection } from "./connection.ts";
import { dialectBase } from "./contract/paths.ts";
import type { MusterClientOptions } from "./options.ts";
import { defaultRetryPolicy, type Retrying } from "./retry.ts";

const timeoutMsDefault = 30_000;

/** The connection that a client's options describe. */
export function connectionOf(
	options: MusterClientOptions,
	means: Pick<Retrying, "sleep" | "random">,
): Connection {
	const dialect = options.dialect ?? "guide";
	const cloudId = options.cloudId === undefined ? undefined : encodeURIComponent(options.cloudId);
	return new Connection({
		base: new URL(options.url).href.replace(/\/+$/, "") + dialectBase(dialect, cloudId),
		headers: {
			...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
			accept: "application/json",
			"x-experimentalapi": dialect === "guide" ? "true" : "opt-in",
		},
		fetch: options.fetch ?? globalThis.fetch,
		timeoutMs: options.timeoutMs ?? timeoutMsDefault,
		retrying: { policy: { ...defaultRetryPolicy, ...options.retry }, ...means },
	});
}
