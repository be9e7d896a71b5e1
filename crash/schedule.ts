import type { Chance } from "./chance.ts";
import type { Moment } from "./doorway.ts";
import { apiPoints, type Point, startPoints, workerPoints } from "./points.ts";

export type Part = "api" | "worker";

/** One thing that goes wrong. */
export type Fault =
	/** One process ends itself at a point. */
	| {
			readonly kind: "point";
			readonly part: Part;
			readonly name: string;
			readonly point: Point;
			readonly nth: number;
	  }
	/** SIGKILL at any moment: to one process, to all of a part, or to every one. */
	| { readonly kind: "kill"; readonly victims: Part | `every ${Part}` | "all"; readonly afterMs: number }
	/** One process is killed, and what is started in its place ends itself at a point of its start. */
	| { readonly kind: "start"; readonly part: Part; readonly name: string; readonly point: Point }
	/** SIGTERM, and SIGKILL before it can be done. */
	| { readonly kind: "stop"; readonly part: Part; readonly afterMs: number }
	/** The database ends connections of ours. */
	| { readonly kind: "backends"; readonly which: "one" | "all" }
	/** A connection is cut at its commit, which arrives or does not. */
	| { readonly kind: "cut"; readonly moment: Moment }
	/** The database ends at once and starts again. */
	| { readonly kind: "database" }
	/** Everything ends at once, as when the machine does, and starts again. */
	| { readonly kind: "machine" };

/** SIGKILL within so many milliseconds: about as long as a handful of tasks takes. */
const killMsMax = 150;
/** A stop under load is over after some 30 ms. */
const stopMsMax = 30;

/**
 * What goes wrong, in order and without end: a deck of all there is, shuffled anew each time that it is used up, so that a
 * short run meets all of it as well. The same chance deals the same cards.
 */
export function* schedule(chance: Chance): Generator<Fault, never> {
	for (;;) yield* chance.shuffled(deck(chance));
}

/** All there is, each once. */
export function deck(chance: Chance): readonly Fault[] {
	const nth = (): number => 1 + chance.below(3);
	const pointsOf = (part: Part, points: Readonly<Record<string, Point>>): Fault[] =>
		Object.entries(points).map(([name, point]) => ({ kind: "point", part, name, point, nth: nth() }));
	const kills = (["api", "worker", "every api", "every worker", "all"] as const).map(
		(victims): Fault => ({ kind: "kill", victims, afterMs: chance.below(killMsMax) }),
	);
	const starts = Object.entries(startPoints).map(
		// Only a worker forgets old tasks.
		([name, point]): Fault => ({
			kind: "start",
			part: name.startsWith("retention") ? "worker" : chance.pick(["api", "worker"]),
			name,
			point,
		}),
	);
	return [
		...pointsOf("api", apiPoints),
		...pointsOf("worker", workerPoints),
		...kills,
		...starts,
		{ kind: "stop", part: "api", afterMs: chance.below(stopMsMax) },
		{ kind: "stop", part: "worker", afterMs: chance.below(stopMsMax) },
		{ kind: "backends", which: "one" },
		{ kind: "backends", which: "all" },
		{ kind: "cut", moment: "before" },
		{ kind: "cut", moment: "after" },
		{ kind: "database" },
		{ kind: "machine" },
	];
}

/** What a table calls it. */
export function nameOf(fault: Fault): string {
	switch (fault.kind) {
		case "point":
			return fault.name;
		case "start":
			return fault.name;
		case "kill":
			return `at any moment: ${fault.victims}`;
		case "stop":
			return `in shutdown: ${fault.part}`;
		case "backends":
			return `database: ${fault.which === "one" ? "one connection" : "all connections"} ended`;
		case "cut":
			return `connection cut ${fault.moment} its commit arrives`;
		case "database":
			return "database: crash and restart";
		case "machine":
			return "everything, with the database";
	}
}
