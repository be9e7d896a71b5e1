import pg from "pg";
import { expect, test } from "vitest";
import { startMuster } from "../muster.ts";

/** Customers of one request, and requests: so many that reading all customers for each of them stands out. */
const each = 100;
const requests = 60;

test("a site that is filled from nothing is looked up by key, also by its foreign keys, before PostgreSQL has looked at it", async () => {
	const muster = await startMuster();
	const admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
	try {
		for (const table of ["customer", "organization", "membership", "task"]) {
			await admin.query(`alter table muster.${table} set (autovacuum_enabled = off)`);
		}
		const site = await muster.aSite();
		const organizations = Array.from({ length: 100 }, (_, place) => ({ name: `Company ${place}` }));
		await site.run("organization/profile/bulk", { organizations });
		for (let request = 0; request < requests; request += 1) {
			const customers = Array.from({ length: each }, (_, place) => ({
				email: `person-${request}-${place}@example.com`,
				organizations: [`Company ${place}`],
			}));
			const task = await site.run("customer/profile/bulk", { customers });
			expect(task.summary).toMatchObject({ created: each, failed: 0 });
		}
		// What a connection has read is told when it ends.
		await admin.query(
			"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
		);
		const { rows } = await admin.query<{ read: string }>(
			"select sum(idx_tup_read) as read from pg_stat_user_indexes where relname in ('customer', 'organization')",
		);
		// A look-up by email and two by foreign keys, and what the first few claims read with plans for empty tables. Where those
		// plans stay, it is a tenth of the site for every row, and more the longer it goes on.
		expect(Number(rows[0]?.read)).toBeLessThan(requests * each * 60);
	} finally {
		await admin.end();
		await muster.close();
	}
}, 60_000);
