import { parseArgs } from "node:util";
import { buildSearchIndexes } from "../server/src/store/search-index.ts";
import { type BenchMuster, startMuster } from "./deployment.ts";
import { bundledPostgres, connected, startDebianPostgres } from "./postgres.ts";
import { machine } from "./report.ts";
import { type SearchKind, searchKinds } from "./search-kinds.ts";
import { fillSite } from "./search-site.ts";

/**
 * Measures pages of `GET customers` and of `search-by-detail-field`, one request at a time, in a site of each size; in the largest once more with the
 * indexes of `muster search-index`. A page may end before it has found all it could (see docs/searching.md): "to the end"
 * is the time until it is full or there is nothing left, by as many requests as that takes.
 */
const turns = 20;
/** How many of them are followed to the end. */
const endTurns = 3;
const limit = 50;
/** Records ahead of the thousandth page. */
const deepPlace = 999 * limit;

/** As docs/operating.md asks for; the bundled server has its own. */
const settingsOfMillions = { shared_buffers: "2GB", max_wal_size: "8GB" };

interface Timing {
	readonly p50: number;
	readonly p95: number;
	/** Milliseconds and requests until the page is full or nothing is left, at the median. */
	readonly endMs: number;
	readonly requests: number;
}

type Column = readonly [name: string, timings: ReadonlyMap<string, Timing>];

async function main(): Promise<void> {
	const { values: options } = parseArgs({ options: { bundled: { type: "boolean", default: false } } });
	const sizes = (process.env.BENCH_SEARCH ?? "100000,1000000").split(",").map(Number);
	const postgres = options.bundled ? bundledPostgres : await startDebianPostgres(settingsOfMillions);
	if (postgres === null) throw new Error("Debian's PostgreSQL 15 is not installed; try --bundled");
	try {
		const muster = await startMuster(postgres.url);
		try {
			console.log(`${machine()}; ${postgres.name}; ${turns} requests of ${limit} records each, ms`);
			console.log(tableOf(await measureSizes(muster, sizes)));
		} finally {
			await muster.stop();
		}
	} finally {
		await postgres.stop();
	}
}

async function measureSizes(muster: BenchMuster, sizes: readonly number[]): Promise<Column[]> {
	const client = await connected(muster.databaseUrl);
	const columns: Column[] = [];
	let filled = 0;
	try {
		for (const size of sizes) {
			say(`filling up to ${size.toLocaleString("en")} ...`);
			await fillSite(client, muster, filled, size);
			filled = size;
			const deep = await client.query<{ id: string }>(
				"select customer_id as id from muster.customer where site_id = $1 order by customer_id offset $2 limit 1",
				[muster.siteId, deepPlace],
			);
			const measure = () => measureAll(muster, size, deep.rows[0]?.id ?? "");
			columns.push([size.toLocaleString("en"), await measure()]);
			if (size !== sizes.at(-1)) continue;
			await measureExport(muster, size);
			say("building the search indexes ...");
			const begun = performance.now();
			await buildSearchIndexes(muster.databaseUrl);
			console.log(`the search indexes were built in ${Math.round((performance.now() - begun) / 1000)} s`);
			columns.push([`${size.toLocaleString("en")}, search-index`, await measure()]);
		}
	} finally {
		await client.end();
	}
	return columns;
}

async function measureAll(muster: BenchMuster, size: number, deep: string): Promise<Map<string, Timing>> {
	const timings = new Map<string, Timing>();
	say(`measuring at ${size.toLocaleString("en")} ...`);
	for (const kind of searchKinds) {
		await pageOf(muster, kind, 0, size, kind.isDeep === true ? cursorOf(deep) : undefined);
		const start = kind.isDeep === true ? cursorOf(deep) : undefined;
		const pages: number[] = [];
		const ends: { readonly ms: number; readonly requests: number }[] = [];
		for (let turn = 1; turn <= turns; turn += 1) {
			let page = await pageOf(muster, kind, turn, size, start);
			pages.push(page.ms);
			if (turn > endTurns) continue;
			let { count, ms } = page;
			let requests = 1;
			for (; page.nextCursor !== undefined && count < limit; requests += 1) {
				page = await pageOf(muster, kind, turn, size, page.nextCursor);
				count += page.count;
				ms += page.ms;
			}
			ends.push({ ms, requests });
		}
		ends.sort((one, other) => one.ms - other.ms);
		const middle = ends[Math.floor(ends.length / 2)];
		timings.set(kind.name, {
			p50: quantile(pages, 0.5),
			p95: quantile(pages, 0.95),
			endMs: middle?.ms ?? Number.NaN,
			requests: middle?.requests ?? 0,
		});
	}
	return timings;
}

interface Page {
	readonly ms: number;
	readonly count: number;
	readonly nextCursor?: string;
}

async function pageOf(
	{ url, token }: BenchMuster,
	kind: SearchKind,
	turn: number,
	size: number,
	cursor: string | undefined,
): Promise<Page> {
	const query = new URLSearchParams(cursor === undefined ? {} : { cursor });
	for (const [name, values] of Object.entries(kind.queryOf(turn, size))) {
		for (const value of [values].flat()) query.append(name, value);
	}
	const body = kind.bodyOf?.(turn, size);
	const begun = performance.now();
	const response = await fetch(
		`${url}/api/v1/${body === undefined ? "customers" : "customer/search-by-detail-field"}?${query}`,
		{
			headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
			...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
		},
	);
	const text = await response.text();
	const ms = performance.now() - begun;
	if (response.status !== 200) throw new Error(`${kind.name}: ${text}`);
	// The shape of a page is that of the contract.
	const { results, nextCursor } = JSON.parse(text) as { results: unknown[]; nextCursor?: string };
	return { ms, count: results.length, ...(nextCursor && { nextCursor }) };
}

/** How fast a whole file comes, for a client that reads as fast as it can. */
async function measureExport({ url, token }: BenchMuster, size: number): Promise<void> {
	for (const format of ["csv", "jsonl"]) {
		const begun = performance.now();
		const response = await fetch(`${url}/api/v1/customers/export?format=${format}&filter=region=EU`, {
			headers: { authorization: `Bearer ${token}` },
		});
		let bytes = 0;
		for await (const chunk of response.body ?? []) bytes += chunk.length;
		const seconds = (performance.now() - begun) / 1000;
		const rate = Math.round(size / 4 / seconds).toLocaleString("en");
		console.log(`export of every fourth customer, ${format}: ${rate}/s, ${Math.round(bytes / 1e6)} MB`);
	}
}

function cursorOf(id: string): string {
	return Buffer.from(id).toString("base64url");
}

function quantile(values: readonly number[], share: number): number {
	const sorted = values.toSorted((one, other) => one - other);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function tableOf(columns: readonly Column[]): string {
	const heads = columns.map(([name]) => `${name}: p50, p95 | to the end`);
	const rows = searchKinds.map(({ name }) => {
		const cells = columns.map(([, timings]) => {
			const timing = timings.get(name);
			if (timing === undefined) return "| ";
			const { p50, p95, endMs, requests } = timing;
			return `${p50.toFixed(1)}, ${p95.toFixed(1)} | ${endMs.toFixed(0)}${requests > 1 ? ` (${requests} requests)` : ""}`;
		});
		return `| ${[name, ...cells].join(" | ")} |`;
	});
	return [`| kind | ${heads.join(" | ")} |`, `|${"---|".repeat(1 + columns.length * 2)}`, ...rows].join("\n");
}

/** Where the run is, on standard error: the table alone is on standard output. */
function say(what: string): void {
	process.stderr.write(`${what}\n`);
}

await main();
