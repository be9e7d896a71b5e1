import { readFile } from "node:fs/promises";
import { UserError } from "../user-error.ts";

/**
 * Where the key of another program comes from. A file is read each time, so that whoever renews a token writes it there and
 * the sync goes on.
 * @throws UserError where there is none
 */
export function keyFrom(file: string | undefined, token: string | undefined): () => Promise<string> {
	if (file !== undefined) return () => readKey(file);
	if (token === undefined) {
		throw new UserError(
			"there is no key for HubSpot. Set HUBSPOT_TOKEN, or say --key-file FILE; docs/guides/hubspot.md tells how to make a Service Key.",
		);
	}
	return async () => token;
}

async function readKey(file: string): Promise<string> {
	const text = await readFile(file, "utf8").catch((error: unknown) => {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
		throw new UserError(`--key-file ${file} cannot be read (${code}).`);
	});
	const key = text.trim();
	// What is wrong with it is not shown: it may be most of a key.
	if (/^[\x21-\x7e]{1,4096}$/.test(key)) return key;
	throw new UserError(`--key-file ${file} holds no key: one line of it, without blanks in it, is expected.`);
}
