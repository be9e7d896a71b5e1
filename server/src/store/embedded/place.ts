import { createHash } from "node:crypto";
import { chmod, lchown, lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { EmbeddedError } from "./error.ts";

/** Where a bundled database lives; all paths are absolute and free of symlinks, so that every process finds the same ones. */
export interface Place {
	readonly folder: string;
	/** Who the folder belongs to. */
	readonly uid: number;
	readonly gid: number;
	/** The cluster: what PostgreSQL calls its data directory. */
	readonly data: string;
	readonly log: string;
	/** The folder of the unix socket. */
	readonly sockets: string;
}

/** PostgreSQL names its socket after the port it would have. */
export const port = 5432;

/** What the kernel holds of a socket's path, in bytes: 107 on Linux, 103 on macOS. */
const socketPathBytesMax = 103;

/**
 * Makes the folder if it is missing, and private (0700) in any case: who can reach the socket inside is a superuser of the
 * database. A folder that holds other things and is open to others is refused, for it was hardly meant to be closed.
 */
export async function preparePlace(given: string): Promise<Place> {
	try {
		return await prepare(given);
	} catch (error) {
		if (error instanceof EmbeddedError) throw error;
		throw new EmbeddedError(
			`The data folder ${given} cannot be used: ${error instanceof Error ? error.message : error}. Set MUSTER_DATA to a folder that this user may write to.`,
			{ cause: error },
		);
	}
}

async function prepare(given: string): Promise<Place> {
	await mkdir(given, { recursive: true, mode: 0o700 });
	const folder = await realpath(given);
	const { uid, gid, mode } = await stat(folder);
	const me = process.getuid?.();
	if (me !== 0 && me !== uid) {
		throw new EmbeddedError(
			`The data folder ${folder} belongs to another user (uid ${uid}). Run Muster as that user, or set MUSTER_DATA to a folder of your own. Nothing was changed.`,
		);
	}
	if ((mode & 0o777) !== 0o700) {
		const shared = (mode & 0o1000) !== 0; // sticky, as /tmp is
		if (shared || ((mode & 0o077) !== 0 && (await holdsOtherThings(folder)))) {
			throw new EmbeddedError(
				`The folder ${folder} holds other things and is open to other users, but Muster's data folder is for its owner alone. Set MUSTER_DATA to a folder of its own, or run: chmod 700 '${folder}'. Nothing was changed.`,
			);
		}
		await chmod(folder, 0o700);
	}
	const sockets = fits(folder) ? folder : await makeSocketFolder(folder, uid, gid);
	return { folder, uid, gid, data: join(folder, "data"), log: join(folder, "postgres.log"), sockets };
}

/** Hidden files and the lost+found of a fresh volume are nobody's things. */
async function holdsOtherThings(folder: string): Promise<boolean> {
	const names = await readdir(folder);
	return !names.includes("data") && names.some((name) => !name.startsWith(".") && name !== "lost+found");
}

function fits(folder: string): boolean {
	return Buffer.byteLength(join(folder, `.s.PGSQL.${port}`)) <= socketPathBytesMax;
}

/**
 * For a folder whose path is too long: a private one with a name that follows from the folder, so that a second process
 * finds it. It is in /tmp and not where TMPDIR points, since sudo, cron and systemd each set that differently.
 */
async function makeSocketFolder(folder: string, uid: number, gid: number): Promise<string> {
	const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
	const path = join("/tmp", `muster-${uid}-${hash}`);
	const made = await mkdir(path, { mode: 0o700 }).then(
		() => true,
		() => false, // it is there already, or cannot be made: what is there is judged next
	);
	if (made && process.getuid?.() !== uid) await lchown(path, uid, gid);
	// Anyone may make a folder of that name first, and would then hold the socket: lstat, so that no link is followed.
	const found = await lstat(path);
	if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o777) !== 0o700) {
		throw new EmbeddedError(
			`${path} is not a private folder of this user, so the database's socket cannot be put there. Remove it, or set MUSTER_DATA to a shorter path (at most 89 bytes).`,
		);
	}
	return path;
}
