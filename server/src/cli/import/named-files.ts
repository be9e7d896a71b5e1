import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { nearest } from "../../domain/nearest.ts";
import { UserError } from "../user-error.ts";

/** Told before anything is asked of the service. @throws UserError for a file that is not there, with what was probably meant */
export function expectNamedFiles(paths: readonly string[]): void {
	if (paths.length === 0) throw new UserError("no file is named. `muster import --help` has examples.");
	for (const path of paths) {
		if (path === "-" || existsSync(path)) continue;
		const meant = nearest(basename(path), [...(paths.length === 1 ? ["resume"] : []), ...filesBeside(path)]);
		const hint = meant === "resume" ? " Did you mean `muster import resume`?" : ` Did you mean ${meant}?`;
		throw new UserError(`there is no file ${path}.${meant === null ? "" : hint}`);
	}
}

function filesBeside(path: string): readonly string[] {
	try {
		return readdirSync(dirname(path));
	} catch {
		return [];
	}
}
