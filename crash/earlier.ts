import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../", import.meta.url));

/** A program as it was at an earlier commit. */
export interface Earlier {
	readonly commit: string;
	/** How many migrations it has. */
	readonly migrations: number;
	readonly bin: string;
	remove(): Promise<void>;
}

/**
 * Lays out the sources of an earlier commit, which run as they are. Packages are those of this checkout, all but our own.
 * @param ref a commit; the one before the newest migration came in with its branch, if left out
 */
export async function layOut(ref?: string): Promise<Earlier> {
	const git = (...parameters: string[]): Buffer =>
		execFileSync("git", parameters, { cwd: checkout, maxBuffer: 1e9 });
	const newest = (): string =>
		`${git("log", "-1", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "--", "server/src/store/migrations").toString().trim()}^`;
	const commit = git("rev-parse", "--short", `${ref ?? newest()}^{commit}`)
		.toString()
		.trim();
	// Within the checkout, and so beside its packages; git knows the folder of results as none of its own.
	await mkdir(join(checkout, "crash/results"), { recursive: true });
	const folder = await mkdtemp(join(checkout, "crash/results/earlier-"));
	execFileSync("tar", ["--extract", "--directory", folder], {
		input: git("archive", commit, "package.json", "client", "server"),
	});
	await linkPackages(folder);
	return {
		commit,
		migrations: (await readdir(join(folder, "server/src/store/migrations"))).length,
		bin: join(folder, "server/bin/muster.js"),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}

async function linkPackages(folder: string): Promise<void> {
	const ours = join(folder, "node_modules");
	await mkdir(join(ours, "@muster"), { recursive: true });
	await symlink(join(folder, "client"), join(ours, "@muster/client"));
	for (const name of await readdir(join(checkout, "node_modules"))) {
		if (name !== "@muster") await symlink(join(checkout, "node_modules", name), join(ours, name));
	}
}
