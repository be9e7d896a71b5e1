import { createHash } from "node:crypto";
import type { SavedDigest } from "../../store/import-digests.ts";

/** Thrown where a file is not the one that was sent before. */
export class AnotherFile extends Error {
	override readonly name = "AnotherFile";
}

/**
 * What is behind the part of a file that is saved already, where it begins as that does. It is compared and not kept.
 * @param parts of what is saved, in their order
 * @throws AnotherFile at the first part that differs, or where the file ends before
 */
export async function* behindSaved(
	chunks: AsyncIterable<Buffer>,
	parts: AsyncIterable<SavedDigest>,
): AsyncGenerator<Buffer, void> {
	const source = chunks[Symbol.asyncIterator]();
	try {
		let chunk: Buffer = Buffer.alloc(0);
		let at = 0;
		for await (const { endByte, digest } of parts) {
			const hash = createHash("sha256");
			while (at < endByte) {
				if (chunk.length === 0) {
					const next = await source.next();
					if (next.done === true) throw new AnotherFile();
					chunk = next.value;
				}
				const taken = chunk.subarray(0, endByte - at);
				hash.update(taken);
				at += taken.length;
				chunk = chunk.subarray(taken.length);
			}
			if (!hash.digest().equals(digest)) throw new AnotherFile();
		}
		if (chunk.length > 0) yield chunk;
		for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
	} finally {
		await source.return?.();
	}
}
