import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

export interface ConsoleFile {
	readonly type: string;
	readonly bytes: Buffer;
	/** null where that is not smaller. */
	readonly gzipped: Buffer | null;
	readonly etag: string;
	/** Named by what is in it, so that it never changes. */
	readonly isHashed: boolean;
}

const types: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
};

/** The built console: some hundred kilobytes, read and compressed when the first browser comes, and held. */
export class ConsolePages {
	readonly #folder: string;
	#files: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** By path from the folder, with slashes. @returns an empty map where the console was not built */
	async files(): Promise<ReadonlyMap<string, ConsoleFile>> {
		this.#files ??= readFiles(this.#folder);
		const files = await this.#files;
		// It may be built while the server runs.
		if (!files.has("index.html")) this.#files = undefined;
		return files;
	}
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
	const files = entries
		.filter((entry) => entry.isFile() && extname(entry.name) in types)
		.map(async (entry) => {
			const path = join(entry.parentPath, entry.name);
			const name = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/+/, "");
			return [name, await readOne(path, name)] as const;
		});
	return new Map(await Promise.all(files));
}

async function readOne(path: string, name: string): Promise<ConsoleFile> {
	const bytes = await readFile(path);
	const gzipped = await promisify(gzip)(bytes, { level: 9 });
	return {
		type: types[extname(name)] ?? "application/octet-stream",
		bytes,
		gzipped: gzipped.length < bytes.length ? gzipped : null,
		etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
		// Vite puts them there, and only them.
		isHashed: name.startsWith("assets/"),
	};
}
