#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
import { existsSync } from "node:fs";
import module from "node:module";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
	console.error(
		`muster needs Node 24 or newer; this is ${process.version}. Inside the repository, run it as "npx muster" or "npm start": npm ci put Node 24 there.`,
	);
	process.exit(1);
}
restartWithLessMemory();
module.enableCompileCache?.();
const source = new URL("../src/cli/main.ts", import.meta.url);
await import((existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url)).href);

/**
 * A server under load makes garbage faster than anything else. Left alone, V8 takes twice the memory that it has use for,
 * and the size of its young generation is taken from the command line only: so a command that stays, or that reads files of
 * any size, is started with it.
 * Only in the Node that these settings were tried in, and none that somebody has given.
 */
function restartWithLessMemory() {
	const stays = ["serve", "worker", "import"].includes(process.argv[2]);
	const can = major === 24 && process.platform !== "win32" && process.send === undefined;
	if (!stays || !can || !existsSync(process.execPath)) return;
	const given = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`.replaceAll("_", "-");
	// A reader of files makes less garbage than a server, and is to take less memory on somebody's laptop: docs/decisions/0003.
	const [young, growing] = process.argv[2] === "import" ? [8, 20] : [16, 120];
	const flags = [
		`--max-semi-space-size=${young}`,
		`--heap-growing-percent=${growing}`,
		// Items live as long as they are judged; V8 takes them, in a third of all starts, for what lives on.
		"--no-allocation-site-pretenuring",
	].filter((flag) => !given.includes(flag.split("=")[0].replace("--no-", "")));
	if (flags.length === 0) return;
	const own = [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)];
	// Where the C library keeps a heap for every thread, each keeps what it once had.
	process.execve?.(process.execPath, own, { MALLOC_ARENA_MAX: "1", ...process.env });
}
