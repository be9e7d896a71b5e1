import { Chance } from "./chance.ts";
import { Deployment } from "./deployment.ts";
import { History } from "./history.ts";
import { type Breach, judge } from "./judge.ts";
import { Load } from "./load.ts";
import type { CrashPostgres } from "./postgres.ts";
import { carryOut, type Round, recoveryMsMax } from "./round.ts";
import type { Fault } from "./schedule.ts";
import { readAhead, readStored, type Stored } from "./stored.ts";
import { sharedCustomer } from "./submissions.ts";

export interface Timed extends Round {
	/** From the fault until all that was sent before it had ended, in milliseconds. */
	readonly recoveryMs: number;
}

export interface Outcome {
	readonly postgres: string;
	readonly seed: number;
	readonly rounds: readonly Timed[];
	/** SIGKILLs of processes of Muster. */
	readonly kills: number;
	readonly submissions: number;
	readonly calls: number;
	/** Calls by their answers: "202", "503 unavailable", "cut". */
	readonly answers: Readonly<Record<string, number>>;
	readonly breaches: readonly Breach[];
}

export interface Run {
	readonly postgres: CrashPostgres;
	/** What all chance in it comes from. */
	readonly seed: number;
	readonly faultsOf: (chance: Chance) => Iterable<Fault>;
	/** It is over after so many kills, or milliseconds, or when there are no more faults. */
	readonly killsMax: number;
	readonly msMax: number;
	/** How many send at once; as many as in the long runs where it is left out. */
	readonly clients?: number;
	/** Told of each round as it ends, and how many kills there have been. */
	readonly onRound?: (round: Round, kills: number) => void;
}

/**
 * One deployment under load, to which one thing after another happens; then the history of all calls is judged by what the
 * database holds.
 */
export async function runRounds({
	postgres,
	seed,
	faultsOf,
	killsMax,
	msMax,
	clients,
	onRound,
}: Run): Promise<Outcome> {
	const chance = new Chance(seed);
	const deployment = await Deployment.start(postgres);
	const faults = faultsOf(chance.part());
	const choices = chance.part();
	const history = new History();
	const load = new Load(deployment, history, chance.part(), clients);
	const rounds: Round[] = [];
	try {
		const late = performance.now() + msMax;
		let kills = 0;
		for (const fault of faults) {
			const round = await carryOut(fault, deployment, history, choices);
			rounds.push(round);
			kills += round.kills;
			onRound?.(round, kills);
			// What the next fault does would only blur what this one did.
			if (!round.recovered || kills >= killsMax || performance.now() > late) break;
			await removeOne(deployment, history, choices);
		}
		await load.stop(recoveryMsMax);
		return await outcomeOf(deployment, history, rounds, seed);
	} finally {
		await load.stop(0);
		await deployment.stop();
	}
}

/** Removes a customer behind the back of the tasks, as erasing a person does. */
async function removeOne(deployment: Deployment, history: History, chance: Chance): Promise<void> {
	const client = await deployment.connect();
	const found = await client.query<{ id: string }>(
		"delete from muster.customer where email_key = $1 returning customer_id as id",
		[sharedCustomer(chance)],
	);
	for (const { id } of found.rows) history.removed.add(id);
	await client.end();
}

/** What the database holds in the end, and every breach that the history of a deployment shows beside it. */
export async function verdictOf(
	deployment: Deployment,
	history: History,
): Promise<{ readonly stored: Stored; readonly breaches: readonly Breach[] }> {
	const client = await deployment.connect();
	const stored = await readStored(client, await readAhead(client));
	await client.end();
	const unasked = deployment.members.flatMap((member) => member.unasked);
	return {
		stored,
		breaches: [...judge(history, stored), ...unasked.map((what): Breach => ({ kind: "process", what }))],
	};
}

async function outcomeOf(
	deployment: Deployment,
	history: History,
	rounds: readonly Round[],
	seed: number,
): Promise<Outcome> {
	const { stored, breaches } = await verdictOf(deployment, history);
	const inVain = rounds.filter(({ recovered }) => !recovered);
	return {
		postgres: deployment.postgres.name,
		seed,
		rounds: rounds.map((round) => ({ ...round, recoveryMs: recoveryOf(round, history, stored) })),
		kills: rounds.reduce((sum, round) => sum + round.kills, 0),
		submissions: history.submissions.size,
		calls: history.calls.length,
		answers: answersOf(history),
		breaches: [
			...breaches,
			...inVain.map(
				({ fault }): Breach => ({ kind: "process", what: `no recovery in ${recoveryMsMax} ms: ${fault}` }),
			),
		],
	};
}

/** From a moment until all that was sent before it had ended, in milliseconds. */
export function recoveryOf({ at }: Pick<Round, "at">, history: History, { tasks }: Stored): number {
	const ends = tasks.map(({ key, endedAt }) =>
		(history.sentAt.get(key) ?? Number.POSITIVE_INFINITY) <= at ? (endedAt ?? Number.POSITIVE_INFINITY) : at,
	);
	return Math.max(0, ends.reduce((last, end) => Math.max(last, end), at) - at);
}

/** How often each answer was given. */
export function answersOf({ calls }: History): Record<string, number> {
	const answers: Record<string, number> = {};
	for (const { status, code } of calls) {
		const name = status === null ? "cut" : code === undefined ? `${status}` : `${status} ${code}`;
		answers[name] = (answers[name] ?? 0) + 1;
	}
	return answers;
}
