import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { makeToken } from "../server/src/domain/token.ts";
import { issueToken } from "../server/src/server/issue-token.ts";
import { createSite } from "../server/src/store/create-site.ts";
import { openDatabase } from "../server/src/store/database.ts";
import { type BenchWorker, startMuster, startWorker } from "./deployment.ts";
import { settingsOfMillions } from "./growth.ts";
import { type LoadProcess, startLoad } from "./orders.ts";
import { connected, startDebianPostgres } from "./postgres.ts";
import { cpuMsOf, cpuMsOfPostgres, postmasterOf } from "./processes.ts";
import { inFlightUsual } from "./rounds.ts";
import type { SitesOrder, SitesResult } from "./scale-load.ts";
import { itemsPerRequest } from "./workload.ts";

/** How new customers came with so many workers and sites. */
export interface Cell {
	readonly workers: number;
	readonly sites: number;
	/** Customers a second, from the first accepted to the last task ended, by the database's clock. */
	readonly rate: number;
	/** Customers a second that were answered with 202. */
	readonly accepted: number;
	/** Cores that were busy meanwhile, of all that the machine has. */
	readonly cores: Readonly<Record<"api" | "workers" | "postgres" | "load", number>>;
}

/** One process of the API and so many workers, on Debian's PostgreSQL 15; `onCell` is told of each as it comes. */
export async function measureSites(
	workerCounts: readonly number[],
	siteCounts: readonly number[],
	requests: number,
	onCell: (cell: Cell) => void,
): Promise<void> {
	const postgres = await startDebianPostgres(settingsOfMillions);
	if (postgres === null) throw new Error("Debian's PostgreSQL 15 is needed");
	const load = startLoad<SitesOrder, SitesResult>("./scale-load.ts");
	const api = await startMuster(postgres.url, ["--no-worker"]);
	const client = await connected(api.databaseUrl);
	try {
		const tokens = await makeSites(api.databaseUrl, Math.max(...siteCounts));
		for (const count of workerCounts) {
			const workers: BenchWorker[] = [];
			for (let made = 0; made < count; made += 1) workers.push(await startWorker(api.databaseUrl));
			try {
				for (const sites of siteCounts) {
					const place = { api, client, load, workers, tokens: tokens.slice(0, sites) };
					// Fields are made, and every program is warm.
					await send(place, `warm-${count}-${sites}`, Math.max(sites, 100));
					onCell(await measure(place, `run-${count}-${sites}`, Math.max(sites, requests)));
				}
			} finally {
				for (const worker of workers) await worker.stop();
			}
		}
	} finally {
		await load.stop();
		await client.end();
		await api.stop();
		await postgres.stop();
	}
}

async function makeSites(url: string, count: number): Promise<string[]> {
	const database = openDatabase({ url });
	const tokens: string[] = [];
	for (let made = 0; made < count; made += 1) {
		const token = makeToken(randomBytes(32));
		await database.inNoSite(async (transaction) => {
			const siteId = await createSite(transaction, `site-${made}`);
			if (siteId === null) throw new Error("the site is there already");
			await issueToken(transaction, { siteId, token, scopes: ["*"], expiresAt: null });
		});
		tokens.push(token);
	}
	await database.close();
	return tokens;
}

interface Place {
	readonly api: { readonly url: string; readonly pid: number };
	readonly client: pg.Client;
	readonly load: LoadProcess<SitesOrder, SitesResult>;
	readonly workers: readonly BenchWorker[];
	readonly tokens: readonly string[];
}

async function measure(place: Place, run: string, requests: number): Promise<Cell> {
	const before = await cpuOf(place);
	const result = await send(place, run, requests);
	const after = await cpuOf(place);
	const { rows } = await place.client.query<{ seconds: number; created: number }>(
		`select extract(epoch from max(ended_at) - min(accepted_at))::float8 as seconds, sum(created_count)::int as created
		from muster.task where idempotency_key like $1`,
		[`${run}-%`],
	);
	const { seconds = Number.NaN, created = 0 } = rows[0] ?? {};
	const wanted = requests * itemsPerRequest;
	if (created !== wanted) throw new Error(`${wanted} customers had to be created, ${created} were`);
	const cores = (what: keyof typeof after): number => (after[what] - before[what]) / 1_000 / seconds;
	return {
		workers: place.workers.length,
		sites: place.tokens.length,
		rate: wanted / seconds,
		accepted: (result.items / result.elapsedMs) * 1_000,
		cores: {
			api: cores("api"),
			workers: cores("workers"),
			postgres: cores("postgres"),
			load: result.cpuMs / 1_000 / seconds,
		},
	};
}

/** Sends, and waits until every task has ended. */
async function send(
	{ api, client, load, tokens }: Place,
	run: string,
	requests: number,
): Promise<SitesResult> {
	const result = await load.send({ url: api.url, tokens, run, requests, inFlight: inFlightUsual });
	for (;;) {
		const { rows } = await client.query<{ left: boolean }>(
			"select exists (select from muster.task where ended_at is null) as left",
		);
		if (rows[0]?.left !== true) return result;
		await delay(20);
	}
}

async function cpuOf({
	api,
	client,
	workers,
}: Place): Promise<Record<"api" | "workers" | "postgres", number>> {
	const ofWorkers = await Promise.all(workers.map(({ pid }) => cpuMsOf(pid)));
	return {
		api: await cpuMsOf(api.pid),
		workers: ofWorkers.reduce((sum, ms) => sum + ms, 0),
		postgres: await cpuMsOfPostgres(await postmasterOf(client)),
	};
}
