import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { itemsPerRequest, profilesOf, type Workload } from "./workload.ts";

/** What stands in a row of the comparisons: the same columns, keys and details as Muster's own table. */
const columns = "site_id, customer_id, email, email_key, display_name, details";

/**
 * A copy of Muster's table of customers, with its keys and storage, and without row-level security. Its ids are made by
 * gen_random_uuid(), which is what one would write: Muster's own default costs more and would slow the loop.
 */
export async function prepareTable(client: pg.Client): Promise<void> {
	await client.query("drop table if exists bench_customer");
	await client.query("create table bench_customer (like muster.customer including all)");
	await client.query("alter table bench_customer alter customer_id set default gen_random_uuid()");
	// `like` leaves these out, and the fill factor alone changes what an update costs.
	const { rows } = await client.query<{ option: string }>(
		"select unnest(reloptions) as option from pg_class where oid = 'muster.customer'::regclass",
	);
	for (const { option } of rows) await client.query(`alter table bench_customer set (${option})`);
}

/** The ceiling: one COPY of the rows, whose text is ready, with no server in front of it. @returns rows a second */
export async function copyRows(client: pg.Client, workload: Workload, siteId: string): Promise<number> {
	const rows = profilesOf(workload).map(
		({ email, displayName, details }, number) =>
			`${siteId}\t${uuidOf(number)}\t${email}\t${email}\t${displayName}\t${JSON.stringify(details)}\n`,
	);
	const chunks = batches(rows, 500).map((batch) => batch.join(""));
	const start = performance.now();
	await pipeline(
		Readable.from(chunks),
		client.query(copyFrom(`copy bench_customer (${columns}) from stdin`)),
	);
	return perSecond(rows.length, start);
}

/**
 * The loop that one would write oneself: one connection, one upsert of 100 rows a commit, no HTTP. Its text is ready
 * before the clock starts, as Muster's requests are. @returns rows a second
 */
export async function upsertLoop(client: pg.Client, workload: Workload, siteId: string): Promise<number> {
	const profiles = profilesOf(workload);
	const texts = batches(profiles, itemsPerRequest).map((batch) => JSON.stringify(batch));
	const statement = {
		name: "loop",
		text: `
			insert into bench_customer (site_id, email, email_key, display_name, details)
			select $1, email, email, "displayName", details
			from jsonb_to_recordset($2::text::jsonb) as row (email text, "displayName" text, details jsonb)
			on conflict (site_id, email_key) do update
			set display_name = excluded.display_name, details = excluded.details, updated_at = now()`,
	};
	const start = performance.now();
	for (const text of texts) await client.query({ ...statement, values: [siteId, text] });
	return perSecond(profiles.length, start);
}

function batches<Row>(rows: readonly Row[], size: number): Row[][] {
	return Array.from({ length: Math.ceil(rows.length / size) }, (_, batch) =>
		rows.slice(batch * size, (batch + 1) * size),
	);
}

function perSecond(rows: number, start: number): number {
	return (rows / (performance.now() - start)) * 1000;
}

function uuidOf(number: number): string {
	return `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}
