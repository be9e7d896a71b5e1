import type { Connection } from "./connection.ts";
import type { Entity } from "./contract/operations.ts";
import { MusterError } from "./errors.ts";

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
	entity: Entity,
	{ signal, ...query }: CustomerQuery & ExportOptions,
): AsyncGenerator<Uint8Array, void> {
	const path = `${entity}s/export`;
	return connection.download({ method: "GET", path, query: { format: "csv", ...query }, signal });
}

/** @returns whether it was there */
export async function deleteRecord(
	connection: Connection,
	entity: Entity,
	id: string,
	signal: AbortSignal | undefined,
): Promise<boolean> {
	const path = `${entity === "customer" ? "customer/account" : "organization"}/${encodeURIComponent(id)}`;
	try {
		await connection.ask({ method: "DELETE", path, signal });
		return true;
	} catch (error) {
		if (error instanceof MusterError && error.status === 404) return false;
		throw error;
	}
}
