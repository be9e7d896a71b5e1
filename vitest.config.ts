import { defineConfig } from "vitest/config";

const shared = {
	pool: "forks" as const,
	// Each worker may have a database and a server of its own: two are what a small machine bears.
	maxWorkers: 2,
	// A worker reads the program once and not for each file: a third less work. Nothing here changes a module's state.
	isolate: false,
	testTimeout: 20_000,
	hookTimeout: 30_000,
};

/** The console in a real browser, on a real server. */
const browser = "console/test/**/*.test.ts";

/** Pictures for people, by `npm run screens` alone. */
const screens = "console/test/screens.test.ts";

/** What judges the run as a whole. */
const afterwards = "server/test/afterwards/*.test.ts";

/** What is about the bundled PostgreSQL alone, or about no database: not run on another one. */
const bundledAlone =
	process.env.MUSTER_TEST_DATABASE_URL === undefined
		? []
		: [
				"test/**",
				"server/test/store/embedded.test.ts",
				"server/test/process/backup.test.ts",
				"server/test/cli/demo.test.ts",
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
					exclude: ["**/node_modules/**", afterwards, ...bundledAlone],
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					...shared,
					name: "browser",
					include: [browser],
					exclude: ["**/node_modules/**", screens],
					globalSetup: ["./console/test/global-setup.ts"],
					// Each drives a browser of its own, which is most of what a small machine bears.
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
