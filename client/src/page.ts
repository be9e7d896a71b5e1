import type { Connection } from "./connection.ts";
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

export type Filter = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** @typeParam Entry what the contract says this list holds */
export async function askPage<Entry>(
	connection: Connection,
	path: string,
	filter: Filter,
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
