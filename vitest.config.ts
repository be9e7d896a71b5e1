import { defineConfig } from "vitest/config";

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
 * of requests and answers, or about who may ask.
 */
const onceIsEnough =
	process.env.MUSTER_TEST_DATABASE_URL === undefined
		? []
		: [
				"test/**",
				"client/**",
				"crash/{fleet,pause,rounds,start,upgrade}.test.ts",
				"server/test/{cli,domain,process,sync}/**",
				"server/test/store/embedded.test.ts",
				"server/test/http/{access,docs-pages,door,edge,emulated-clients,export-clients,heavy-bodies}.test.ts",
				"server/test/http/{hostile-json,hostile-texts,items-any,limits,logs,openapi,properties,routes}.test.ts",
				"server/test/http/{site-matrix,slow-connections,smuggling}.test.ts",
			];

export default defineConfig({
	test: {
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
