import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Figures } from "./figures.ts";
import { type Growth, measureGrowth } from "./growth.ts";
import { parseServer } from "./peers/parse-server.ts";
import { measurePeer, peers } from "./peers.ts";
import { pictureOf } from "./picture.ts";
import { type BenchPostgres, bundledPostgres, startDebianPostgres } from "./postgres.ts";
import { jsonOf, machine, type Report, tablesOf } from "./report.ts";
import { measureRounds, type Sizes } from "./rounds.ts";
import { Subject } from "./subject.ts";

/** The order of things: the rounds, then the growth of one site, then the peers. Each part alone has the machine. */
async function main(): Promise<void> {
	const { values: options } = parseArgs({
		options: { quick: { type: "boolean", default: false }, svg: { type: "string" } },
	});
	const { env } = process;
	const sizes: Sizes = {
		rounds: Number(env.BENCH_ROUNDS ?? (options.quick ? 2 : 5)),
		requests: Number(env.BENCH_REQUESTS ?? (options.quick ? 300 : 600)),
	};
	const growthMax = Number(env.BENCH_GROWTH ?? 4_000_000);
	const about = { begun: new Date().toISOString(), machine: machine() };
	const figures = new Figures();
	say(`${sizes.rounds} rounds ...`);
	const { databases, notes } = await rounds(figures, sizes);
	let growth: readonly Growth[] = [];
	if (!options.quick) {
		say("one site that grows ...");
		growth = await measureGrowth(figures, growthMax);
		notes.push(...(await besidePeers(figures)));
	}
	const report: Report = { ...about, databases, ...sizes, figures, growth, notes };
	await save(fileURLToPath(new URL("./results/latest.json", import.meta.url)), jsonOf(report));
	if (options.svg !== undefined) await save(resolve(options.svg), pictureOf(report));
	console.log(tablesOf(report));
}

async function rounds(figures: Figures, sizes: Sizes): Promise<{ databases: string[]; notes: string[] }> {
	const postgres = await startDebianPostgres();
	try {
		const debian = postgres === null ? null : await Subject.start(postgres);
		try {
			const bundled = await Subject.start(bundledPostgres);
			try {
				await measureRounds(debian, bundled, figures, sizes);
				const databases = [await versionOf(bundledPostgres, bundled)];
				if (postgres !== null && debian !== null) databases.unshift(await versionOf(postgres, debian));
				const notes =
					debian === null ? ["Debian's PostgreSQL 15 is not installed: most is not measured."] : [];
				return { databases, notes };
			} finally {
				await bundled.stop();
			}
		} finally {
			await debian?.stop();
		}
	} finally {
		await postgres?.stop();
	}
}

async function versionOf({ name }: BenchPostgres, { client }: Subject): Promise<string> {
	const answer = await client.query<{ server_version: string }>("show server_version");
	return `${name}: ${answer.rows[0]?.server_version}`;
}

/** Rounds of Muster and the fastest peer, whose rates are set against each other. */
const peerRounds = 3;

/** @returns why a peer could not be measured, for each that could not */
async function besidePeers(figures: Figures): Promise<readonly string[]> {
	const notes = new Set<string>();
	for (let round = 1; round <= peerRounds; round += 1) {
		say("Muster beside peers ...");
		await measureBesidePeers(figures);
		for (const peer of peers) {
			if (round > 1 && peer !== parseServer) continue;
			say(`${peer.name} ...`);
			const result = await measurePeer(peer, { customers: 10_000, inFlight: 4 });
			if ("rate" in result) figures.note(`peer: ${result.name}`, "/s", result.rate);
			else notes.add(`${result.name} ${result.version} was not measured: ${result.reason}.`);
		}
	}
	return [...notes];
}

/** As a peer is measured: started anew, warm, in an empty database of its own. */
async function measureBesidePeers(figures: Figures): Promise<void> {
	const postgres = await startDebianPostgres();
	if (postgres === null) return; // there is no peer either, then
	try {
		const subject = await Subject.start(postgres);
		try {
			for (const set of ["warm", "new"]) {
				const workload = { kind: "profiles", set, version: 1, requests: 300 } as const;
				const { rate } = await subject.measure({ workload, outcome: "created", inFlight: 4 });
				if (set === "new") figures.note("new, 4 in flight, beside peers", "/s", rate);
			}
		} finally {
			await subject.stop();
		}
	} finally {
		await postgres.stop();
	}
}

async function save(path: string, text: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, text);
}

/** Where the run is, on standard error: the table alone is on standard output. */
function say(what: string): void {
	process.stderr.write(`${what}\n`);
}

// Ctrl-C reaches the servers as well: what is under way fails, and the folders are removed on the way out. The second
// one ends the bench at once.
let isStopped = false;
process.once("SIGINT", () => {
	isStopped = true;
	say("stopping ...");
});
await main().catch((error: unknown) => {
	if (!isStopped) throw error;
	process.exitCode = 130;
});
