import { randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { machine } from "../bench/report.ts";
import { type CrashPostgres, given, startBundled, startDebian } from "./postgres.ts";
import { jsonOf, tablesOf, tooLong } from "./report.ts";
import { runRounds } from "./run-rounds.ts";
import { schedule } from "./schedule.ts";

const { values: options } = parseArgs({
	options: {
		kills: { type: "string", default: "100" },
		seed: { type: "string", default: String(randomInt(1_000_000)) },
		on: { type: "string", default: process.env.DATABASE_URL ? "given" : "bundled" },
		seconds: { type: "string", default: "3600" },
	},
});
const about = machine();
const seed = Number(options.seed);
process.stderr.write(`seed ${seed}\n`);
const postgres = await start(options.on);
try {
	const outcome = await runRounds({
		postgres,
		seed,
		faultsOf: schedule,
		killsMax: Number(options.kills),
		msMax: Number(options.seconds) * 1_000,
		onRound: ({ fault, hit }, kills) =>
			process.stderr.write(`${String(kills).padStart(5)}  ${fault}${hit ? "" : " (missed)"}\n`),
	});
	const folder = new URL("./results/", import.meta.url);
	await mkdir(folder, { recursive: true });
	await writeFile(
		new URL("latest.json", folder),
		`${JSON.stringify({ machine: about, ...jsonOf(outcome) }, null, "\t")}\n`,
	);
	console.log(`${about}\n${tablesOf(outcome)}`);
	if (outcome.breaches.length > 0 || tooLong(outcome).length > 0) process.exitCode = 1;
} finally {
	await postgres.stop();
}

function start(on: string): Promise<CrashPostgres> {
	switch (on) {
		case "bundled":
			return startBundled();
		case "debian":
			return startDebian();
		case "given":
			return Promise.resolve(given(process.env.DATABASE_URL ?? ""));
		default:
			throw new Error(`--on takes bundled, debian or given, not ${on}`);
	}
}
