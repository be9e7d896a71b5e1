import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const shared = {
	pool: "forks" as const,
	// A third of what the tests do is waiting: for a start, an end, a pause that is asked for. Two cores are busy with three.
	maxWorkers: 3,
	// A worker reads the program once and not for each file: a third less work. Nothing here changes a module's state.
	isolate: false,
	// What ends by itself ends much sooner; a slow hour of the machine is no fault of the program.
	testTimeout: 60_000,
	hookTimeout: 60_000,
	// What is asked again and again may be a program's start, a second on a busy machine.
	expect: { poll: { timeout: 10_000 } },
};

/** The console in a real browser, on a real server. */
const browser = "console/test/**/*.test.ts";

/** Pictures for people, by `npm run screens` alone. */
const screens = "console/test/screens.test.ts";

/** What judges the run as a whole. */
const afterwards = "server/test/afterwards/*.test.ts";

/**
 * Not run again on another PostgreSQL: what has no database (rules, texts, layers), what brings the bundled one, what looks
 * at the program from outside, whose every statement others send too, processes that are killed, and what is about the form
 * of requests and answers, about who may ask, or about the texts of statements; and the longest of several that send the
 * same statements.
 */
const onceIsEnough =
	process.env.MUSTER_TEST_DATABASE_URL === undefined
		? []
		: [
				"test/**",
				"client/**",
				"crash/**",
				"server/test/{cli,domain,process,sync}/**",
				"server/test/store/{distribute,embedded}.test.ts",
				"server/test/store/statements/**",
				"server/test/worker/{follow,outage,webhooks}.test.ts",
				"server/test/http/{access,concurrent-writes,docs-pages,door,edge,emulated-clients,export}.test.ts",
				"server/test/http/{export-clients,imports-resumed,retry-operations}.test.ts",
				"server/test/http/{heavy-bodies,hostile-json,hostile-texts,items-any,lane-queue,limits,logs}.test.ts",
				"server/test/http/{openapi,properties,routes,site-matrix,slow-connections,smuggling}.test.ts",
			];

/** They start processes of their own, and take long. */
const isLong = ({ moduleId }: TestSpecification): boolean =>
	/\/crash\/|\/(process|sync)\/|\/store\/embedded\.test|\/cli\/demo\.test|\/worker\/follow\.test/.test(
		moduleId,
	);

/** So many others come behind each long one, so that few of those are run at once, and none at the end with an idle core. */
const othersBehindLong = 3;

class LongOnesSpread extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		const [long, others] = [sorted.filter(isLong), sorted.filter((file) => !isLong(file))];
		const spread = long.flatMap((file, place) => [
			file,
			...others.slice(place * othersBehindLong, (place + 1) * othersBehindLong),
		]);
		return [...spread, ...others.slice(long.length * othersBehindLong)];
	}
}

export default defineConfig({
	test: {
		sequence: { sequencer: LongOnesSpread },
		reporters: ["default", "./test/closing-line.ts"],
		// Once, for both.
		globalSetup: ["./server/test/global-setup.ts"],
		projects: [
			{
				test: {
					...shared,
					name: "suite",
					include: [
						"test/**/*.test.ts",
						"crash/**/*.test.ts",
						"client/test/**/*.test.ts",
						"server/test/**/*.test.ts",
					],
					exclude: ["**/node_modules/**", afterwards, ...onceIsEnough],
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					...shared,
					// Each drives a browser of its own, which is most of what a small machine bears.
					maxWorkers: 2,
					name: "browser",
					include: [browser],
					exclude: ["**/node_modules/**", screens],
					globalSetup: ["./console/test/global-setup.ts"],
					sequence: { groupOrder: 1 },
				},
			},
			...(process.env.SCREENS === undefined
				? []
				: [
						{
							test: {
								...shared,
								name: "screens",
								include: [screens],
								globalSetup: ["./console/test/global-setup.ts"],
							},
						},
					]),
			{ test: { ...shared, name: "afterwards", include: [afterwards], sequence: { groupOrder: 2 } } },
		],
	},
});
