import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Client } from "pg";
import { Pool } from "undici";
import { type BenchMuster, startMuster } from "./deployment.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { startLoad } from "./orders.ts";
import { bundledPostgres, connected, startDebianPostgres } from "./postgres.ts";
import { cpuMsOf, cpuMsOfPostgres, peakMegabytesOf, postmasterOf } from "./processes.ts";
import { inFlightUsual } from "./rounds.ts";
import { itemsPerRequest, profileOf } from "./workload.ts";

/**
 * A file of new customers by `imports`, beside the same number by bulk requests, half of them before and half behind:
 * `npm run bench:imports -- --rows 1000000`. It says whether memory stays flat, whether the file is as fast as requests, and
 * how right progress and the estimated end are after the first tenth: the worst look, and how many are within 10 per cent.
 */
const { values } = parseArgs({ options: { rows: { type: "string", default: "200000" } } });
const rows = Math.ceil(Number(values.rows) / itemsPerRequest) * itemsPerRequest;

/** The first ones meet code that V8 has not compiled. */
const warmRequests = 300;
/** Most bulk requests in one order: their bodies are made before the clock starts. */
const orderRequestsMax = 1_000;
const lookMs = 250;
/** As a part of the whole time (issue 7). */
const rightWithin = 0.1;

/** What was used so far, or for one customer: CPU in microseconds, and log of PostgreSQL in bytes. */
interface Cost {
	readonly muster: number;
	readonly postgres: number;
	readonly log: number;
}

/** Customers a second, and what one costs. */
interface Measured {
	readonly perSecond: number;
	readonly cost: Cost;
}

interface Look {
	readonly atMs: number;
	readonly megabytes: number;
	readonly progress: number;
	/** When it will end, by the same clock; null where it is not said. */
	readonly endMs: number | null;
}

async function main(): Promise<void> {
	const postgres = (await startDebianPostgres()) ?? bundledPostgres;
	const muster = await startMuster(postgres.url);
	const client = await connected(muster.databaseUrl);
	const load = startLoad<LoadOrder, LoadResult>("./load.ts");
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
	try {
		const postmaster = await postmasterOf(client);
		const used = async (): Promise<Cost> => ({
			muster: (await cpuMsOf(muster.pid)) * 1_000,
			postgres: (await cpuMsOfPostgres(postmaster)) * 1_000,
			log: await logBytes(client),
		});
		const costSince = async (before: Cost, items: number): Promise<Cost> => {
			const now = await used();
			return {
				muster: (now.muster - before.muster) / items,
				postgres: (now.postgres - before.postgres) / items,
				log: (now.log - before.log) / items,
			};
		};
		const bulk = async (name: string, requests: number): Promise<Measured> => {
			const before = await used();
			let tookMs = 0;
			for (let from = 0; from < requests; from += orderRequestsMax) {
				const set = `${name}-${from}`;
				const count = Math.min(orderRequestsMax, requests - from);
				const workload = { kind: "profiles", set, version: 1, requests: count } as const;
				const order = { url: muster.url, token: muster.token, inFlight: inFlightUsual, run: set, workload };
				tookMs += (await load.send(order)).endedMs;
			}
			const items = requests * itemsPerRequest;
			return { perSecond: (items / tookMs) * 1_000, cost: await costSince(before, items) };
		};
		const path = join(folder, "customers.jsonl");
		await pipeline(Readable.from(linesOf("file", rows)), createWriteStream(path));
		console.log(
			`${postgres.name}; a file of ${rows.toLocaleString("en")} customers, ${Math.round((await stat(path)).size / 1e6)} MB`,
		);
		await bulk("warm", warmRequests);
		// As many as the file has: tables grow, and checkpoints come, alike by both ways.
		const requests = Math.ceil(rows / itemsPerRequest / 2);
		const before = await bulk("before", requests);
		const peakBefore = await peakMegabytesOf(muster.pid);
		const usedBefore = await used();
		const { looks, endedMs } = await importFile(muster, path);
		const cost = await costSince(usedBefore, rows);
		const peak = await peakMegabytesOf(muster.pid);
		const behind = await bulk("behind", requests);
		report({ looks, endedMs, cost, before, behind, peakBefore, peak });
	} finally {
		await client.end();
		await load.stop();
		await muster.stop();
		await postgres.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

async function logBytes(client: Client): Promise<number> {
	const { rows } = await client.query<{ bytes: string }>(
		"select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes",
	);
	return Number(rows[0]?.bytes);
}

/** Sends the file, and looks at the import until its last task has ended. */
async function importFile(muster: BenchMuster, path: string): Promise<{ looks: Look[]; endedMs: number }> {
	const pool = new Pool(muster.url, { connections: 1, headersTimeout: 0, bodyTimeout: 0 });
	const began = performance.now();
	const sent = pool.request({
		path: "/api/v1/imports?operation=customer.profile",
		method: "POST",
		headers: {
			authorization: `Bearer ${muster.token}`,
			"content-type": "application/x-ndjson",
			"content-length": String((await stat(path)).size),
			"idempotency-key": "the-file",
		},
		body: createReadStream(path),
	});
	const looks: Look[] = [];
	for (;;) {
		await delay(lookMs);
		const found = await lookAt(muster);
		if (found === null) continue;
		const atMs = performance.now() - began;
		if (found.status === "COMPLETED") {
			const { statusCode } = await sent;
			if (statusCode !== 202 || found.summary.created !== rows) {
				throw new Error(`the import was answered ${statusCode}, and created ${found.summary.created}`);
			}
			await pool.destroy();
			const tookMs = Date.parse(found.completedDate ?? "") - Date.parse(found.createdDate);
			return { looks, endedMs: tookMs };
		}
		looks.push({
			atMs,
			megabytes: await residentMegabytesOf(muster.pid),
			progress: found.progress ?? 0,
			endMs:
				found.estimatedEndDate === undefined
					? null
					: Date.parse(found.estimatedEndDate) - Date.parse(found.createdDate),
		});
	}
}

/** What is read of an import; the contract has the rest. */
interface Found {
	readonly status: string;
	readonly createdDate: string;
	readonly completedDate?: string;
	readonly estimatedEndDate?: string;
	readonly progress?: number;
	readonly summary: { readonly created: number };
}

async function lookAt(muster: BenchMuster): Promise<Found | null> {
	const answer = await fetch(`${muster.url}/api/v1/imports?limit=1`, {
		headers: { authorization: `Bearer ${muster.token}` },
	});
	// The contract's form of a list.
	return ((await answer.json()) as { results: Found[] }).results[0] ?? null;
}

function report(seen: {
	readonly looks: readonly Look[];
	readonly endedMs: number;
	readonly cost: Cost;
	readonly before: Measured;
	readonly behind: Measured;
	readonly peakBefore: number;
	readonly peak: number;
}): void {
	const { looks, endedMs, cost, before, behind, peakBefore, peak } = seen;
	const rate = (rows / endedMs) * 1_000;
	const shown = (number: number): string => Math.round(number).toLocaleString("en");
	const told = ({ perSecond, cost }: Measured): string =>
		`${shown(perSecond)} (${cost.muster.toFixed(1)} us of Muster's CPU and ${cost.postgres.toFixed(1)} of PostgreSQL's each, and ${shown(cost.log)} bytes of log)`;
	const times = rate / ((before.perSecond + behind.perSecond) / 2);
	console.log(
		`customers a second: by the file ${told({ perSecond: rate, cost })}; by requests ${told(before)} before and ${told(behind)} behind; ${times.toFixed(2)} times`,
	);
	const quarter = (place: number): string => {
		const part = looks.slice(
			Math.floor((looks.length * place) / 4),
			Math.floor((looks.length * (place + 1)) / 4),
		);
		return shown(part.reduce((sum, { megabytes }) => sum + megabytes, 0) / part.length);
	};
	console.log(
		`resident, by quarters of the import: ${[0, 1, 2, 3].map(quarter).join(", ")} MB; at most ${shown(peak)}, ${shown(peakBefore)} before it`,
	);
	const judged = looks.filter(({ progress }) => progress >= 0.1);
	const ends = judged.map(({ endMs }) =>
		endMs === null ? Number.POSITIVE_INFINITY : Math.abs(endMs - endedMs) / endedMs,
	);
	const shares = judged.map(({ progress, atMs }) => Math.abs(progress - atMs / endedMs));
	const within = (wrong: readonly number[]): string =>
		percent(wrong.filter((part) => part <= rightWithin).length / wrong.length);
	console.log(
		`after the first tenth, of ${judged.length} looks: the estimated end was wrong by ${percent(Math.max(...ends))} of the whole time at most, ${percent(median(ends))} in the middle, and within 10 per cent in ${within(ends)} of them; progress by ${percent(Math.max(...shares))} at most, and within 10 in ${within(shares)}`,
	);
	// An end can be told as well as the rate stays what it is: what others did on the machine is seen here.
	const tenths = Array.from({ length: 9 }, (_, tenth) => {
		const reached = (part: number): number => looks.find(({ progress }) => progress >= part)?.atMs ?? endedMs;
		return (rows / 10 / (reached((tenth + 2) / 10) - reached((tenth + 1) / 10))) * 1_000;
	});
	console.log(`customers a second, by tenths of the file behind the first: ${tenths.map(shown).join(", ")}`);
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} per cent`;
}

function median(numbers: readonly number[]): number {
	return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** The memory that is resident now (VmRSS), in MB. */
async function residentMegabytesOf(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}

function* linesOf(set: string, count: number): Generator<string, void> {
	for (let from = 0; from < count; from += 1_000) {
		const numbers = Array.from({ length: Math.min(1_000, count - from) }, (_, place) => from + place);
		yield numbers.map((number) => `${JSON.stringify(profileOf(set, 1, number))}\n`).join("");
	}
}

await main();
