import { setTimeout as delay } from "node:timers/promises";
import { Chance } from "./chance.ts";
import { Deployment } from "./deployment.ts";
import { History } from "./history.ts";
import type { Breach } from "./judge.ts";
import { Load } from "./load.ts";
import type { CrashPostgres } from "./postgres.ts";
import { answersOf, recoveryOf, verdictOf } from "./run-rounds.ts";

/** The longest wait for the end of what was sent; several times what is promised. */
const recoveryMsMax = 30_000;

/** What clients behind the proxy may be answered. */
const allowed = (status: number | null): boolean =>
	status !== null && ((status >= 200 && status <= 299) || status === 429 || status === 503);

export interface FleetRun {
	readonly postgres: CrashPostgres;
	readonly seed: number;
	/** How many times one API and one worker are killed, and every how many milliseconds. */
	readonly times: number;
	readonly everyMs: number;
	/** How many send at once; as many as in the long run where it is left out. */
	readonly clients?: number;
	readonly onRound?: (round: number) => void;
}

export interface FleetOutcome {
	readonly postgres: string;
	readonly seed: number;
	readonly kills: number;
	readonly submissions: number;
	readonly calls: number;
	readonly answers: Readonly<Record<string, number>>;
	readonly breaches: readonly Breach[];
	/** For each kill of two, from then until all that was sent before had ended, in milliseconds. */
	readonly recoveryMs: readonly number[];
	/** From the last kill until every task had ended, those sent after it among them, in milliseconds. */
	readonly lastMs: number;
	/** From the beginning of the load to its end. */
	readonly seconds: number;
}

/** Two processes of the API behind a proxy and two workers, under load: one of each is killed, and started again, again and again. */
export async function runFleet({
	postgres,
	seed,
	times,
	everyMs,
	clients,
	onRound,
}: FleetRun): Promise<FleetOutcome> {
	const chance = new Chance(seed);
	const deployment = await Deployment.start(postgres, { apis: 2, workers: 2 }, true);
	const choices = chance.part();
	const history = new History();
	const load = new Load(deployment, history, chance.part(), clients);
	const began = performance.now();
	const moments: number[] = [];
	try {
		for (let round = 1; round <= times; round += 1) {
			await delay(Math.max(0, began + round * everyMs - performance.now()));
			// What is to be shown is the loss of one of two.
			await deployment.proxy?.seesAll();
			moments.push(Date.now());
			const victims = [choices.pick(deployment.apis), choices.pick(deployment.workers)];
			await Promise.all(victims.map((victim) => victim.end("SIGKILL")));
			for (const victim of victims) victim.start();
			await Promise.all(victims.map((victim) => victim.ready));
			onRound?.(round);
		}
		await load.stop(recoveryMsMax);
		const seconds = (performance.now() - began) / 1_000;
		const { stored, breaches } = await verdictOf(deployment, history);
		const last = moments.at(-1) ?? Number.NaN;
		return {
			postgres: postgres.name,
			seed,
			kills: moments.length * 2,
			submissions: history.submissions.size,
			calls: history.calls.length,
			answers: answersOf(history),
			breaches: [...breaches, ...refusedOf(history)],
			recoveryMs: moments.map((at) => Math.round(recoveryOf({ at }, history, stored))),
			lastMs: Math.round(recoveryOf({ at: last }, history, stored)),
			seconds,
		};
	} finally {
		await load.stop(0);
		await deployment.stop();
	}
}

/** Beside what the judge looks at: through a proxy, no connection is cut either. */
export function refusedOf({ calls }: History): Breach[] {
	return calls
		.filter(({ status }) => !allowed(status))
		.map(({ key, kind, status }) => ({ kind: "answer", what: `${kind} of ${key} got ${status ?? "cut"}` }));
}
