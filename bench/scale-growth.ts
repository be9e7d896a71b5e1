import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import type pg from "pg";
import { settingsOfMillions } from "./growth.ts";
import { startDebianPostgres } from "./postgres.ts";
import { megabytesOf, megabytesOfPostgres, postmasterOf } from "./processes.ts";
import { inFlightUsual } from "./rounds.ts";
import { Subject } from "./subject.ts";
import { itemsPerRequest } from "./workload.ts";

/** What one site was like when another part of its customers had come. */
export interface Grown {
	/** In all, as the table has them. */
	readonly customers: number;
	/** Of this part: seconds, and customers a second. */
	readonly seconds: number;
	readonly rate: number;
	/** Written to the log for each of them. */
	readonly walBytes: number;
	/** On disk, in bytes: the table, its indexes, the tasks with their results, everything. */
	readonly disk: Readonly<Record<"table" | "indexes" | "tasks" | "database", number>>;
	/** Resident, in MB; what PostgreSQL's processes share is counted once. */
	readonly megabytes: Readonly<Record<"muster" | "postgres", number>>;
	/** Of the table, so far. */
	readonly upkeep: Readonly<Record<"deadRows" | "vacuums" | "analyzes" | "checkpoints", number>>;
}

/** What upkeep costs in the end, in seconds, and what an index gives back that is built anew, in bytes. */
export interface Upkeep {
	readonly vacuumSeconds: number;
	readonly reindexSeconds: number;
	readonly indexBefore: number;
	readonly indexAfter: number;
}

/** Requests of one order: all of their bodies are made before it begins. */
const orderRequests = 1_000;
/** Bytes that must stay free: a full disk is another test. */
const freeMin = 8e9;

/** Fills one site by requests of a hundred, as clients do, and looks at it behind each part. */
export async function measureGrowing(
	customers: number,
	part: number,
	onGrown: (grown: Grown) => void,
): Promise<Upkeep> {
	const postgres = await startDebianPostgres(settingsOfMillions);
	if (postgres === null) throw new Error("Debian's PostgreSQL 15 is needed");
	try {
		const subject = await Subject.start(postgres);
		try {
			for (let filled = 0; filled < customers; filled += part) {
				await expectRoom();
				onGrown(await grow(subject, filled, part));
			}
			return await upkeepOf(subject.client);
		} finally {
			await subject.stop();
		}
	} finally {
		await postgres.stop();
	}
}

async function expectRoom(): Promise<void> {
	const { bavail, bsize } = await statfs(tmpdir());
	if (bavail * bsize < freeMin) {
		throw new Error(`Only ${Math.round((bavail * bsize) / 1e9)} GB are free in ${tmpdir()}; set TMPDIR.`);
	}
}

async function grow(subject: Subject, filled: number, part: number): Promise<Grown> {
	let seconds = 0;
	let walBytes = 0;
	for (let sent = 0; sent < part; sent += orderRequests * itemsPerRequest) {
		const requests = Math.min(orderRequests, (part - sent) / itemsPerRequest);
		const measured = await subject.measure({
			workload: { kind: "profiles", set: `grown-${filled + sent}`, version: 1, requests },
			outcome: "created",
			inFlight: inFlightUsual,
		});
		seconds += measured.endedMs / 1_000;
		walBytes += measured.walBytesPerItem * measured.items;
	}
	const { rows } = await subject.client.query<Sizes>(sizesText);
	const [sizes] = rows;
	if (sizes === undefined) throw new Error("PostgreSQL told no sizes");
	return {
		customers: filled + part,
		seconds,
		rate: part / seconds,
		walBytes: walBytes / part,
		disk: sizes.disk,
		megabytes: {
			muster: await megabytesOf(subject.muster.pid),
			postgres: await megabytesOfPostgres(await postmasterOf(subject.client)),
		},
		upkeep: sizes.upkeep,
	};
}

type Sizes = Pick<Grown, "disk" | "upkeep">;

const sizesText = `
	select
		json_build_object(
			'table', pg_table_size('muster.customer'), 'indexes', pg_indexes_size('muster.customer'),
			'tasks', pg_total_relation_size('muster.task'), 'database', pg_database_size(current_database())) as disk,
		json_build_object(
			'deadRows', n_dead_tup, 'vacuums', vacuum_count + autovacuum_count,
			'analyzes', analyze_count + autoanalyze_count,
			'checkpoints', (select checkpoints_timed + checkpoints_req from pg_stat_bgwriter)) as upkeep
	from pg_stat_user_tables where schemaname = 'muster' and relname = 'customer'`;

const emailIndex = "muster.customer_site_id_email_key_key";

async function upkeepOf(client: pg.Client): Promise<Upkeep> {
	const size = async (): Promise<number> => {
		const { rows } = await client.query<{ bytes: string }>("select pg_relation_size($1) as bytes", [
			emailIndex,
		]);
		return Number(rows[0]?.bytes);
	};
	const vacuumSeconds = await secondsOf(client, "vacuum (analyze) muster.customer");
	const indexBefore = await size();
	const reindexSeconds = await secondsOf(client, `reindex index concurrently ${emailIndex}`);
	return { vacuumSeconds, reindexSeconds, indexBefore, indexAfter: await size() };
}

async function secondsOf(client: pg.Client, text: string): Promise<number> {
	const beganMs = performance.now();
	await client.query(text);
	return (performance.now() - beganMs) / 1_000;
}
