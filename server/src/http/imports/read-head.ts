import { ProblemError } from "../problem-error.ts";

/** The beginning of a file, which tells how it is written. */
export interface Head {
	/** 64 KiB, or all of it. */
	readonly bytes: Buffer;
	/** Whether the file ends with it. */
	readonly isWhole: boolean;
	/** The whole file. */
	readonly pieces: AsyncIterable<Buffer>;
}

/** Bytes that the form of a file is found out by; the importer of the command line goes by as many. */
const headBytes = 65_536;

/** @throws ProblemError empty_items, invalid_encoding; what the pieces throw */
export async function readHead(pieces: AsyncGenerator<Buffer, void>): Promise<Head> {
	const read: Buffer[] = [];
	let length = 0;
	let isWhole = false;
	while (length < headBytes && !isWhole) {
		const next = await pieces.next();
		isWhole = next.done === true;
		if (next.done === true) break;
		read.push(next.value);
		length += next.value.length;
	}
	const bytes = Buffer.concat(read);
	if (isWhole && bytes.toString().replace("\ufeff", "").trim() === "") {
		throw new ProblemError("empty_items", "The file is empty. Nothing was saved.");
	}
	refuseWide(bytes);
	return {
		bytes,
		isWhole,
		pieces: (async function* () {
			yield bytes;
			if (!isWhole) yield* pieces;
		})(),
	};
}

/** UTF-16, by its mark or by the zeros that it has where UTF-8 has none. */
function refuseWide(bytes: Buffer): void {
	const [first = 1, second = 1] = bytes;
	const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
	if (!isMarked && first !== 0 && second !== 0) return;
	throw new ProblemError(
		"invalid_encoding",
		"The file is UTF-16, and UTF-8 is expected. Nothing was saved; convert it, such as with `iconv -f UTF-16 -t UTF-8`.",
	);
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Bytes of the byte order mark that a file begins with. */
export function markLength(bytes: Buffer): number {
	return bytes.subarray(0, mark.length).equals(mark) ? mark.length : 0;
}

/** The text of a head, without its mark. */
export function textOf({ bytes }: Head): string {
	return bytes.subarray(markLength(bytes)).toString();
}
