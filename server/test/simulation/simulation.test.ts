import type { Entity } from "@muster/client/contract";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";
import { startMuster, type TestMuster } from "../muster.ts";
import { type Sketch, sketch } from "./items.ts";
import type { Ending } from "./mortal.ts";
import { World } from "./world.ts";

// What the environment says is for finding more, and for looking at what was found:
// SIMULATIONS=1000 npx vitest run server/test/simulation
// FC_SEED=... FC_PATH=... FC_REPLAY_PATH=... npx vitest run server/test/simulation, as a failure prints them.
const { SIMULATIONS = "25", FC_SEED, FC_PATH, FC_REPLAY_PATH } = process.env;
const runs = Number(SIMULATIONS);

let muster: TestMuster;
let admin: pg.Client;
beforeAll(async () => {
	muster = await startMuster();
	admin = new pg.Client({ connectionString: muster.databaseUrl });
	await admin.connect();
});
afterAll(async () => {
	await admin.end();
	await muster.close();
});

/** What decides which commands make sense; all else is in the world. */
interface Plan {
	sent: number;
	endings: number;
}

/** A task whose worker ends five times while it tries it alone is given up; that is another test's (poison.test.ts). */
const endingsMax = 4;

/** What happens next, in words that a failure prints. */
class Step implements fc.AsyncCommand<Plan, World> {
	readonly #words: string;
	readonly #needs: Partial<Plan>;
	readonly #happens: (world: World, plan: Plan) => Promise<void>;

	constructor(words: unknown[], needs: Partial<Plan>, happens: (world: World, plan: Plan) => Promise<void>) {
		this.#words = words.map((word) => (typeof word === "string" ? word : fc.stringify(word))).join(" ");
		this.#needs = needs;
		this.#happens = happens;
	}

	check({ sent, endings }: Readonly<Plan>): boolean {
		return sent >= (this.#needs.sent ?? 0) && endings + (this.#needs.endings ?? 0) <= endingsMax;
	}

	run(plan: Plan, world: World): Promise<void> {
		return this.#happens(world, plan);
	}

	toString(): string {
		return `\n\t${this.#words}`;
	}
}

const ending: fc.Arbitrary<Ending> = fc.record({
	after: fc.nat(6),
	how: fc.constantFrom<Ending["how"][]>(
		"is cut off",
		"dies before the commit",
		"dies at the commit",
		"dies behind the commit",
	),
});
const maybeEnding = fc.option(ending, { freq: 2 });
const entity = fc.constantFrom<Entity[]>("customer", "organization");
const fieldName = fc.constantFrom("Tags", "tier", "note", "Third one", "fourth", "Level");
const place = fc.nat(30);

const submit = fc
	.tuple(fc.array(sketch, { minLength: 1, maxLength: 3 }), fc.constantFrom<(1 | 2)[]>(1, 1, 2))
	.map(([sketches, times]) => {
		const words = [`clients send, ${times === 1 ? "once" : "twice at once"}:`, sketches];
		return new Step(words, {}, async (world, plan) => {
			await world.submit(sketches, times);
			plan.sent += sketches.length;
		});
	});

const retry = fc
	.tuple(place, fc.boolean())
	.map(
		([which, altered]) =>
			new Step(
				["request", which, altered ? "is sent again, altered" : "is sent again"],
				{ sent: 1 },
				(world) => world.retry(which, altered),
			),
	);

const poll = place.map(
	(which) => new Step(["task", which, "is asked for"], { sent: 1 }, (world) => world.poll(which)),
);

const look = fc.constant(new Step(["all records are looked at"], {}, (world) => world.look()));

const work = maybeEnding.map(
	(end) =>
		new Step(["a worker works", end], { endings: end === null ? 0 : 1 }, async (world, plan) => {
			plan.endings += await world.work(end);
		}),
);

const race = fc
	.tuple(fc.tuple(maybeEnding, maybeEnding), fc.array(sketch, { maxLength: 2 }))
	.map(([endings, sketches]: [readonly (Ending | null)[], Sketch[]]) => {
		const planned = endings.filter((end) => end !== null).length;
		const words = ["two workers race", endings, "while clients send:", sketches];
		return new Step(words, { endings: planned }, async (world, plan) => {
			plan.endings += await world.race(endings, sketches);
			plan.sent += sketches.length;
		});
	});

const fields = fc.oneof(
	fc
		.tuple(entity, fieldName, fc.constantFrom<("TEXT" | "SELECT" | "MULTISELECT")[]>("TEXT", "SELECT"))
		.map(
			([of, name, type]) =>
				new Step(["a field is made:", of, name, type], {}, (world) => world.define(of, name, type)),
		),
	fc
		.tuple(entity, fieldName, fieldName)
		.map(
			([of, name, now]) =>
				new Step(["a field is renamed:", of, name, now], {}, (world) => world.renameField(of, name, now)),
		),
	fc
		.tuple(entity, fc.constantFrom(["Gold", "Silver"], ["Silver", "Gold"], ["Red", "X"]))
		.map(
			([of, [old = "", now = ""]]) =>
				new Step(["an option is renamed:", of, old, now], {}, (world) => world.renameOption(of, old, now)),
		),
	fc
		.tuple(entity, fieldName)
		.map(
			([of, name]) => new Step(["a field is removed:", of, name], {}, (world) => world.removeField(of, name)),
		),
);

const steps = fc.commands(
	[submit, submit, submit, submit, retry, poll, work, work, race, race, fields, look],
	{ maxCommands: 10, size: "max", ...(FC_REPLAY_PATH === undefined ? {} : { replayPath: FC_REPLAY_PATH }) },
);

test(
	"whatever clients send, and however workers race and end, tasks do what the model of the contract does",
	async () => {
		await fc.assert(
			fc.asyncProperty(fc.scheduler(), steps, async (scheduler, commands) => {
				const world = await World.of(muster, admin, scheduler);
				await fc.asyncModelRun(() => ({ model: { sent: 0, endings: 0 }, real: world }), commands);
				await world.work(null);
				await world.look();
			}),
			{
				numRuns: runs,
				...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
				...(FC_PATH === undefined ? {} : { path: FC_PATH }),
			},
		);
	},
	60_000 + runs * 1_000,
);
