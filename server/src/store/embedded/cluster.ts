import { execFile } from "node:child_process";
import { chmod, lstat, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { EmbeddedError } from "./error.ts";
import type { Place } from "./place.ts";
import { chooseRunner, type Forced, giveTo, type Runner } from "./user.ts";

/** initdb takes half a second on a laptop. */
const initMsMax = 60_000;

/**
 * Leaves a whole cluster of the right version in place, owned by who will run it. It is made beside its place and renamed,
 * so that a killed process never leaves half a cluster, and of two that begin at once one wins.
 */
export async function ensureCluster(
	place: Place,
	runner: Runner,
	binaries: Binaries,
	forced: Forced,
): Promise<void> {
	if ((await readMajor(place.data)) === undefined) await makeCluster(place, binaries, forced);
	const major = await readMajor(place.data);
	if (major === undefined) {
		throw new EmbeddedError(
			`${place.data} is there but is no PostgreSQL cluster. Move it away, or set MUSTER_DATA to another folder. Nothing was changed.`,
		);
	}
	if (major !== String(runner.major)) {
		throw new EmbeddedError(
			`The data in ${place.folder} was made by PostgreSQL ${major}, and this Muster brings PostgreSQL ${runner.major}, which cannot read it. Start it with the Muster version that made it, or move the folder away to begin anew. Nothing was changed.`,
		);
	}
	await giveTo(runner, place.data);
	// Restored from a copy it may be open to others, which PostgreSQL refuses.
	if ((await lstat(place.data)).isDirectory()) await chmod(place.data, 0o700);
	await dropLeftovers(place);
}

async function readMajor(data: string): Promise<string | undefined> {
	const text = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined);
	return text?.trim();
}

async function makeCluster(place: Place, binaries: Binaries, forced: Forced): Promise<void> {
	const maker = await chooseRunner(place, binaries, forced, "make");
	const made = await mkdtemp(join(place.folder, `data.new-${process.pid}-`));
	try {
		await giveTo(maker, made);
		const args = ["-D", made, "-U", "muster", "-A", "trust", "-E", "UTF8", "--no-locale"];
		// Whoever can reach the socket may log in without a password, and only the folder's owner can reach it.
		await promisify(execFile)("env", [...maker.prefix, binaries.initdb, ...args], {
			cwd: "/",
			timeout: initMsMax,
		});
		await rename(made, place.data);
		await sync(place.folder);
		await sync(dirname(place.folder));
	} catch (error) {
		await rm(made, { recursive: true, force: true, maxRetries: 3 });
		// Another process was first: its cluster is as good as ours.
		if ((await readMajor(place.data)) !== undefined) return;
		if (error instanceof Error && "code" in error && error.code === "ENOTEMPTY") return;
		const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
		throw new EmbeddedError(`The database cannot be made in ${place.folder}: ${said}`, { cause: error });
	}
}

/** PostgreSQL syncs what is inside the cluster; that the cluster has its name is in the folder above, which is ours. */
async function sync(folder: string): Promise<void> {
	const handle = await open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Once there is a cluster, every half-made one is the remains of a killed process, or about to lose to this one. */
async function dropLeftovers(place: Place): Promise<void> {
	for (const name of await readdir(place.folder)) {
		if (!name.startsWith("data.new-")) continue;
		// One that cannot be removed harms nobody, and the next start tries again.
		await rm(join(place.folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(
			() => undefined,
		);
	}
}
