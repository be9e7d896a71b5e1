import { type BreachKind, breachKinds } from "./judge.ts";
import type { Outcome, Timed } from "./run-rounds.ts";

/** What the 95th percentile has to be under, in milliseconds. */
export const marks = { workerAliveMs: 5_000, aloneMs: 15_000 } as const;

export interface Times {
	readonly rounds: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly mostMs: number;
}

export function timesOf(rounds: readonly Pick<Timed, "recoveryMs">[]): Times {
	const ordered = rounds.map(({ recoveryMs }) => recoveryMs).sort((one, other) => one - other);
	// The nearest rank: of twenty, the nineteenth.
	const at = (part: number): number => ordered[Math.max(0, Math.ceil(ordered.length * part) - 1)] ?? 0;
	return { rounds: ordered.length, p50Ms: at(0.5), p95Ms: at(0.95), mostMs: at(1) };
}

/** Kills of a process while a worker went on, and those after which nothing was left to go on. */
export function byWorker({ rounds }: Outcome): { readonly workerAlive: Times; readonly alone: Times } {
	const kills = rounds.filter((round) => round.kills > 0);
	return {
		workerAlive: timesOf(kills.filter((round) => round.workerAlive)),
		alone: timesOf(kills.filter((round) => !round.workerAlive)),
	};
}

/** Which of the two takes longer than it may. */
export function tooLong(outcome: Outcome): readonly string[] {
	const { workerAlive, alone } = byWorker(outcome);
	return [
		...(workerAlive.p95Ms < marks.workerAliveMs ? [] : [`another worker alive: ${workerAlive.p95Ms} ms`]),
		...(alone.p95Ms < marks.aloneMs ? [] : [`after a restart alone: ${alone.p95Ms} ms`]),
	];
}

export function jsonOf(outcome: Outcome): object {
	return { ...outcome, recovery: byWorker(outcome) };
}

export function tablesOf(outcome: Outcome): string {
	const { workerAlive, alone } = byWorker(outcome);
	const count = (kind: BreachKind): string =>
		`${outcome.breaches.filter((breach) => breach.kind === kind).length} ${kind}`;
	const faults = [...Map.groupBy(outcome.rounds, ({ fault }) => fault)].sort(([one], [other]) =>
		one < other ? -1 : 1,
	);
	const rows = faults.map(([fault, rounds]) => {
		const hits = rounds.filter(({ hit }) => hit).length;
		return row(fault, `${hits}/${rounds.length}`, timesOf(rounds));
	});
	return [
		`${outcome.postgres}, seed ${outcome.seed}`,
		`${outcome.kills} kills in ${outcome.rounds.length} rounds; ${outcome.submissions} submissions, ${outcome.calls} calls`,
		`breaches: ${breachKinds.map(count).join(", ")}`,
		`answers: ${Object.entries(outcome.answers)
			.sort()
			.map(([answer, times]) => `${times} × ${answer}`)
			.join(", ")}`,
		"",
		"from the fault until all that was sent before it had ended, in ms",
		`${"".padEnd(44)}${["hit", "p50", "p95", "most"].map((head) => head.padStart(9)).join("")}`,
		...rows,
		row("kills, another worker alive", `${workerAlive.rounds}`, workerAlive),
		row("kills, after a restart alone", `${alone.rounds}`, alone),
		...outcome.breaches.map(({ kind, what }) => `BREACH ${kind}: ${what}`),
		...tooLong(outcome).map((what) => `TOO LONG, p95 of kills, ${what}`),
	].join("\n");
}

function row(name: string, count: string, { p50Ms, p95Ms, mostMs }: Times): string {
	return (
		name.padEnd(44) +
		count.padStart(9) +
		[p50Ms, p95Ms, mostMs].map((ms) => ms.toFixed(0).padStart(9)).join("")
	);
}
