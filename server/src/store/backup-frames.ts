import type { Readable } from "node:stream";

// A backup is a sequence of frames, each its length in four bytes and so many bytes. A frame of JSON tells what comes; the
// rows of a table follow theirs in frames as COPY gave them, up to an empty one; the last frame is JSON again.

/** A file that is no backup, is cut off, or is of a newer program; in words for whoever named it. */
export class BackupError extends Error {
	override readonly name = "BackupError";
}

export interface Head {
	readonly musterBackup: 1;
	/** Names of the migrations that the database had. */
	readonly migrations: readonly string[];
}

/** Ahead of the rows of a table. */
export interface TableHead {
	/** Such as "muster.site (site_id, name)". */
	readonly table: string;
}

/** At the very end. */
export interface Tail {
	/** How far each sequence had counted, by its name; null for one that never counted. */
	readonly sequences: Readonly<Record<string, number | null>>;
}

const lengthBytes = 4;
/** More than any chunk of a socket or head is: what claims more is no backup. */
const frameBytesMax = 64 * 1024 * 1024;

export function frameOf(content: Buffer): Buffer {
	const length = Buffer.alloc(lengthBytes);
	length.writeUInt32BE(content.length);
	return Buffer.concat([length, content]);
}

export function jsonFrame(value: Head | TableHead | Tail): Buffer {
	return frameOf(Buffer.from(JSON.stringify(value)));
}

/** Reads frames one after the other. */
export class Frames {
	readonly #chunks: AsyncIterator<Buffer>;
	#rest: Buffer = Buffer.alloc(0);

	constructor(stream: Readable) {
		this.#chunks = stream[Symbol.asyncIterator]();
	}

	/** @throws BackupError where the file ends first, or is something else */
	async next(): Promise<Buffer> {
		const length = (await this.#take(lengthBytes)).readUInt32BE();
		if (length > frameBytesMax) throw new BackupError("it is no backup of Muster's");
		return this.#take(length);
	}

	/** @throws BackupError */
	async json(): Promise<Partial<Head & TableHead & Tail>> {
		try {
			return JSON.parse((await this.next()).toString()) as Partial<Head & TableHead & Tail>;
		} catch (error) {
			if (!(error instanceof SyntaxError)) throw error;
			throw new BackupError("it is no backup of Muster's");
		}
	}

	/** The rows of a table. */
	async *rows(): AsyncGenerator<Buffer, void> {
		for (let frame = await this.next(); frame.length > 0; frame = await this.next()) yield frame;
	}

	async #take(length: number): Promise<Buffer> {
		const parts = [this.#rest];
		let size = this.#rest.length;
		while (size < length) {
			const { done, value } = await this.#chunks.next();
			if (done === true) throw new BackupError("it ends in the middle");
			parts.push(value);
			size += value.length;
		}
		const whole = parts.length === 1 ? this.#rest : Buffer.concat(parts, size);
		this.#rest = whole.subarray(length);
		return whole.subarray(0, length);
	}
}
