import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { machine } from "../bench/report.ts";
import { Chance } from "./chance.ts";
import { Deployment } from "./deployment.ts";
import { layOut } from "./earlier.ts";
import { History } from "./history.ts";
import { Load } from "./load.ts";
import { ownBin } from "./member.ts";
import { startBundled } from "./postgres.ts";
import { refusedOf } from "./run-fleet.ts";
import { answersOf, verdictOf } from "./run-rounds.ts";

// A rolling upgrade, carried out: two APIs behind HAProxy and two workers of an earlier commit are replaced by those of this
// checkout one after the other, under load. The first of the new ones brings the database to its schema beside the old ones.

/** How long old and new go on side by side before the next one's turn, in milliseconds. */
const besideMs = 4_000;
const endMsMax = 30_000;

const { values: options } = parseArgs({ options: { from: { type: "string" } } });
const about = machine();
const earlier = await layOut(options.from);
const postgres = await startBundled();
try {
	const chance = new Chance(1);
	const deployment = await Deployment.start(postgres, { apis: 2, workers: 2 }, true, earlier.bin);
	const history = new History();
	const load = new Load(deployment, history, chance);
	try {
		await deployment.proxy?.seesAll();
		await delay(besideMs);
		for (const member of deployment.members) {
			await member.end("SIGTERM");
			member.bin = ownBin;
			member.start();
			await member.ready;
			await deployment.proxy?.seesAll();
			process.stderr.write(`a new ${member.part}\n`);
			await delay(besideMs);
		}
		await load.stop(endMsMax);
		const { breaches } = await verdictOf(deployment, history);
		const all = [...breaches, ...refusedOf(history)];
		const client = await deployment.connect();
		const { rows } = await client.query<{ count: number }>(
			"select count(*)::int as count from muster.migration",
		);
		await client.end();
		console.log(
			[
				about,
				`from ${earlier.commit} with ${earlier.migrations} migrations to this checkout with ${rows[0]?.count}`,
				`${history.submissions.size} submissions; answers: ${JSON.stringify(answersOf(history))}`,
				`breaches: ${all.length}`,
				...all.slice(0, 40).map(({ kind, what }) => `  ${kind}: ${what}`),
			].join("\n"),
		);
		if (all.length > 0) process.exitCode = 1;
	} finally {
		await load.stop(0);
		await deployment.stop();
	}
} finally {
	await postgres.stop();
	await earlier.remove();
}
