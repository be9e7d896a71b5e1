import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MusterClient } from "@muster/client";
import type { Command } from "commander";
import { showExport } from "./demo-export.ts";
import { showGuide, shownFetch } from "./demo-guide.ts";
import { readExport } from "./demo-rows.ts";
import { type DemoServer, startDemoServer } from "./demo-server.ts";
import { showSpeed } from "./demo-speed.ts";
import { Screen, seconds } from "./screen.ts";

/** Longest that the demo may take, in milliseconds; it takes about ten seconds. */
const demoMsMax = 100_000;

/** Codes that the demo ends with, beside 0. The second is the shell's for a program ended by Ctrl-C. */
const exitCodes = { failed: 1, interrupted: 130 } as const;

export function addDemo(program: Command): void {
	program
		.command("demo")
		.description("Show Muster at work, on a server and database of its own that are gone at the end")
		.addHelpText(
			"after",
			"\nTakes about ten seconds. Nothing of yours is read or changed. NO_COLOR=1 leaves out the colours.\n\nExample:\n  muster demo",
		)
		.action(run);
}

/** Tells the story in a folder of its own, which is removed whatever happens. */
async function run(): Promise<void> {
	const screen = new Screen(process.stdout);
	const startedMs = performance.now();
	const folder = await mkdtemp(join(tmpdir(), "muster-demo-"));
	const server = await startDemoServer(folder);
	const interrupted = interruptSignal(() => {
		server.kill();
		// PostgreSQL ends with its server, a moment later.
		rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
	});
	const late = AbortSignal.timeout(demoMsMax);
	const over = new AbortController();
	try {
		await tell(screen, server, AbortSignal.any([interrupted, late, server.gone, over.signal]));
	} catch (error) {
		process.exitCode = interrupted.aborted ? exitCodes.interrupted : exitCodes.failed;
		const why = late.aborted ? `it took longer than ${demoMsMax / 1_000} seconds` : messageOf(error);
		if (!interrupted.aborted) await complain(screen, why, server);
	}
	// Requests that are still under way end here, and are not tried again.
	over.abort();
	const take = screen.passing("Stopping ...");
	await server.stop();
	await rm(folder, { recursive: true, force: true, maxRetries: 10 });
	take();
	const what = interrupted.aborted ? "Stopped" : process.exitCode ? "Ended" : "Done";
	const took = seconds(performance.now() - startedMs);
	screen.text(`${what} after ${took}. The server and its folder are gone.`, "dim");
	screen.line();
}

async function tell(screen: Screen, server: DemoServer, signal: AbortSignal): Promise<void> {
	screen.line();
	screen.line(`${screen.style("bold", "Muster")}  bulk APIs for customers and organizations`);
	screen.line();
	const take = screen.passing("Starting a server and its PostgreSQL ...");
	const startedMs = performance.now();
	const rows = await readExport();
	const { url, token } = await server.ready(signal).finally(take);
	const took = seconds(performance.now() - startedMs);
	screen.text(
		`A server with its own PostgreSQL is ready at ${url}, after ${took}. It lives in a temporary folder and is gone at the end; nothing else is touched.`,
	);
	await showGuide(screen, new MusterClient({ url, token, fetch: shownFetch(screen) }), signal);
	const showing = { screen, client: new MusterClient({ url, token }), signal };
	const failures = await showExport(showing, rows);
	const failed = new Set(failures.map(({ clientRef }) => clientRef));
	await showSpeed(
		showing,
		rows.customers.filter(({ clientRef }) => !failed.has(clientRef)),
	);
	showNext(screen);
}

function showNext(screen: Screen): void {
	screen.heading("Your turn");
	const steps = [
		["npx muster serve", "a Muster that stays, with its data in ./.muster"],
		["http://127.0.0.1:8700/docs", "every request and answer, with examples"],
		["examples/README.md", "the files that were just sent, and their mistakes"],
	] as const;
	for (const [what, why] of steps) screen.line(`${what.padEnd(29)}${screen.style("dim", why)}`);
	screen.line();
	screen.line(screen.style("dim", "With that running, in another terminal:"));
	screen.line();
	for (const line of firstRequest) screen.line(line);
	screen.line();
}

const firstRequest: readonly string[] = [
	". .muster/dev.env",
	'curl -sS "$MUSTER_URL/api/v1/customer/profile/bulk" \\',
	'  -H "Authorization: Bearer $MUSTER_TOKEN" -H "Content-Type: application/json" \\',
	'  -H "Idempotency-Key: my-first-request" -H "Prefer: wait=5" \\',
	`  -d '{"customers":[{"email":"jane.smith@acme.com","displayName":"Jane Smith"}]}'`,
];

/** Ctrl-C comes twice by `npm run`, which passes on what the terminal has sent already: within so many milliseconds. */
const sameSignalMs = 500;

/** Aborted by the first signal that asks to end, or by a reader that has gone; a second one ends at once. */
function interruptSignal(endAtOnce: () => void): AbortSignal {
	const interrupted = new AbortController();
	let firstMs = Infinity;
	const onSignal = (): void => {
		const nowMs = performance.now();
		if (nowMs - firstMs > sameSignalMs) {
			endAtOnce();
			process.exit(exitCodes.interrupted);
		}
		firstMs = Math.min(firstMs, nowMs);
		interrupted.abort();
	};
	for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
	// `muster demo | head` closes its end; further writes are then of no use, and no harm.
	process.stdout.on("error", () => interrupted.abort());
	return interrupted.signal;
}

async function complain(screen: Screen, why: string, server: DemoServer): Promise<void> {
	screen.line();
	console.error(`  The demo could not go on: ${why.replace(/\.$/, "")}.\n`);
	const tail = await server.logTail();
	if (tail !== "") console.error(`  The end of the server's log:\n\n${tail}\n`);
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
