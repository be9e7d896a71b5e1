import type { ServerResponse } from "node:http";
import type { Courtesy } from "../domain/courtesy.ts";

/** A site with more requests at once, from when their bodies have come until they are saved, is busy. */
const quietRequestsMax = 4;

/** Requests of a busy site that are parsed and saved at once while a quiet site is about: of two, the quiet one noticed. */
const besideQuietMax = 1;

/** The requests of one site. */
interface Line {
	inside: number;
	readonly waiting: (() => void)[];
}

/**
 * Lets requests in to be parsed and saved: all that come, unless a site that sends much is beside one that sends little.
 * Their bodies have come by then, and count as under way, so a slow client keeps nobody waiting.
 */
export class Door {
	readonly #courtesy: Courtesy;
	readonly #lines: Map<string, Line> = new Map();

	constructor(courtesy: Courtesy) {
		this.#courtesy = courtesy;
	}

	/** Says that a request has come. While a quiet site's is not answered, busy sites begin nothing. */
	arrive(siteId: string, response: ServerResponse): void {
		atEnd(response, this.#courtesy.begin(siteId));
	}

	/** @returns lets the next one in, which the end of the answer does too; idempotent */
	async enter(siteId: string, response: ServerResponse): Promise<() => void> {
		const line = this.#lineOf(siteId);
		if (line.inside + line.waiting.length >= quietRequestsMax) this.#courtesy.tellBusy(siteId);
		if (this.#isFull(siteId, line)) await new Promise<void>((resolve) => line.waiting.push(resolve));
		else line.inside += 1;
		let isInside = true;
		const leave = (): void => {
			if (isInside) this.#leave(siteId, line);
			isInside = false;
		};
		atEnd(response, leave);
		await this.#courtesy.giveWay(siteId);
		return leave;
	}

	#leave(siteId: string, line: Line): void {
		line.inside -= 1;
		while (line.waiting.length > 0 && !this.#isFull(siteId, line)) {
			line.inside += 1;
			line.waiting.shift()?.();
		}
		if (line.inside === 0) this.#lines.delete(siteId);
	}

	#isFull(siteId: string, line: Line): boolean {
		return (
			line.inside >= besideQuietMax && this.#courtesy.isBusy(siteId) && this.#courtesy.isBesideQuiet(siteId)
		);
	}

	#lineOf(siteId: string): Line {
		const known = this.#lines.get(siteId);
		if (known !== undefined) return known;
		const line: Line = { inside: 0, waiting: [] };
		this.#lines.set(siteId, line);
		return line;
	}
}

/** Calls `done` when the answer has been sent or its client has gone, which may be by now. */
function atEnd(response: ServerResponse, done: () => void): void {
	if (response.destroyed) done();
	else response.once("close", done);
}
