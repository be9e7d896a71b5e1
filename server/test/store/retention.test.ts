import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { deleteOldImports } from "../../src/store/delete-old-imports.ts";
import { deleteOldTasks } from "../../src/store/delete-old-tasks.ts";
import { startMuster, type TestMuster } from "../muster.ts";

/** Longest time that a batch may hold its locks, in milliseconds. */
const lockMsMax = 100;

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** The same database; how long each transaction of a site took is noted, and with it how long it held what it locked. */
function timed(database: Database): { readonly database: Database; readonly heldMs: number[] } {
	const heldMs: number[] = [];
	return {
		heldMs,
		database: {
			inNoSite: database.inNoSite,
			close: database.close,
			inSite: async (siteId, work, limits) => {
				const beganMs = performance.now();
				const result = await database.inSite(siteId, work, limits);
				heldMs.push(performance.now() - beganMs);
				return result;
			},
		},
	};
}

test("thousands of tasks and writes that are past their time go in batches, none of which holds its locks for 100 ms", async () => {
	const { siteId } = await muster.aSite({ retentionDays: 3 });
	// As tasks of a hundred items are that were all updated, with history.
	await admin.query(
		`insert into muster.task (site_id, operation, idempotency_key, fingerprint, dry_run, token_id, item_count, ended_at,
			updated_count, results, images)
		select $1, 'customer.profile', place::text, '', false, $1, 100, clock_timestamp() - interval '4 days', 100, results, images
		from generate_series(1, 3000) as place
		cross join (select
				'[' || string_agg('{"outcome":"updated","id":"' || gen_random_uuid() || '","key":"p' || item || '@acme.com"}', ',') || ']'
					as results,
				'{' || string_agg('"' || item || '":{"previous":null,"details":{"note":"' || gen_random_uuid() || '"}}', ',') || '}'
					as images
			from generate_series(1, 100) as item) as texts`,
		[siteId],
	);
	await admin.query(
		`insert into muster.single_write (site_id, number, token_id, written_at)
		select $1, 1e6 + place, $1, clock_timestamp() - interval '4 days' from generate_series(1, 1000) as place`,
		[siteId],
	);
	const { database, heldMs } = timed(muster.database);
	expect(await deleteOldTasks(database)).toBe(4_000);
	// Two hundred at a time: fifteen batches of tasks and five of writes, and a look at each that finds no more.
	expect(heldMs).toHaveLength(22);
	expect(usual(heldMs)).toBeLessThan(lockMsMax);
	const { rows } = await admin.query("select from muster.task where site_id = $1", [siteId]);
	expect(rows).toEqual([]);
});

test("a large import that is past its time goes in batches too", async () => {
	const { siteId } = await muster.aSite({ retentionDays: 3 });
	await admin.query(
		`with import as (
			insert into muster.import (site_id, idempotency_key, request, operation, format, dry_run, received_at, ended_at)
			select $1, 'k', '', 'customer', 'jsonl', false, clock_timestamp() - interval '4 days', clock_timestamp()
			returning import_id)
		insert into muster.import_part (site_id, import_id, part, first_line, end_byte, digest, item_count, lines)
		select $1, import_id, part, 1, 1, '', 100, lines
		from import, generate_series(1, 1000) as part
		cross join (select string_agg(gen_random_uuid()::text, ',') as lines from generate_series(1, 400)) as texts`,
		[siteId],
	);
	const { database, heldMs } = timed(muster.database);
	await deleteOldImports(database);
	expect(heldMs.length).toBeGreaterThan(10);
	expect(usual(heldMs)).toBeLessThan(lockMsMax);
	for (const table of ["import", "import_part"]) {
		expect((await admin.query(`select from muster.${table} where site_id = $1`, [siteId])).rows).toEqual([]);
	}
});

/** The longest of them but for a tenth: a machine that tests side by side makes one wait now and then. */
function usual(times: readonly number[]): number {
	const sorted = times.toSorted((one, other) => one - other);
	return sorted[Math.floor(sorted.length * 0.9) - 1] ?? Number.POSITIVE_INFINITY;
}
