import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { type BenchMuster, startMuster } from "./deployment.ts";
import { bodiesOf, csvOf, peopleOf } from "./import-rows.ts";
import { connected } from "./postgres.ts";
import { megabytesOf, peakMegabytesOf } from "./processes.ts";
import { type Sendable, sendAll } from "./sending.ts";

// `muster import` of a large CSV beside the same items as bodies that are made before the clock starts, and once more with
// SIGKILL in the middle and `muster import resume`: what is there in the end must be the same. Each has a server and a
// database of its own, one after the other.

const rows = Number(process.env.BENCH_IMPORT_ROWS ?? 100_000);
/** Requests that are under way at once: as many as the client has. */
const inFlight = 4;
const bodiesMsMax = 10 * 60_000;
const bin = fileURLToPath(new URL("../server/bin/muster.js", import.meta.url));

/** What is to be reached (issue 6). */
const marks = { rate: 0.8, importerMb: 150, growth: 1.25 };

async function main(): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "muster-bench-import-"));
	try {
		const people = peopleOf(rows);
		await writeFile(join(folder, "people.csv"), csvOf(people));
		say("prepared bodies ...");
		const prepared = await withMuster((muster) => sendBodies(muster, bodiesOf(people)));
		say("import ...");
		const calm = await withMuster((muster) => runImport(muster, folder));
		say("import, killed in the middle and resumed ...");
		const resumed = await withMuster((muster) => runKilled(muster, folder));
		process.exitCode = report(prepared, calm, resumed) ? 0 : 1;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function withMuster<T>(work: (muster: BenchMuster) => Promise<T>): Promise<T> {
	const muster = await startMuster(null);
	try {
		return await work(muster);
	} finally {
		await muster.stop();
	}
}

/** @returns items a second */
async function sendBodies(muster: BenchMuster, stages: readonly (readonly Sendable[])[]): Promise<number> {
	let [sent, elapsed] = [0, 0];
	for (const requests of stages) {
		const { items, elapsedMs } = await sendAll({
			url: muster.url,
			headers: { authorization: `Bearer ${muster.token}`, prefer: "wait=10" },
			inFlight,
			msMax: bodiesMsMax,
			requests,
			faultOf: ({ status, text }) =>
				status === 200 && text.includes('"failed":0') ? null : `answered ${status}: ${text.slice(0, 200)}`,
		});
		sent += items;
		elapsed += elapsedMs;
	}
	return (sent / elapsed) * 1_000;
}

interface Ended {
	/** Of the report, by outcome. */
	readonly counts: Readonly<Record<string, number>>;
	/** While it was sending, rows of companies included. */
	readonly perSecond: number;
	/** Of all that is stored but ids and times. */
	readonly fingerprint: string;
}

interface Imported extends Ended {
	/** With the start of the program and the reading ahead. */
	readonly wholePerSecond: number;
	readonly importerMb: number;
	/** The server's memory in the second fifth of the time, and in the last. */
	readonly serverMb: readonly [number, number];
}

async function runImport(muster: BenchMuster, folder: string): Promise<Imported> {
	const begun = performance.now();
	const importer = start(muster, folder, ["import", "people.csv", "--json"]);
	const over = new AbortController();
	const ended = readReport(importer).finally(() => over.abort());
	let importerMb = 0;
	const server: number[] = [];
	for await (const _ of ticks(over.signal)) {
		// One that has ended is listed for a moment, and has no memory.
		importerMb = Math.max(importerMb, (await peakMegabytesOf(importer.pid ?? 0).catch(() => 0)) || 0);
		server.push(await megabytesOf(muster.pid));
	}
	const report = await ended;
	const wholeMs = performance.now() - begun;
	const part = (from: number, to: number): number =>
		Math.max(...server.slice(Math.floor(server.length * from), Math.ceil(server.length * to)));
	return {
		...report,
		fingerprint: await inDatabase(muster, fingerprintOf),
		wholePerSecond: (sumOf(report.counts) / wholeMs) * 1_000,
		importerMb,
		serverMb: [part(0.2, 0.4), part(0.8, 1)],
	};
}

/** SIGKILL when half of the customers are there, then `muster import resume`. */
async function runKilled(muster: BenchMuster, folder: string): Promise<Ended> {
	const importer = start(muster, folder, ["import", "people.csv", "--json"]);
	const closed = once(importer, "close");
	await inDatabase(muster, async (client) => {
		for await (const _ of ticks(AbortSignal.timeout(bodiesMsMax))) {
			const { rows: counted } = await client.query<{ count: number }>(
				"select count(*)::int as count from muster.customer",
			);
			if ((counted[0]?.count ?? 0) >= rows / 2) break;
		}
	});
	importer.kill("SIGKILL");
	await closed;
	const report = await readReport(start(muster, folder, ["import", "resume", "--json"]));
	return { ...report, fingerprint: await inDatabase(muster, fingerprintOf) };
}

function start(muster: BenchMuster, cwd: string, parameters: readonly string[]): ChildProcess {
	return spawn(process.execPath, [bin, ...parameters], {
		cwd,
		env: {
			PATH: process.env.PATH ?? "",
			MUSTER_URL: muster.url,
			MUSTER_TOKEN: muster.token,
			MUSTER_DATA: join(cwd, "none"),
		},
		stdio: ["ignore", "pipe", "pipe"],
	});
}

async function readReport(importer: ChildProcess): Promise<Omit<Ended, "fingerprint">> {
	let [stdout, stderr] = ["", ""];
	importer.stdout?.on("data", (data: Buffer) => {
		stdout += data.toString();
	});
	importer.stderr?.on("data", (data: Buffer) => {
		stderr += data.toString();
	});
	await once(importer, "close");
	if (stdout === "") throw new Error(`the import gave no report: ${stderr}`);
	const { total, milliseconds } = JSON.parse(stdout);
	return { counts: total, perSecond: (sumOf(total) / milliseconds) * 1_000 };
}

/** How often memory and counts are looked at, in milliseconds. */
const lookMs = 50;

async function* ticks(until: AbortSignal): AsyncGenerator<void, void> {
	try {
		for await (const _ of setInterval(lookMs, undefined, { signal: until })) yield;
	} catch (error) {
		if (!until.aborted) throw error;
	}
}

function sumOf(counts: Readonly<Record<string, number>>): number {
	return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

async function inDatabase<T>(muster: BenchMuster, work: (client: pg.Client) => Promise<T>): Promise<T> {
	const client = await connected(muster.databaseUrl);
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

async function fingerprintOf(client: pg.Client): Promise<string> {
	const { rows: found } = await client.query<{ print: string }>(`
		select count(*) || ' ' || md5(string_agg(email || display_name || details::text || names, '|' order by email)) as print
		from muster.customer, lateral (
			select string_agg(name, ';' order by name) as names
			from muster.membership join muster.organization using (site_id, organization_id)
			where membership.site_id = customer.site_id and membership.customer_id = customer.customer_id
		) as organizations`);
	return found[0]?.print ?? "";
}

/** @returns whether all marks are reached */
function report(prepared: number, calm: Imported, resumed: Ended): boolean {
	const [early, late] = calm.serverMb;
	const isSame =
		calm.fingerprint === resumed.fingerprint &&
		JSON.stringify(calm.counts) === JSON.stringify(resumed.counts);
	const lines: [what: string, value: string, mark: string, isReached: boolean | null][] = [
		["prepared bodies", perSecond(prepared), "", null],
		["the import while it sends", perSecond(calm.perSecond), "", null],
		[
			"of the rate of prepared bodies",
			(calm.perSecond / prepared).toFixed(2),
			`${marks.rate} or more`,
			calm.perSecond >= marks.rate * prepared,
		],
		["the whole command, with its start and reading ahead", perSecond(calm.wholePerSecond), "", null],
		[
			"most memory of the importer",
			`${Math.round(calm.importerMb)} MB`,
			`under ${marks.importerMb} MB`,
			calm.importerMb < marks.importerMb,
		],
		[
			"memory of the server, early and late",
			`${Math.round(early)} and ${Math.round(late)} MB`,
			`at most ${marks.growth} times`,
			late <= marks.growth * early,
		],
		["records and counts after SIGKILL and resume", isSame ? "the same" : "others", "the same", isSame],
	];
	console.log(`| ${rows.toLocaleString("en")} rows of a CSV | | to be reached | |\n|---|---|---|---|`);
	for (const [what, value, mark, isReached] of lines) {
		console.log(`| ${what} | ${value} | ${mark} | ${isReached === null ? "" : isReached ? "yes" : "NO"} |`);
	}
	return lines.every(([, , , isReached]) => isReached !== false);
}

function perSecond(rate: number): string {
	return `${Math.round(rate).toLocaleString("en")}/s`;
}

/** Where the run is, on standard error: the table alone is on standard output. */
function say(what: string): void {
	process.stderr.write(`${what}\n`);
}

await main();
