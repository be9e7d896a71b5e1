import type { Connection } from "./connection.ts";
import { unexpected } from "./unexpected.ts";

/** Most entries a page of a list has. */
const pageMax = 100;

/**
 * The entries of a list, page by page as they are taken.
 * @typeParam Entry what the contract says this list holds
 */
export async function* pagesOf<Entry>(
	connection: Connection,
	path: string,
	filter: Readonly<Record<string, string | boolean | undefined>>,
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
