import type pg from "pg";
import { type BenchMuster, startMuster } from "./deployment.ts";
import type { LoadOrder, LoadResult, PollOrder, SubmitOrder } from "./load.ts";
import { type LoadProcess, startLoad } from "./orders.ts";
import { type BenchPostgres, connected } from "./postgres.ts";
import { cpuMsOf, cpuMsOfPostgres, postmasterOf } from "./processes.ts";
import { itemsPerRequest, type Workload } from "./workload.ts";

export type Outcome = "created" | "updated" | "unchanged";

/** What is to be sent, and what has to become of every item: a rate of anything else is no rate. */
export interface Measurement {
	readonly workload: Workload;
	readonly outcome: Outcome;
	/** In each request; none unless it is said. */
	readonly faultyItems?: number;
	readonly inFlight: number;
	readonly perSecond?: number;
	readonly waits?: boolean;
	readonly startAt?: number;
}

export interface Measured extends LoadResult {
	/** Items a second, from the first request sent to the end of the last task. */
	readonly rate: number;
	/** Microseconds an item. */
	readonly cpuUs: { readonly muster: number; readonly postgres: number; readonly load: number };
	readonly walBytesPerItem: number;
}

/** A Muster with its PostgreSQL and its load: what is measured. */
export class Subject {
	readonly muster: BenchMuster;
	readonly client: pg.Client;
	readonly #load: LoadProcess<LoadOrder, LoadResult>;
	readonly #poller: LoadProcess<LoadOrder, LoadResult>;
	readonly #postmaster: number;
	#runs = 0;

	static async start(postgres: BenchPostgres): Promise<Subject> {
		const muster = await startMuster(postgres.url);
		const client = await connected(muster.databaseUrl);
		return new Subject(muster, client, await postmasterOf(client));
	}

	private constructor(muster: BenchMuster, client: pg.Client, postmaster: number) {
		this.muster = muster;
		this.client = client;
		this.#postmaster = postmaster;
		this.#load = startLoad("./load.ts");
		// Polls beside a load come from a process of their own, or they would wait for that load's event loop.
		this.#poller = startLoad("./load.ts");
	}

	/** @throws when not every item became what it had to */
	async measure(measurement: Measurement): Promise<Measured> {
		this.#runs += 1;
		const run = `run-${this.#runs}`;
		const { outcome: _, faultyItems: __, ...sent } = measurement;
		const order: SubmitOrder = { ...this.#place(), run, ...sent };
		const before = await this.#counters();
		const result = await this.#load.send(order);
		const after = await this.#counters();
		await this.#check(run, measurement);
		const each = (total: number): number => total / result.items;
		return {
			...result,
			rate: (result.items / result.endedMs) * 1000,
			cpuUs: {
				muster: each(after.musterMs - before.musterMs) * 1000,
				postgres: each(after.postgresMs - before.postgresMs) * 1000,
				load: each(result.cpuMs) * 1000,
			},
			walBytesPerItem: each(after.walBytes - before.walBytes),
		};
	}

	/** Asks for an ended task. */
	poll(
		order: Pick<PollOrder, "taskId" | "polls" | "inFlight" | "perSecond" | "startAt">,
	): Promise<LoadResult> {
		return this.#poller.send({ ...this.#place(), ...order });
	}

	async stop(): Promise<void> {
		await this.#load.stop();
		await this.#poller.stop();
		await this.client.end();
		await this.muster.stop();
	}

	#place(): { url: string; token: string } {
		return { url: this.muster.url, token: this.muster.token };
	}

	async #counters(): Promise<{ musterMs: number; postgresMs: number; walBytes: number }> {
		const answer = await this.client.query<{ bytes: string }>(
			"select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes",
		);
		return {
			musterMs: await cpuMsOf(this.muster.pid),
			postgresMs: await cpuMsOfPostgres(this.#postmaster),
			walBytes: Number(answer.rows[0]?.bytes),
		};
	}

	async #check(run: string, { workload, outcome, faultyItems = 0 }: Measurement): Promise<void> {
		await this.client.query("select set_config('muster.site', $1, false)", [this.muster.siteId]);
		const answer = await this.client.query<{ done: string; failed: string; unended: string }>(
			`select sum(${outcome}_count) as done, sum(failed_count) as failed, count(*) filter (where ended_at is null) as unended
			from muster.task where site_id = $1 and idempotency_key like $2`,
			[this.muster.siteId, `${run}-%`],
		);
		const { done, failed, unended } = answer.rows[0] ?? {};
		const faulty = workload.requests * faultyItems;
		const wanted = workload.requests * itemsPerRequest - faulty;
		if (Number(done) === wanted && Number(failed) === faulty && Number(unended) === 0) return;
		throw new Error(
			`Of ${workload.kind} of ${workload.set}, ${wanted} had to be ${outcome} and ${faulty} to fail; ` +
				`${done} were and ${failed} did, and ${unended} tasks have not ended.`,
		);
	}
}
