export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/**
 * How the text of a file is encoded, by all of its bytes: a mark at its beginning, zeros where UTF-16 has them, UTF-8 where
 * every byte fits, else windows-1252, which spreadsheets of western Europe and America still write.
 */
export async function findEncoding(chunks: AsyncIterable<Uint8Array>): Promise<Encoding> {
	const utf8 = new TextDecoder("utf-8", { fatal: true });
	let isFirst = true;
	try {
		for await (const chunk of chunks) {
			const wide = isFirst ? wideEncoding(chunk) : null;
			if (wide !== null) return wide;
			isFirst = false;
			utf8.decode(chunk, { stream: true });
		}
		utf8.decode();
		return "utf-8";
	} catch (error) {
		if (error instanceof TypeError) return "windows-1252";
		throw error;
	}
}

function wideEncoding(head: Uint8Array): Encoding | null {
	const [first = 1, second = 1] = head;
	if ((first === 0xff && second === 0xfe) || (second === 0 && first !== 0)) return "utf-16le";
	return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "utf-16be" : null;
}
