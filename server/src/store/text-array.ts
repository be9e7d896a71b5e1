const textOid = 25;

/** A list of texts as PostgreSQL's binary text[]: written as an array's text, each would be searched for what to escape, twice. */
export function textArray(texts: readonly (string | null)[]): Buffer {
	const array = Buffer.allocUnsafe(headerBytes + bytesOf(texts));
	writeHeader(array, texts.length);
	writeElements(texts, array, headerBytes);
	return array;
}

/** The same without its beginning, to be put together with others. It is memory of its own, and may be held long. */
export function textElements(texts: readonly (string | null)[]): Buffer {
	const elements = Buffer.allocUnsafeSlow(bytesOf(texts));
	writeElements(texts, elements, 0);
	return elements;
}

/** @param count of all elements */
export function joinedTextArray(elements: readonly Buffer[], count: number): Buffer {
	const header = Buffer.allocUnsafe(headerBytes);
	writeHeader(header, count);
	return Buffer.concat([header, ...elements]);
}

function bytesOf(texts: readonly (string | null)[]): number {
	let size = 0;
	for (const text of texts) size += 4 + (text === null ? 0 : Buffer.byteLength(text));
	return size;
}

function writeHeader(array: Buffer, count: number): void {
	array.writeInt32BE(1, 0); // dimensions
	array.writeInt32BE(1, 4); // there may be nulls
	array.writeInt32BE(textOid, 8);
	array.writeInt32BE(count, 12);
	array.writeInt32BE(1, 16); // places count from 1
}

function writeElements(texts: readonly (string | null)[], into: Buffer, start: number): void {
	let at = start;
	for (const text of texts) {
		const bytes = text === null ? -1 : into.write(text, at + 4);
		into.writeInt32BE(bytes, at);
		at += 4 + Math.max(bytes, 0);
	}
}

const headerBytes = 20;
