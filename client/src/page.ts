import type { Connection, Query } from "./connection.ts";
import { unexpected } from "./unexpected.ts";

/** A part of a list. */
export interface Page<Entry> {
	readonly results: readonly Entry[];
	/** Asks for what comes next; null on the last page. */
	readonly nextCursor: string | null;
}

/** Which part of a list. */
export interface PageQuery {
	/** 1 to 100; the service's own choice if left out. */
	readonly limit?: number | undefined;
	readonly cursor?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** @typeParam Entry what the contract says this list holds */
export async function askPage<Entry>(
	connection: Connection,
	path: string,
	filter: Query,
	{ limit, cursor, signal }: PageQuery,
): Promise<Page<Entry>> {
	const query = { ...filter, limit, cursor };
	const answer = await connection.ask({ method: "GET", path, query, signal });
	// Each member is looked at before it is used.
	const { results, nextCursor } = (answer.body ?? {}) as Readonly<Record<string, unknown>>;
	if (!Array.isArray(results)) unexpected(path, answer.status);
	return {
		results: results as Entry[],
		nextCursor: typeof nextCursor === "string" ? nextCursor : null,
	};
}

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
		const { results, nextCursor } = await askPage<Entry>(connection, path, filter, {
			limit: pageMax,
			cursor,
			signal,
		});
		yield* results;
		// A list that leads back to where it was would never end.
		if (nextCursor !== null && nextCursor === cursor) unexpected(path, 200);
		cursor = nextCursor ?? undefined;
	}
}
