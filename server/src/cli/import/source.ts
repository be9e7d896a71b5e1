import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Encoding, type Format, findEncoding, sniffFormat } from "@muster/client/import";
import { exitCodes } from "../exit-codes.ts";
import { UserError } from "../user-error.ts";

/** A file of rows, and how it is written. */
export interface Source {
	/** Where it is read from; of standard input, a copy. */
	readonly path: string;
	/** As messages call it. */
	readonly name: string;
	readonly encoding: Encoding;
	readonly format: Exclude<Format, { kind: "json" }>;
	/** To see whether it is still the same: bytes, and milliseconds. */
	readonly size: number;
	readonly changedMs: number;
}

/** Bytes of a file's beginning that its form is found out by. */
const headBytes = 65_536;

/** @throws UserError where it cannot be read, or its rows cannot be told apart */
export async function openSource(path: string, name: string = basename(path)): Promise<Source> {
	const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
		throw new UserError(`${path} cannot be read: ${plain(error)}.`);
	});
	const encoding = await findEncoding(createReadStream(path)).catch((error: unknown) => {
		throw new UserError(`${path} cannot be read: ${plain(error)}.`);
	});
	const format = sniffFormat(await readHead(path, encoding), size <= headBytes);
	if (format.kind === "json") {
		throw new UserError(
			`${name} is one JSON text. Write one object a line (JSONL), such as {"email":"jane.smith@acme.com"}; \`jq -c '.[]'\` does that.`,
		);
	}
	if (size === 0) throw new UserError(`${name} is empty.`, exitCodes.nothingUsable);
	return { path, name, encoding, format, size, changedMs: mtimeMs };
}

async function readHead(path: string, encoding: Encoding): Promise<string> {
	const file = await open(path);
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
		return new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead));
	} finally {
		await file.close();
	}
}

function plain(error: unknown): string {
	const code = error instanceof Error && "code" in error ? error.code : null;
	if (code === "ENOENT") return "there is no such file";
	if (code === "EISDIR") return "it is a folder";
	return code === "EACCES" ? "it may not be read by you" : String(error);
}
