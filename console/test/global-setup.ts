import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
	interface ProvidedContext {
		/** The browser's program; null where this machine has none, and the tests are skipped. */
		chromium: string | null;
	}
}

const places = [
	process.env.CHROMIUM ?? "",
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Runs once: builds the console as it stands, and looks for a browser. CI is never without one. */
export default async function setup(project: TestProject): Promise<void> {
	const chromium = places.find((place) => place !== "" && existsSync(place)) ?? null;
	project.provide("chromium", chromium);
	if (chromium === null) {
		const text = "There is no Chromium here: install it, or name it in CHROMIUM.";
		if (process.env.CI !== undefined) throw new Error(text);
		console.log(`The tests in a browser are skipped. ${text}`);
		return;
	}
	// In a process of its own: under NODE_ENV=test, React would be built for developing.
	const script = fileURLToPath(new URL("../prepare.ts", import.meta.url));
	execFileSync(process.execPath, [script], {
		stdio: "inherit",
		env: { PATH: process.env.PATH ?? "", NODE_ENV: "production" },
	});
}
