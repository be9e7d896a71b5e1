import { totalmem } from "node:os";
import { type Figures, summaryOf } from "./figures.ts";
import { startDebianPostgres } from "./postgres.ts";
import { inFlightUsual } from "./rounds.ts";
import { Subject } from "./subject.ts";
import { detailsPerProfile, itemsPerRequest, profilesOf, type Workload } from "./workload.ts";

/**
 * What docs/operating.md asks of a server for millions of customers. The defaults (128 MB of buffers, a checkpoint at every
 * gigabyte of log) are for a small one: indexes that do not fit are read and written over and over.
 */
export const settingsOfMillions = {
	shared_buffers: `${Math.floor(totalmem() / 4 / 1024 ** 2)}MB`,
	max_wal_size: "8GB",
	wal_compression: "lz4",
};

/** Customers that one site holds, at least, when it is measured. */
const growthSizes = [10_000, 100_000, 1_000_000, 4_000_000];
const runs = 3;
const requests = 200;
/** Rows of one statement of the filling: each is a commit. */
const chunkRows = 100_000;

export interface Growth {
	readonly size: number;
	/** Medians, in customers a second. */
	readonly created: number;
	readonly changed: number;
	readonly bytesPerCustomer: number;
}

/** Fills one site in a PostgreSQL of its own up to `sizeMax`, and measures new and changed customers on the way. */
export async function measureGrowth(figures: Figures, sizeMax: number): Promise<readonly Growth[]> {
	const postgres = await startDebianPostgres(settingsOfMillions);
	if (postgres === null) return [];
	try {
		const subject = await Subject.start(postgres);
		try {
			return await measureSizes(
				subject,
				figures,
				growthSizes.filter((size) => size <= sizeMax),
			);
		} finally {
			await subject.stop();
		}
	} finally {
		await postgres.stop();
	}
}

async function measureSizes(
	subject: Subject,
	figures: Figures,
	sizes: readonly number[],
): Promise<readonly Growth[]> {
	const warm: Workload = { kind: "profiles", set: "warm", version: 1, requests: 50 };
	await subject.measure({ workload: warm, outcome: "created", inFlight: inFlightUsual });
	await subject.measure({
		workload: { ...warm, version: 2 },
		outcome: "updated",
		inFlight: inFlightUsual,
	});
	const before = await databaseSize(subject);
	const growth: Growth[] = [];
	let filled = 0;
	for (const size of sizes) {
		await fill(subject, filled, size);
		filled = size;
		const now = await databaseSize(subject);
		const bytesPerCustomer = (now.bytes - before.bytes) / (now.customers - before.customers);
		figures.note(`${sizeName(size)}: database per customer`, "bytes", bytesPerCustomer);
		for (let run = 1; run <= runs; run += 1) await measureAt(subject, figures, size, run);
		const median = (what: string): number => summaryOf(figures.valuesOf(`${sizeName(size)}: ${what}`)).median;
		growth.push({ size, created: median("new"), changed: median("changed"), bytesPerCustomer });
	}
	return growth;
}

/**
 * The filling ended with a checkpoint. So in a large site nearly every row is the first of its page that is written since,
 * and PostgreSQL writes the whole page to its log: that is what customers at random cost a large table, and not left out.
 */
async function measureAt(subject: Subject, figures: Figures, size: number, run: number): Promise<void> {
	const note = (what: string, rate: number, walBytes: number): void => {
		figures.note(`${sizeName(size)}: ${what}`, "/s", rate);
		figures.note(`${sizeName(size)}: ${what}, WAL`, "bytes", walBytes);
	};
	const created = await subject.measure({
		workload: { kind: "profiles", set: `grown-${size}-${run}`, version: 1, requests },
		outcome: "created",
		inFlight: inFlightUsual,
	});
	note("new", created.rate, created.walBytesPerItem);
	// Others of the set in each run, except where it is too small for that.
	const among = { customers: size, from: run * requests * itemsPerRequest };
	const workload: Workload = {
		kind: "profiles",
		set: "fill",
		version: size + run,
		requests: Math.min(requests, size / itemsPerRequest),
		among,
	};
	await readOnce(subject, workload);
	const changed = await subject.measure({ workload, outcome: "updated", inFlight: inFlightUsual });
	note("changed", changed.rate, changed.walBytesPerItem);
}

/** Customers as Muster stores them, up to `to` of the set "fill", in the same form as workload.ts makes them. */
async function fill({ client, muster }: Subject, from: number, to: number): Promise<void> {
	const details = Array.from(
		{ length: detailsPerProfile },
		(_, field) => `'field-${field}', 'value ${field} of customer ' || number || ', version 0'`,
	);
	await client.query("set synchronous_commit = off");
	for (let first = from; first < to; first += chunkRows) {
		await client.query(
			`insert into muster.customer (site_id, email, email_key, display_name, details)
			select $1, email, email, 'Customer ' || number || ' of fill', jsonb_build_object(${details.join(", ")})
			from generate_series($2::bigint, $3::bigint) as number,
				lateral (select left(md5(number || ' of fill'), 8) || '-customer-' || number || '-fill@example.com') as made (email)`,
			[muster.siteId, first, Math.min(first + chunkRows, to) - 1],
		);
	}
	await client.query("reset synchronous_commit");
	await client.query("vacuum analyze muster.customer");
	await client.query("checkpoint");
}

/** What is measured is the cost of a change, not that of a disk that has to find the page first. */
async function readOnce({ client, muster }: Subject, workload: Workload): Promise<void> {
	await client.query(
		"select sum(length(details::text)) from muster.customer where site_id = $1 and email_key = any($2)",
		[muster.siteId, profilesOf(workload).map(({ email }) => email)],
	);
}

async function databaseSize({ client }: Subject): Promise<{ bytes: number; customers: number }> {
	const answer = await client.query<{ bytes: string; customers: string }>(
		"select pg_database_size(current_database()) as bytes, (select count(*) from muster.customer) as customers",
	);
	return { bytes: Number(answer.rows[0]?.bytes), customers: Number(answer.rows[0]?.customers) };
}

/** As in "100k" and "4M". */
export function sizeName(size: number): string {
	return size < 1e6 ? `${size / 1e3}k` : `${size / 1e6}M`;
}
