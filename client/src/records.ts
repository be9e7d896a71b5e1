import type { Connection } from "./connection.ts";

/** What records are sought by; all that is given has to hold (docs/searching.md). */
export interface RecordQuery {
	/** Words that stand in the email or name, in any order. */
	readonly search?: string;
	/** What the name begins with. */
	readonly name?: string;
	/** Written then or later: a date, or a date-time with its offset. */
	readonly changedSince?: string;
	/** Details, such as `tier=Gold` or `seats>=10`; several `=` of one field are alternatives. */
	readonly filter?: readonly string[];
	readonly signal?: AbortSignal;
}

export interface CustomerQuery extends RecordQuery {
	/** What the email begins with. */
	readonly email?: string;
	/** Id of an organization that they are in. */
	readonly organization?: string;
}

export interface ExportOptions {
	/** "csv" if left out. */
	readonly format?: "csv" | "jsonl";
}

/** The bytes of one file as they come, so that a site of any size needs little memory. */
export function exportOf(
	connection: Connection,
	entity: "customer" | "organization",
	{ signal, ...query }: CustomerQuery & ExportOptions,
): AsyncGenerator<Uint8Array, void> {
	const path = `${entity}s/export`;
	return connection.download({ method: "GET", path, query: { format: "csv", ...query }, signal });
}
