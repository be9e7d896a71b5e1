import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { packAll } from "./stage.ts";
import { timeStarts } from "./time-starts.ts";

// All of a release but publishing: `npm run release:dry`. Packs both packages, installs them into an empty folder, starts
// what is installed, and runs the demo from there. Ends with 1 where a step fails or the program takes too long to start.

const folder = await mkdtemp(join(tmpdir(), "muster-release-"));
try {
	const tarballs = await packAll(folder);
	for (const tarball of tarballs) {
		console.log(`${basename(tarball)}: ${Math.round((await stat(tarball)).size / 1_000)} kB`);
	}
	const home = join(folder, "newcomer");
	await mkdir(home);
	await writeFile(join(home, "package.json"), JSON.stringify({ private: true }));
	await timed("installed", home, "npm", ["install", "--no-audit", "--no-fund", ...tarballs]);
	await timeStarts(home);
	await timed("the demo", home, "npx", ["muster", "demo"]);
} finally {
	await rm(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
}

async function timed(
	what: string,
	cwd: string,
	command: string,
	parameters: readonly string[],
): Promise<void> {
	const beganMs = performance.now();
	const child = spawn(command, parameters, { cwd, stdio: "inherit" });
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`${command} ${parameters.join(" ")} ended with ${code}`);
	console.log(`${what}: ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
}
