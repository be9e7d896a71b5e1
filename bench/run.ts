import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { copyRows, prepareTable, upsertLoop } from "./comparisons.ts";
import { type BenchMuster, type BenchPostgres, startDebianPostgres, startMuster } from "./deployment.ts";
import type { LoadOrder, LoadResult, Workload } from "./workload.ts";

/** Rounds of everything, one after the other, so that a slow minute of the machine hits all alike. */
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
/** Requests of 100 profiles in one measurement. */
const requests = Number(process.env.BENCH_REQUESTS ?? 200);
const inFlight = 16;

/** Items a second, or milliseconds, of every round. */
type Figures = Map<string, number[]>;

async function measure(server: BenchPostgres): Promise<Figures> {
	const muster = await startMuster(server.url);
	const load = startLoad();
	const client = new pg.Client({ connectionString: muster.databaseUrl });
	try {
		await client.connect();
		return await measureRounds(muster, load, client);
	} finally {
		await client.end();
		load.stdin.end();
		await muster.stop();
	}
}

async function measureRounds(muster: BenchMuster, load: Load, client: pg.Client): Promise<Figures> {
	const figures: Figures = new Map();
	const note = (name: string, value: number): void => {
		figures.set(name, [...(figures.get(name) ?? []), value]);
	};
	await warmUp(load, muster);
	for (let round = 0; round < rounds; round += 1) {
		const set = `round-${round}`;
		const rows = requests * 100;
		const workload = (version: number): Workload => ({ kind: "profiles", set, version, requests });
		await prepareTable(client);
		note("COPY, rows/s", (rows / (await copyRows(client, workload(1), muster.siteId))) * 1000);
		await prepareTable(client);
		note("loop, new/s", (rows / (await upsertLoop(client, workload(1), muster.siteId))) * 1000);
		const cpuBefore = await muster.cpuMs();
		const created = await run(load, muster, workload(1));
		note("Muster, new/s", rate(created));
		note("Muster, CPU us per new customer", (((await muster.cpuMs()) - cpuBefore) * 1000) / rows);
		note("accept p50, ms", created.p50Ms);
		note("accept p99, ms", created.p99Ms);
		note("loop, changed/s", (rows / (await upsertLoop(client, workload(2), muster.siteId))) * 1000);
		note("Muster, changed/s", rate(await run(load, muster, workload(2))));
		note("Muster, unchanged/s", rate(await run(load, muster, workload(2))));
		note(
			"Muster, 1 % faulty/s",
			rate(await run(load, muster, { ...workload(1), kind: "faulty", set: `${set}f` })),
		);
		note("Muster, details only/s", rate(await run(load, muster, { ...workload(3), kind: "details" })));
		note("Muster, organizations/s", rate(await run(load, muster, { ...workload(1), kind: "organizations" })));
		note(
			"Muster, profiles with organizations/s",
			rate(await run(load, muster, { ...workload(1), kind: "linked", set: `${set}l` })),
		);
		for (const count of [1, 4, 64]) {
			note(
				`Muster, new/s, ${count} in flight`,
				rate(await run(load, muster, { ...workload(1), set: `${set}-${count}` }, count)),
			);
		}
		const waited = await run(load, muster, { ...workload(1), set: `${set}w`, requests: 50 }, 1, true);
		note("accept to ended p50, ms", waited.p50Ms);
		note("accept to ended p99, ms", waited.p99Ms);
		note("resident MB", (await muster.residentBytes()) / 1e6);
	}
	return figures;
}

async function warmUp(load: Load, muster: BenchMuster): Promise<void> {
	await run(load, muster, { kind: "organizations", set: "linked", version: 1, requests: 10 });
	for (const version of [1, 2, 2]) {
		await run(load, muster, { kind: "profiles", set: "warm", version, requests: 100 });
	}
}

type Load = ChildProcessWithoutNullStreams;

function startLoad(): Load {
	const load = spawn(process.execPath, [fileURLToPath(new URL("./load.ts", import.meta.url))]);
	load.stderr.pipe(process.stderr);
	return load;
}

let runs = 0;

async function run(
	load: Load,
	{ url, token }: BenchMuster,
	workload: Workload,
	inFlightNow = inFlight,
	waits = false,
): Promise<LoadResult> {
	runs += 1;
	const order: LoadOrder = { url, token, run: `run-${runs}`, workload, inFlight: inFlightNow, waits };
	load.stdin.write(`${JSON.stringify(order)}\n`);
	let text = "";
	while (!text.endsWith("\n")) {
		const [part] = await once(load.stdout, "data");
		text += String(part);
	}
	// Written by load.ts of this folder.
	return JSON.parse(text) as LoadResult;
}

function rate({ items, endedMs }: LoadResult): number {
	return (items / endedMs) * 1000;
}

interface Summary {
	readonly median: number;
	readonly least: number;
	readonly most: number;
}

function summary(values: readonly number[]): Summary {
	const ordered = [...values].sort((one, other) => one - other);
	return {
		median: ordered[Math.floor(ordered.length / 2)] ?? 0,
		least: ordered[0] ?? 0,
		most: ordered.at(-1) ?? 0,
	};
}

function print(name: string, figures: Figures): void {
	const median = (figure: string): number => summary(figures.get(figure) ?? []).median;
	console.log(`\n${name}, on ${machine()}; medians of ${rounds} rounds (least to most)`);
	for (const [figure, values] of figures) {
		const { median: middle, least, most } = summary(values);
		console.log(`  ${figure.padEnd(40)} ${round(middle).padStart(9)}   (${round(least)} to ${round(most)})`);
	}
	const ratios = [
		["new : the loop", median("Muster, new/s") / median("loop, new/s")],
		["changed : the loop", median("Muster, changed/s") / median("loop, changed/s")],
		["new : COPY", median("Muster, new/s") / median("COPY, rows/s")],
		["unchanged : new", median("Muster, unchanged/s") / median("Muster, new/s")],
	] as const;
	for (const [figure, ratio] of ratios) console.log(`  ${figure.padEnd(40)} ${ratio.toFixed(2).padStart(9)}`);
}

function round(value: number): string {
	return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

function machine(): string {
	const [first] = cpus();
	return `${cpus().length} cores of ${first?.model ?? "an unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

async function main(): Promise<void> {
	const debian = await startDebianPostgres();
	const bundled: BenchPostgres = { name: "bundled PostgreSQL", url: null, stop: async () => undefined };
	const report: Record<string, unknown> = { machine: machine(), rounds, requests, inFlight };
	for (const server of debian === null ? [bundled] : [debian, bundled]) {
		const figures = await measure(server).finally(server.stop);
		report[server.name] = Object.fromEntries([...figures].map(([name, values]) => [name, summary(values)]));
		print(server.name, figures);
	}
	await mkdir(new URL("./results/", import.meta.url), { recursive: true });
	await writeFile(
		new URL("./results/latest.json", import.meta.url),
		`${JSON.stringify(report, null, "\t")}\n`,
	);
}

await main();
