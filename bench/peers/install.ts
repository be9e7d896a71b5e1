import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.ts";

const cache = fileURLToPath(new URL("../../node_modules/.cache/muster-bench/peers", import.meta.url));

/** The largest of them takes less than a minute; past this the registry does not answer. */
const installMsMax = 600_000;

/**
 * Installs a peer into the cache of the bench, or finds it there. No install scripts are run: what a peer brings in its
 * packages is enough, and nothing is fetched from outside the registry.
 *
 * @returns the folder of its node_modules
 * @throws npm's own reason
 */
export async function install({ packages, overrides = {} }: Peer): Promise<string> {
	const folder = join(cache, Object.keys(packages)[0] ?? "");
	const manifest = JSON.stringify({ private: true, dependencies: packages, overrides });
	// Written last, so that an install cut short is begun anew, as is one of other versions.
	const proof = join(folder, "installed.json");
	if ((await readFile(proof, "utf8").catch(() => null)) === manifest) return folder;
	await rm(folder, { recursive: true, force: true });
	await mkdir(join(folder, "empty"), { recursive: true });
	await writeFile(join(folder, "empty", "package.json"), `{ "name": "empty", "version": "1.0.0" }\n`);
	await writeFile(join(folder, "empty", "index.js"), "");
	await writeFile(join(folder, "package.json"), manifest);
	await npmInstall(folder);
	await writeFile(proof, manifest);
	return folder;
}

async function npmInstall(folder: string): Promise<void> {
	const npm = spawn("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"], {
		cwd: folder,
		// The peer is to be installed for the Node that will run it.
		env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
		stdio: ["ignore", "ignore", "pipe"],
		timeout: installMsMax,
	});
	let errors = "";
	npm.stderr.on("data", (data: Buffer) => {
		errors += data.toString();
	});
	const [code] = await once(npm, "close");
	if (code === 0) return;
	// `npm error notarget No matching version found for ...`: the sentence is what follows the short word.
	const said = /^npm error (?!code)\S+ ([A-Z].*)$/m.exec(errors)?.[1];
	throw new Error(`npm could not install it: ${said ?? `it ended with ${code}`}`);
}
