import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { itemsPerRequest, profileOf, type Workload } from "./workload.ts";

/** What stands in a row of the comparisons: the same columns, keys and details as Muster's own table. */
const columns = "site_id, customer_id, email, email_key, display_name, details";

/** A copy of Muster's table of customers, with its keys, defaults and storage, and without row-level security. */
export async function prepareTable(client: pg.Client): Promise<void> {
	await client.query("drop table if exists bench_customer");
	await client.query("create table bench_customer (like muster.customer including all)");
}

/** The ceiling: one COPY of the rows into the same table, with no server in front of it. @returns milliseconds */
export async function copyRows(client: pg.Client, workload: Workload, siteId: string): Promise<number> {
	const rows = rowsOf(workload).map(
		(row, number) =>
			`${siteId}\t${uuidOf(number)}\t${row.email}\t${row.email}\t${row.displayName}\t${JSON.stringify(row.details)}\n`,
	);
	const chunks = Array.from({ length: Math.ceil(rows.length / 500) }, (_, chunk) =>
		rows.slice(chunk * 500, (chunk + 1) * 500).join(""),
	);
	const start = performance.now();
	await pipeline(
		Readable.from(chunks),
		client.query(copyFrom(`copy bench_customer (${columns}) from stdin`)),
	);
	return performance.now() - start;
}

/** The loop that one would write oneself: one connection, one upsert of 100 rows a commit, no HTTP. @returns milliseconds */
export async function upsertLoop(client: pg.Client, workload: Workload, siteId: string): Promise<number> {
	const rows = rowsOf(workload);
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
	for (let place = 0; place < rows.length; place += itemsPerRequest) {
		const batch = JSON.stringify(rows.slice(place, place + itemsPerRequest));
		await client.query({ ...statement, values: [siteId, batch] });
	}
	return performance.now() - start;
}

function rowsOf({ set, version, requests }: Workload) {
	return Array.from({ length: requests * itemsPerRequest }, (_, number) => profileOf(set, version, number));
}

function uuidOf(number: number): string {
	return `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}
