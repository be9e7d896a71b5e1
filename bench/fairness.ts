import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { type BenchMuster, startMuster } from "./deployment.ts";
import type { FloodOrder, FloodResult } from "./flood.ts";
import { startLoad } from "./orders.ts";
import { bundledPostgres, startDebianPostgres } from "./postgres.ts";
import { profileOf } from "./workload.ts";

/**
 * What a quiet site notices of one that floods the same process: `node bench/fairness.ts`, about a minute. The quiet site
 * sends one customer at a time and waits for its end, evenly spaced, first alone and then beside each flood.
 */
const quietTasks = 200;
const quietPerSecond = 40;
/** The first ones meet code that V8 has not compiled. */
const warmTasks = 100;

const floods = [
	{ name: "10,000 tasks of 1 customer", tasks: 10_000, itemsPerTask: 1, inFlight: 16 },
	{ name: "2,500 tasks of 100 customers", tasks: 2_500, itemsPerTask: 100, inFlight: 16 },
] as const;

/** What fairness is judged by (issue 4): as a multiple of the time alone, and in milliseconds. */
const must = { times: 1.5, p95Ms: 20 };

interface Times {
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly mostMs: number;
}

async function main(): Promise<void> {
	const postgres = (await startDebianPostgres()) ?? bundledPostgres;
	const muster = await startMuster(postgres.url);
	const flood = startLoad<FloodOrder, FloodResult>("./flood.ts");
	try {
		console.log(postgres.name);
		const token = await tokenOf(muster, "quiet");
		await quiet(muster.url, token, "warm", (sent) => sent < warmTasks);
		for (const { name, ...sizes } of floods) {
			const set = `flood-${sizes.itemsPerTask}`;
			const alone = await quiet(muster.url, token, `alone-${set}`, (sent) => sent < quietTasks);
			say("alone", alone);
			const flooding = flood.send({ url: muster.url, token: muster.token, set, ...sizes });
			while (!(await unfinishedOf(muster))) await delay(10);
			const began = performance.now();
			const isFlooded = watch(muster, flooding);
			const beside = await quiet(muster.url, token, `beside-${set}`, isFlooded);
			const floodMs = performance.now() - began;
			const { acceptedMs } = await flooding;
			say(`beside ${name}`, beside);
			const times = beside.p95Ms / alone.p95Ms;
			console.log(
				`  p95 ${times.toFixed(2)} times that alone (must: ${must.times}), ${beside.p95Ms.toFixed(1)} ms (must: ${must.p95Ms}); ` +
					`the flood was accepted in ${(acceptedMs / 1000).toFixed(1)} s and applied in ${(floodMs / 1000).toFixed(1)} s`,
			);
		}
	} finally {
		await flood.stop();
		await muster.stop();
		await postgres.stop();
	}
}

/** One task at a time, from its sending to its end. */
async function quiet(
	url: string,
	token: string,
	set: string,
	goesOn: (sent: number) => boolean,
): Promise<Times> {
	const pool = new Pool(url, { connections: 4 });
	const times: number[] = [];
	const begun = performance.now();
	for (let task = 0; goesOn(task); task += 1) {
		const early = begun + (task / quietPerSecond) * 1000 - performance.now();
		if (early > 0) await delay(early);
		const sent = performance.now();
		const { statusCode, body } = await pool.request({
			path: "/api/v1/customer/profile/bulk",
			method: "POST",
			headers: {
				authorization: `Bearer ${token}`,
				"content-type": "application/json",
				"idempotency-key": `${set}-${task}`,
				prefer: "wait=30",
			},
			body: JSON.stringify({ customers: [profileOf(set, 1, task)] }),
		});
		const text = await body.text();
		if (statusCode !== 200) throw new Error(`Muster answered ${statusCode}: ${text}`);
		times.push(performance.now() - sent);
	}
	await pool.destroy();
	times.sort((one, other) => one - other);
	const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN;
	return { p50Ms: at(0.5), p95Ms: at(0.95), mostMs: times.at(-1) ?? Number.NaN };
}

function say(what: string, { p50Ms, p95Ms, mostMs }: Times): void {
	console.log(
		`the quiet site ${what}: p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, most ${mostMs.toFixed(1)} ms`,
	);
}

/** Looks now and then whether the flooding site still sends or has work; the answer is that of the last look. */
function watch(muster: BenchMuster, flooding: Promise<FloodResult>): () => boolean {
	let isSending = true;
	let isFlooded = true;
	const onSent = (): void => {
		isSending = false;
	};
	flooding.then(onSent, onSent);
	void (async () => {
		while (isFlooded) {
			await delay(250);
			isFlooded = isSending || (await unfinishedOf(muster));
		}
	})();
	return () => isFlooded;
}

/** Whether the flooding site has unfinished tasks. */
async function unfinishedOf(muster: BenchMuster): Promise<boolean> {
	const answer = await fetch(`${muster.url}/api/v1/tasks?status=PROCESSING&limit=1`, {
		headers: { authorization: `Bearer ${muster.token}` },
	});
	// The contract's form of a list.
	return ((await answer.json()) as { results: unknown[] }).results.length > 0;
}

/** Makes a site and a token for it, as operators do. */
async function tokenOf(muster: BenchMuster, site: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
	const bin = fileURLToPath(new URL("../server/bin/muster.js", import.meta.url));
	const env = { PATH: process.env.PATH ?? "", MUSTER_DATA: folder, DATABASE_URL: muster.databaseUrl };
	const run = (...parameters: string[]): string =>
		execFileSync(process.execPath, [bin, ...parameters, "--json"], { env }).toString();
	run("site", "create", site);
	const made = JSON.parse(run("token", "create", "--site", site, "--scope", "*")) as { token: string };
	await rm(folder, { recursive: true, force: true });
	return made.token;
}

await main();
