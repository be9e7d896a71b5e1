import type { IncomingMessage } from "node:http";
import { ProblemError } from "./problem-error.ts";

/** Largest body, in bytes (contract, section 5). */
export const bodyBytesMax: number = 8 * 1024 * 1024;

/** Most bytes of bodies under way in one process, from their arrival until they are saved, and most of them of one site. */
const bodiesBytesMax = 48 * 1024 * 1024;
const siteBytesMax = bodiesBytesMax / 2;

/** What an upload that is read in pieces counts as, in bytes: what it holds of them, as bytes, texts and items. */
export const uploadBytesHeld: number = 4 * 1024 * 1024;

/** Room for a body to begin with, in bytes: nearly every one fits. */
const firstBytes = 64 * 1024;

/** Counts the bytes of bodies under way, so that many large ones at once end in refusals and not in the end of the process. */
export class BodyBudget {
	#bytes = 0;
	readonly #ofSite: Map<string, number> = new Map();

	/** Nothing is counted yet; a body counts as it arrives, so that one that is announced and never comes takes no room. */
	hold(siteId: string): BodyHold {
		let held = 0;
		let isReleased = false;
		return {
			add: (bytes) => {
				const ofSite = this.#ofSite.get(siteId) ?? 0;
				if (isReleased || this.#bytes + bytes > bodiesBytesMax || ofSite + bytes > siteBytesMax) return false;
				held += bytes;
				this.#bytes += bytes;
				this.#ofSite.set(siteId, ofSite + bytes);
				return true;
			},
			release: () => {
				isReleased = true;
				this.#bytes -= held;
				const rest = (this.#ofSite.get(siteId) ?? 0) - held;
				if (rest > 0) this.#ofSite.set(siteId, rest);
				else this.#ofSite.delete(siteId);
				held = 0;
			},
		};
	}

	get bytes(): number {
		return this.#bytes;
	}
}

/** What one body takes of the budget. */
export interface BodyHold {
	/** @returns false where there is no room for so many bytes more */
	add(bytes: number): boolean;
	/** Idempotent. */
	release(): void;
}

/**
 * Reads a body as its bytes, and no further than it may go: past its limit, or past the room that all bodies have, the rest
 * is not kept.
 * @throws ProblemError body_too_large, overloaded; invalid_request where the client went away
 */
export function readBody(request: IncomingMessage, hold: BodyHold): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const announced = Number(request.headers["content-length"] ?? 0);
		if (announced > bodyBytesMax) {
			reject(tooLarge());
			return;
		}
		let bytes: Buffer = Buffer.allocUnsafe(Math.min(announced || firstBytes, firstBytes));
		let length = 0;
		let isRefused = false;
		const end = (settle: () => void): void => {
			request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
			settle();
		};
		const onData = (chunk: Buffer): void => {
			length += chunk.length;
			if (length > bodyBytesMax) {
				end(() => reject(tooLarge()));
				return;
			}
			if (!isRefused && !hold.add(chunk.length)) {
				isRefused = true;
				hold.release();
				bytes = Buffer.alloc(0);
			}
			if (isRefused) return;
			if (length > bytes.length) bytes = grown(bytes, length);
			chunk.copy(bytes, length - chunk.length);
		};
		// Who is still sending would not read the refusal, so it is told at the end.
		const onEnd = (): void => end(() => (isRefused ? reject(noRoom()) : resolve(bytes.subarray(0, length))));
		const onGone = (): void => end(() => reject(gone()));
		request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
	});
}

/** Room for twice as much. Chunks of a byte each would take a hundred times their size if they were kept as they come. */
function grown(bytes: Buffer, needed: number): Buffer {
	const larger = Buffer.allocUnsafe(Math.min(Math.max(2 * bytes.length, needed), bodyBytesMax));
	bytes.copy(larger);
	return larger;
}

function tooLarge(): ProblemError {
	return new ProblemError(
		"body_too_large",
		"The body is larger than 8 MiB. Nothing was saved; send fewer items.",
	);
}

export function noRoom(): ProblemError {
	return new ProblemError(
		"overloaded",
		"Too many large bodies are under way. Nothing was saved; send the same request again.",
		{ headers: { "retry-after": "1" } },
	);
}

/** Nobody reads it, and it is no fault of ours that the log should show. */
function gone(): ProblemError {
	return new ProblemError("invalid_request", "The connection was closed before the body had arrived.");
}
