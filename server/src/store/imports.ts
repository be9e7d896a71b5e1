import type { ImportFormat } from "@muster/client/contract";
import type { ItemSummary } from "../domain/item-result.ts";
import type { Transaction } from "./database.ts";

/** What is known of an import by itself; how far its tasks are is told by import-progress.ts. */
export interface StoredImport {
	readonly importId: string;
	readonly idempotencyKey: string;
	readonly request: Buffer;
	readonly operation: string;
	readonly format: ImportFormat;
	readonly dryRun: boolean;
	/** Of a CSV; its form is the edge's business. */
	readonly plan: unknown;
	readonly createdAt: Date;
	/** When something of it was saved last. */
	readonly receivedAt: Date;
	readonly totalBytes: number | null;
	readonly receivedBytes: number;
	readonly receivedLines: number;
	readonly partCount: number;
	readonly itemCount: number;
	readonly unreadableCount: number;
	readonly isWhole: boolean;
	readonly isCanceled: boolean;
	/** What became of it, where that was counted for good. */
	readonly end: { readonly at: Date; readonly summary: ItemSummary } | null;
}

interface Row extends Omit<StoredImport, "end"> {
	readonly endedAt: Date | null;
	readonly created: number;
	readonly updated: number;
	readonly unchanged: number;
	readonly skipped: number;
	readonly failed: number;
}

const columns = `
	import_id as "importId", idempotency_key as "idempotencyKey", request, operation, format, dry_run as "dryRun", plan, created_at as "createdAt",
	received_at as "receivedAt", total_bytes as "totalBytes",
	received_bytes as "receivedBytes", received_lines as "receivedLines", part_count as "partCount",
	item_count as "itemCount", unreadable_count as "unreadableCount", is_whole as "isWhole",
	canceled_at is not null as "isCanceled", ended_at as "endedAt", created_count as created, updated_count as updated,
	unchanged_count as unchanged, skipped_count as skipped, failed_count as failed`;

/** An import that nothing was received of yet. */
export interface NewImport {
	readonly idempotencyKey: string;
	readonly request: Buffer;
	readonly operation: string;
	readonly format: ImportFormat;
	readonly dryRun: boolean;
	readonly plan: unknown;
	readonly totalBytes: number | null;
}

const createStatement = {
	name: "create-import",
	text: `
		insert into muster.import (site_id, idempotency_key, request, operation, format, dry_run, plan, total_bytes)
		values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8)
		on conflict (site_id, idempotency_key) do update
		set request = excluded.request, operation = excluded.operation, format = excluded.format,
			dry_run = excluded.dry_run, plan = excluded.plan, total_bytes = excluded.total_bytes
		where import.received_bytes = 0 and not import.is_whole
		returning ${columns}`,
};

/** Makes an import, or begins one anew that nothing was received of. @returns null where one has come further */
export async function createImport(
	transaction: Transaction,
	siteId: string,
	created: NewImport,
): Promise<StoredImport | null> {
	const { idempotencyKey, request, operation, format, dryRun, plan, totalBytes } = created;
	const values = [idempotencyKey, request, operation, format, dryRun, JSON.stringify(plan), totalBytes];
	return one(await transaction.query<Row>(createStatement, [siteId, ...values]));
}

const findStatement = {
	name: "find-import",
	text: `select ${columns} from muster.import where site_id = $1 and import_id = $2`,
};

export async function findImport(
	transaction: Transaction,
	siteId: string,
	importId: string,
): Promise<StoredImport | null> {
	return one(await transaction.query<Row>(findStatement, [siteId, importId]));
}

const findByKeyStatement = {
	name: "find-import-by-key",
	text: `select ${columns} from muster.import where site_id = $1 and idempotency_key = $2`,
};

export async function findImportByKey(
	transaction: Transaction,
	siteId: string,
	idempotencyKey: string,
): Promise<StoredImport | null> {
	return one(await transaction.query<Row>(findByKeyStatement, [siteId, idempotencyKey]));
}

const listStatement = {
	name: "list-imports",
	// Ids are in the order of time.
	text: `
		select ${columns} from muster.import
		where site_id = $1 and ($2::uuid is null or import_id < $2) and ($3::text is null or idempotency_key = $3)
		order by import_id desc
		limit $4`,
};

/** Imports of a site, newest first. @param filter.before only those that began before the one of this id */
export async function listImports(
	transaction: Transaction,
	siteId: string,
	filter: {
		readonly before: string | undefined;
		readonly idempotencyKey: string | undefined;
		readonly limit: number;
	},
): Promise<StoredImport[]> {
	const { before = null, idempotencyKey = null, limit } = filter;
	const rows = await transaction.query<Row>(listStatement, [siteId, before, idempotencyKey, limit]);
	return rows.map(importOf);
}

const cancelStatement = {
	name: "cancel-import",
	text: `
		update muster.import set canceled_at = clock_timestamp(), is_whole = true
		where site_id = $1 and import_id = $2 and not is_whole`,
};

/** Takes nothing more of it; what it has is carried out. One that is whole stays as it is. */
export async function cancelImport(
	transaction: Transaction,
	siteId: string,
	importId: string,
): Promise<void> {
	await transaction.execute(cancelStatement, [siteId, importId]);
}

function one(rows: readonly Row[]): StoredImport | null {
	return rows[0] === undefined ? null : importOf(rows[0]);
}

function importOf(row: Row): StoredImport {
	const { endedAt, created, updated, unchanged, skipped, failed, ...rest } = row;
	const total = rest.itemCount + rest.unreadableCount;
	const summary = { total, created, updated, unchanged, skipped, failed };
	return { ...rest, end: endedAt === null ? null : { at: endedAt, summary } };
}
