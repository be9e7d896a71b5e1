const textOid = 25;

/** A list of texts as PostgreSQL's binary text[]: written as an array's text, each would be searched for what to escape, twice. */
export function textArray(texts: readonly (string | null)[]): Buffer {
	let size = headerBytes;
	for (const text of texts) size += 4 + (text === null ? 0 : Buffer.byteLength(text));
	const array = Buffer.allocUnsafe(size);
	array.writeInt32BE(1, 0); // dimensions
	array.writeInt32BE(1, 4); // there may be nulls
	array.writeInt32BE(textOid, 8);
	array.writeInt32BE(texts.length, 12);
	array.writeInt32BE(1, 16); // places count from 1
	let at = headerBytes;
	for (const text of texts) {
		const bytes = text === null ? -1 : array.write(text, at + 4);
		array.writeInt32BE(bytes, at);
		at += 4 + Math.max(bytes, 0);
	}
	return array;
}

const headerBytes = 20;
