import type { Connection, Query } from "./connection.ts";
import { MusterError } from "./errors.ts";

/** Most entries a page of a list has. */
const pageMax = 100;

/**
 * Every entry of a list, page by page as they are taken.
 * @typeParam Entry what the contract says this list holds
 */
export async function* pagesOf<Entry>(
	connection: Connection,
	path: string,
	filter: Query,
	signal: AbortSignal | undefined,
): AsyncGenerator<Entry, void> {
	for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
		const query = { ...filter, limit: pageMax, cursor };
		const answer = await connection.ask({ method: "GET", path, query, signal });
		// Each member is looked at before it is used.
		const { results, nextCursor } = (answer.body ?? {}) as Readonly<Record<string, unknown>>;
		if (!Array.isArray(results)) unexpected(path, answer.status);
		yield* results as Entry[];
		const next = typeof nextCursor === "string" ? nextCursor : undefined;
		// A list that leads back to where it was would never end.
		if (next !== undefined && next === cursor) unexpected(path, answer.status);
		cursor = next;
	}
}

/** A service that answers with something else than the contract says is not one that we know. */
export function unexpected(path: string, status: number): never {
	throw new MusterError(
		`${path} was answered ${status} with a body that is not of the form this client knows. Is this the address of a Muster?`,
		{ status, problem: null, retryAfterMs: null },
	);
}
