import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: [
			"test/**/*.test.ts",
			"crash/**/*.test.ts",
			"client/test/**/*.test.ts",
			"server/test/**/*.test.ts",
		],
		pool: "forks",
		// Each worker may have a database and a server of its own: two are what a small machine bears.
		maxWorkers: 2,
		reporters: ["default", "./test/closing-line.ts"],
		globalSetup: ["./server/test/global-setup.ts"],
		testTimeout: 20_000,
		hookTimeout: 30_000,
	},
});
