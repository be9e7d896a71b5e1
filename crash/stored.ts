import type pg from "pg";
import type { Summary } from "./history.ts";

export interface StoredResult {
	readonly outcome: string;
	readonly id?: string;
}

export interface StoredTask {
	readonly taskId: string;
	/** The order of acceptance. */
	readonly number: number;
	readonly operation: string;
	readonly key: string;
	/** Milliseconds since 1970, by the clock of the harness; null for one that has not ended. */
	readonly endedAt: number | null;
	readonly failed: boolean;
	readonly summary: Summary;
	readonly results: readonly StoredResult[];
}

export interface StoredRecord {
	readonly id: string;
	/** Email or name. */
	readonly address: string;
	readonly displayName: string | null;
	readonly details: Readonly<Record<string, string>>;
	/** Names of a customer's organizations, in order. */
	readonly links: readonly string[];
}

/** What the database holds at the end. */
export interface Stored {
	/** In the order of acceptance. */
	readonly tasks: readonly StoredTask[];
	readonly customers: readonly StoredRecord[];
	readonly organizations: readonly StoredRecord[];
}

const tasksText = `
	select task_id as "taskId", number::int, operation, idempotency_key as key, failed,
		(extract(epoch from ended_at) * 1000 - $1)::float8 as "endedAt",
		json_build_object('total', item_count, 'created', created_count, 'updated', updated_count,
			'unchanged', unchanged_count, 'skipped', skipped_count, 'failed', failed_count) as summary,
		coalesce(results, '[]')::json as results
	from muster.task order by number`;

const customersText = `
	select customer_id as id, email as address, display_name as "displayName", details,
		array(
			select name from muster.membership join muster.organization using (site_id, organization_id)
			where membership.site_id = customer.site_id and membership.customer_id = customer.customer_id
			order by name) as links
	from muster.customer order by email`;

const organizationsText = `
	select organization_id::text as id, name as address, null as "displayName", details, '{}'::text[] as links
	from muster.organization order by name`;

/** @param aheadMs how far the database's clock is ahead of the harness's */
export async function readStored(client: pg.Client, aheadMs: number): Promise<Stored> {
	await client.query("begin isolation level repeatable read");
	// A login that row-level security holds for sees the one site there is; any other sees it as well.
	await client.query("select set_config('muster.site', (select site_id::text from muster.site), true)");
	const tasks = await client.query<StoredTask>(tasksText, [aheadMs]);
	const customers = await client.query<StoredRecord>(customersText);
	const organizations = await client.query<StoredRecord>(organizationsText);
	await client.query("commit");
	return { tasks: tasks.rows, customers: customers.rows, organizations: organizations.rows };
}

/** How far the database's clock is ahead of the harness's, in milliseconds. */
export async function readAhead(client: pg.Client): Promise<number> {
	const before = Date.now();
	const answer = await client.query<{ ms: number }>(
		"select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
	);
	return (answer.rows[0]?.ms ?? 0) - (before + Date.now()) / 2;
}
