import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { machine } from "../bench/report.ts";
import { type CrashPostgres, given, startBundled, startDebian } from "./postgres.ts";
import { timesOf } from "./report.ts";
import { runFleet } from "./run-fleet.ts";

/** From the last kill to the end of every task, in milliseconds. */
const lastMsMax = 5_000;

const { values: options } = parseArgs({
	options: {
		seconds: { type: "string", default: "300" },
		every: { type: "string", default: "10" },
		seed: { type: "string", default: "1" },
		on: { type: "string", default: process.env.DATABASE_URL ? "given" : "bundled" },
	},
});
const about = machine();
const times = Math.floor(Number(options.seconds) / Number(options.every));
const postgres = await start(options.on);
try {
	const outcome = await runFleet({
		postgres,
		seed: Number(options.seed),
		times,
		everyMs: Number(options.every) * 1_000,
		onRound: (round) => process.stderr.write(`${round}/${times}\n`),
	});
	const folder = new URL("./results/", import.meta.url);
	await mkdir(folder, { recursive: true });
	await writeFile(
		new URL("fleet.json", folder),
		`${JSON.stringify({ machine: about, ...outcome }, null, "\t")}\n`,
	);
	const { p50Ms, p95Ms, mostMs } = timesOf(outcome.recoveryMs.map((recoveryMs) => ({ recoveryMs })));
	console.log(
		[
			about,
			`${outcome.postgres}, seed ${outcome.seed}: two APIs behind HAProxy and two workers; one of each is killed every ${options.every} s for ${Math.round(outcome.seconds)} s`,
			`${outcome.kills} kills; ${outcome.submissions} submissions, ${outcome.calls} calls`,
			`answers: ${Object.entries(outcome.answers)
				.sort()
				.map(([answer, count]) => `${count} × ${answer}`)
				.join(", ")}`,
			`from a kill until all sent before it had ended, in ms: median ${p50Ms}, p95 ${p95Ms}, most ${mostMs}; after the last ${outcome.lastMs}`,
			`breaches: ${outcome.breaches.length}`,
			...outcome.breaches.slice(0, 40).map(({ kind, what }) => `  ${kind}: ${what}`),
		].join("\n"),
	);
	if (outcome.breaches.length > 0 || outcome.lastMs > lastMsMax) process.exitCode = 1;
} finally {
	await postgres.stop();
}

function start(on: string): Promise<CrashPostgres> {
	if (on === "given") return Promise.resolve(given(process.env.DATABASE_URL ?? ""));
	return on === "debian" ? startDebian() : startBundled();
}
