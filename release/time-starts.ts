import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A command that says something and ends: at most so long by `npx`, in milliseconds, the best of three. */
const saidMsMax = 1_000;
/** Where the machine has a slow hour: at most so many times as long as npx takes for a Node that has nothing to do. */
const timesBareMax = 2.5;
const tries = 3;

/**
 * How long the installed program takes until it has said something, and until it serves: with a database to make, and with
 * one that is there. On a machine that does other work the best of three is the program's own time.
 * @throws where a command that only says something takes longer than it may
 */
export async function timeStarts(home: string): Promise<void> {
	const bare = await bestOf(() => sayMs(home, ["node", "--version"]));
	console.log(`\`npx node --version\`: ${shown(bare)}`);
	const mostMs = Math.max(saidMsMax, timesBareMax * bare);
	for (const what of ["--version", "--help"]) {
		const best = await bestOf(() => sayMs(home, ["muster", what]));
		console.log(`\`npx muster ${what}\`: ${shown(best)}`);
		if (best > mostMs) throw new Error(`that is more than ${shown(mostMs)}`);
	}
	console.log(`\`muster serve\` until readyz is 200, with a new database: ${shown(await serveMs(home))}`);
	console.log(`the same with the database there: ${shown(await bestOf(() => serveMs(home)))}`);
}

async function bestOf(measure: () => Promise<number>): Promise<number> {
	let best = Infinity;
	for (let tried = 0; tried < tries; tried += 1) best = Math.min(best, await measure());
	return best;
}

async function sayMs(home: string, words: readonly string[]): Promise<number> {
	const beganMs = performance.now();
	const child = spawn("npx", words, { cwd: home, stdio: ["ignore", "ignore", "inherit"] });
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`npx ${words.join(" ")} ended with ${code}`);
	return performance.now() - beganMs;
}

/** From the start of the process to the first 200 of /readyz; then it is stopped. */
async function serveMs(home: string): Promise<number> {
	const beganMs = performance.now();
	const bin = join(home, "node_modules/muster/bin/muster.js");
	const server = spawn(process.execPath, [bin, "serve"], {
		cwd: home,
		env: { ...process.env, PORT: "0", MUSTER_LOG_LEVEL: "warn" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const closed = once(server, "close");
	try {
		let printed = "";
		for await (const part of server.stdout) {
			printed += String(part);
			const url = /ready at (\S+)/.exec(printed)?.[1];
			if (url === undefined) continue;
			const answer = await fetch(`${url}/readyz`);
			if (answer.status !== 200) throw new Error(`readyz of a server that is ready is ${answer.status}`);
			return performance.now() - beganMs;
		}
		throw new Error(`muster serve ended: ${printed}`);
	} finally {
		server.kill("SIGTERM");
		await closed;
	}
}

function shown(ms: number): string {
	return `${Math.round(ms)} ms`;
}
