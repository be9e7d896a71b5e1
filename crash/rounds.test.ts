import { expect, onTestFinished, test } from "vitest";
import { startDebianPostgres } from "../bench/postgres.ts";
import { aDatabase } from "../server/test/muster.ts";
import type { Chance } from "./chance.ts";
import { type CrashPostgres, given, startBundled } from "./postgres.ts";
import { tooLong } from "./report.ts";
import { runRounds } from "./run-rounds.ts";
import { deck, type Fault } from "./schedule.ts";

/** A PostgreSQL of the suite's kind that may be ended, or at least a database of its own. */
async function aPostgres(): Promise<CrashPostgres> {
	if (process.env.MUSTER_TEST_DATABASE_URL === undefined) return startBundled();
	const debian = await startDebianPostgres();
	if (debian !== null) return debian;
	const database = await aDatabase();
	return { ...given(database.url), stop: database.drop };
}

/** One at every point of accepting and applying, and each way in which the database goes away. */
function faultsOf(chance: Chance): readonly Fault[] {
	const kinds: readonly Fault["kind"][] = ["point", "cut", "backends", "database", "machine"];
	return chance
		.shuffled(deck(chance))
		.filter((fault) => kinds.includes(fault.kind) && !(fault.kind === "backends" && fault.which === "one"));
}

// What `npm run crash` does at length, with more kinds of faults.
test("processes, connections and databases that end at the worst of moments lose nothing, double nothing, and are made up for in seconds", {
	timeout: 330_000,
}, async () => {
	const postgres = await aPostgres();
	onTestFinished(() => postgres.stop());
	const outcome = await runRounds({
		postgres,
		seed: 4,
		faultsOf,
		killsMax: 1_000,
		msMax: 300_000,
		clients: 3,
	});
	const { breaches, rounds, submissions } = outcome;
	expect({ breaches, tooLong: tooLong(outcome), rounds: rounds.length }).toEqual({
		breaches: [],
		tooLong: [],
		rounds: 24,
	});
	expect(submissions).toBeGreaterThan(200);
});
