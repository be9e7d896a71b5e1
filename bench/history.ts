import { setTimeout as delay } from "node:timers/promises";
import { Figures, summaryOf } from "./figures.ts";
import { bundledPostgres, startDebianPostgres } from "./postgres.ts";
import { machine } from "./report.ts";
import { inFlightUsual } from "./rounds.ts";
import { Subject } from "./subject.ts";
import type { Workload } from "./workload.ts";

/**
 * What it costs to keep history: `npm run bench:history`, about two minutes. The same writes with the setting on and off,
 * turn by turn in one run, so that a slow minute meets both.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 6);
const requests = 150;

const kinds = [
	{ name: "new", version: 1, outcome: "created" },
	{ name: "changed", version: 2, outcome: "updated" },
	{ name: "unchanged", version: 2, outcome: "unchanged" },
] as const;

async function main(): Promise<void> {
	const subject = await Subject.start((await startDebianPostgres()) ?? bundledPostgres);
	const figures = new Figures();
	try {
		await measureRound(subject, new Figures(), "warm", ["on", "off"]);
		for (let round = 0; round < rounds; round += 1) {
			const order = round % 2 === 0 ? (["on", "off"] as const) : (["off", "on"] as const);
			await measureRound(subject, figures, `round-${round}`, order);
		}
	} finally {
		await subject.stop();
	}
	console.log(`${machine()}; medians of ${rounds} rounds, of ${requests * 100} customers each\n`);
	console.log("| | with history | without | ratio |\n|---|---|---|---|");
	for (const { name } of kinds) {
		for (const figure of ["/s", "us of CPU", "bytes of log", "bytes of disk"]) {
			const [on, off] = ["on", "off"].map((setting) => figures.valuesOf(`${name} ${figure} ${setting}`));
			if (on === undefined || off === undefined || on.length === 0) continue;
			// Ratios of neighbours, so that a drift of the machine falls out.
			const ratio = summaryOf(on.map((value, round) => value / (off[round] ?? Number.NaN)));
			const shown = ratio.median.toFixed(3);
			console.log(
				`| ${name}, ${figure} | ${summaryOf(on).median.toFixed(1)} | ${summaryOf(off).median.toFixed(1)} | ${shown} (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}) |`,
			);
		}
	}
}

async function measureRound(
	subject: Subject,
	figures: Figures,
	round: string,
	order: readonly ("on" | "off")[],
): Promise<void> {
	for (const setting of order) {
		await set(subject, setting === "on");
		for (const { name, version, outcome } of kinds) {
			const workload: Workload = { kind: "profiles", set: `${round}-${setting}`, version, requests };
			const before = await bytesOf(subject);
			const measured = await subject.measure({ workload, outcome, inFlight: inFlightUsual });
			const { rate, cpuUs, walBytesPerItem, items } = measured;
			figures.note(`${name} /s ${setting}`, "/s", rate);
			figures.note(`${name} us of CPU ${setting}`, "us", cpuUs.muster + cpuUs.postgres);
			figures.note(`${name} bytes of log ${setting}`, "bytes", walBytesPerItem);
			figures.note(`${name} bytes of disk ${setting}`, "bytes", ((await bytesOf(subject)) - before) / items);
		}
	}
}

/** A change of a setting holds on every process within a second. */
async function set({ muster }: Subject, history: boolean): Promise<void> {
	const answer = await fetch(`${muster.url}/api/v1/settings`, {
		method: "PUT",
		headers: { authorization: `Bearer ${muster.token}`, "content-type": "application/json" },
		body: JSON.stringify({ history }),
	});
	if (!answer.ok) throw new Error(`the setting was answered ${answer.status}: ${await answer.text()}`);
	await delay(1_100);
}

async function bytesOf({ client }: Subject): Promise<number> {
	const { rows } = await client.query<{ bytes: string }>(
		"select pg_total_relation_size('muster.task') + pg_total_relation_size('muster.customer') as bytes",
	);
	return Number(rows[0]?.bytes);
}

await main();
