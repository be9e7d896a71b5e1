import { constants } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { EmbeddedError } from "./error.ts";
import type { Place } from "./place.ts";

const logBytesMax = 10 * 1024 * 1024;
const tailLinesMax = 12;

/** Opens postgres.log for adding to. A start that finds it large begins it anew; nothing older needs to be kept of it. */
export async function openLog(place: Place): Promise<FileHandle> {
	// No symlink is followed: root may be writing in somebody else's folder here.
	const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
	const log = await open(place.log, flags, 0o600);
	const { size, uid, nlink } = await log.stat();
	if (size > logBytesMax) await log.truncate(0);
	// Made by root, it must still be its owner's when they start Muster themselves.
	if (uid !== place.uid && nlink === 1) await log.chown(place.uid, place.gid);
	return log;
}

/** What was written to the log after its first `offset` bytes. */
export async function readLog(place: Place, offset: number): Promise<string> {
	const bytes = await readFile(place.log).catch(() => Buffer.alloc(0));
	return bytes.subarray(offset).toString("utf8");
}

export async function tailOfLog(place: Place): Promise<string> {
	return (await readLog(place, 0)).trimEnd().split("\n").slice(-tailLinesMax).join("\n");
}

/** An error that shows what PostgreSQL said last, which is nearly always why. */
export async function withLogTail(place: Place, sentence: string): Promise<EmbeddedError> {
	return new EmbeddedError(`${sentence} The last lines of ${place.log}:\n${await tailOfLog(place)}`);
}
