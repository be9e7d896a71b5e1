import { outcomes, problemCodes } from "@muster/client/contract";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Answered } from "../http/app.ts";
import type { PooledDatabase } from "../store/database.ts";
import type { Ended } from "../store/finish-tasks.ts";
import { readQueueState } from "../store/queue-state.ts";
import { readWorkerSeen } from "../store/worker-seen.ts";

/** Unfinished tasks are counted up to here, which is as many as there may be (accept stops at it). */
const unfinishedMax = 100_000;

/** From an accept on an idle machine to a request that is given up. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const claimBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Listed {
	readonly name: string;
	/** counter, gauge or histogram. */
	readonly type: string;
	readonly help: string;
	readonly labels: readonly string[];
}

/**
 * What a process counts, in the form that Prometheus reads. Sums over all sites: nothing is told of a customer, and no site
 * is named. Counters are of this process; what is read from the database when somebody asks is the same on each.
 */
export class Metrics {
	readonly #registry: Registry = new Registry();
	readonly #requests = this.#histogram(
		"muster_http_request_duration_seconds",
		"Requests by route and status, and the time from their headers to the last byte of the answer",
		requestBuckets,
		["route", "status"],
	);
	readonly #problems = this.#counter(
		"muster_http_problems_total",
		"Requests that were refused, by the code of the problem; rate_limited among them",
		["code"],
	);
	readonly #replays = this.#counter(
		"muster_idempotent_replays_total",
		"Requests answered with the task of an earlier one, by their Idempotency-Key",
	);
	readonly #submitted = this.#counter("muster_tasks_submitted_total", "Tasks accepted");
	readonly #finished = this.#counter(
		"muster_tasks_finished_total",
		"Tasks ended: completed, or failed as a whole",
		["status"],
	);
	readonly #items = this.#counter("muster_items_total", "Items of ended tasks, dry runs included", [
		"outcome",
	]);
	readonly #claims = this.#histogram(
		"muster_claim_duration_seconds",
		"Time from the beginning of a claim, which is a number of tasks applied together, to its commit",
		claimBuckets,
	);
	readonly #up = this.#gauge("muster_database_up", "1 where the database could be asked just now, else 0");
	readonly #unfinished = this.#gauge(
		"muster_tasks_unfinished",
		`Tasks of all sites that have not ended, counted up to ${unfinishedMax}`,
	);
	readonly #oldest = this.#gauge(
		"muster_oldest_unfinished_task_age_seconds",
		"Time since the oldest task that has not ended was accepted; 0 where there is none",
	);
	readonly #workerSeen = this.#gauge(
		"muster_worker_last_seen_seconds",
		"Time since any worker on this database noted that it runs, as each does every 5 s",
	);
	readonly #connections = this.#gauge(
		"muster_database_connections",
		"Connections of this process to the database",
		["state"],
	);
	readonly #waiting = this.#gauge(
		"muster_database_waiting",
		"Transactions of this process that wait for a connection",
	);

	/** @param version of the program, such as "0.1.0" */
	constructor(version: string) {
		const build = this.#gauge("muster_build_info", "1, with the versions of Muster and Node", [
			"version",
			"node",
		]);
		build.set({ version, node: process.versions.node }, 1);
		this.#beginAtZero();
		collectDefaultMetrics({ register: this.#registry });
	}

	onAnswered({ route, status, seconds, problem, isReplay }: Answered): void {
		this.#requests.observe({ route, status }, seconds);
		if (problem !== null) this.#problems.inc({ code: problem });
		if (isReplay) this.#replays.inc();
	}

	onAccepted(count: number): void {
		this.#submitted.inc(count);
	}

	onApplied({ failed, summaries }: Ended, seconds: number): void {
		this.#claims.observe(seconds);
		this.#finished.inc({ status: "completed" }, summaries.length - failed);
		this.#finished.inc({ status: "failed" }, failed);
		for (const { total: _, ...outcomes } of summaries) {
			for (const [outcome, count] of Object.entries(outcomes)) this.#items.inc({ outcome }, count);
		}
	}

	/** What there is now, as text. A database that is away is told of, and ends nothing. */
	async read(database: PooledDatabase): Promise<{ readonly type: string; readonly text: string }> {
		const { open, idle, waiting } = database.connections();
		this.#connections.set({ state: "idle" }, idle);
		this.#connections.set({ state: "busy" }, open - idle);
		this.#waiting.set(waiting);
		await this.#askDatabase(database);
		return { type: this.#registry.contentType, text: await this.#registry.metrics() };
	}

	/** What there is, for the documentation. */
	list(): readonly Listed[] {
		return this.#registry.getMetricsAsArray().map((metric) => ({
			name: metric.name,
			type: String(metric.type),
			help: metric.help,
			// prom-client has it and does not declare it.
			labels: (metric as unknown as { readonly labelNames: readonly string[] }).labelNames,
		}));
	}

	async #askDatabase(database: PooledDatabase): Promise<void> {
		try {
			const [queue, seen] = await database.inNoSite((transaction) =>
				Promise.all([readQueueState(transaction, unfinishedMax), readWorkerSeen(transaction)]),
			);
			this.#up.set(1);
			this.#unfinished.set(queue.unfinished);
			this.#oldest.set(queue.oldestSeconds);
			if (seen !== null) this.#workerSeen.set(seen);
		} catch {
			this.#up.set(0);
			// What is not known is not told.
			for (const gauge of [this.#unfinished, this.#oldest, this.#workerSeen]) gauge.remove();
		}
	}

	/** A series that comes into being with its first event has not grown by it: an alert on its growth would miss that one. */
	#beginAtZero(): void {
		for (const code of Object.keys(problemCodes)) this.#problems.inc({ code }, 0);
		for (const status of ["completed", "failed"]) this.#finished.inc({ status }, 0);
		for (const outcome of outcomes) this.#items.inc({ outcome }, 0);
	}

	#counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
		return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
	}

	#gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
		return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
	}

	#histogram(
		name: string,
		help: string,
		buckets: readonly number[],
		labelNames: readonly string[] = [],
	): Histogram {
		return new Histogram({
			name,
			help,
			buckets: [...buckets],
			labelNames: [...labelNames],
			registers: [this.#registry],
		});
	}
}
