import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { itemsPerRequest, profilesOf, type Workload } from "./workload.ts";

/**
 * The comparisons write into Muster's own table, each as a site of its own: the same columns, keys and storage, in an
 * index and behind a log of the same size. They connect as a superuser, whom row-level security does not hold up.
 */
export const sitesOfComparisons = { copy: randomUUID(), loop: randomUUID() };

/** The ceiling: one COPY of the rows, whose text is ready, with no server in front of it. @returns rows a second */
export async function copyRows(client: pg.Client, workload: Workload): Promise<number> {
	const rows = profilesOf(workload).map(
		({ email, displayName, details }) =>
			`${sitesOfComparisons.copy}\t${randomUUID()}\t${email}\t${email}\t${displayName}\t${JSON.stringify(details)}\n`,
	);
	const chunks = batches(rows, 500).map((batch) => batch.join(""));
	const start = performance.now();
	await pipeline(
		Readable.from(chunks),
		client.query(
			copyFrom(
				"copy muster.customer (site_id, customer_id, email, email_key, display_name, details) from stdin",
			),
		),
	);
	return perSecond(rows.length, start);
}

/**
 * The loop that one would write oneself: one connection, one upsert of 100 rows a commit, no HTTP. Its text is ready
 * before the clock starts, as Muster's requests are. Ids are made by gen_random_uuid(), which is what one would write:
 * Muster's own default costs more. @returns rows a second
 */
export async function upsertLoop(client: pg.Client, workload: Workload): Promise<number> {
	const profiles = profilesOf(workload);
	const texts = batches(profiles, itemsPerRequest).map((batch) => JSON.stringify(batch));
	const statement = {
		name: "loop",
		text: `
			insert into muster.customer (site_id, customer_id, email, email_key, display_name, details)
			select $1, gen_random_uuid(), email, email, "displayName", details
			from jsonb_to_recordset($2::text::jsonb) as row (email text, "displayName" text, details jsonb)
			on conflict (site_id, email_key) do update
			set display_name = excluded.display_name, details = excluded.details, updated_at = now()`,
	};
	const start = performance.now();
	for (const text of texts) await client.query({ ...statement, values: [sitesOfComparisons.loop, text] });
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
