/** How long a site counts as busy, or as being about, after it last was, in milliseconds. */
const rememberedMs = 1_000;

/** How long a piece of work of a quiet site is waited for, in milliseconds: several times what it takes. */
const workMs = 50;

/** How long each piece of work of a busy site waits, in milliseconds: beside ever so many quiet sites it goes on at that pace. */
const patienceMs = 20;

/** What is known of a site that was about within the last second. */
interface Presence {
	/** Pieces of work under way: requests that are not answered, turns of the worker. */
	underWay: number;
	/** When the last piece began, and when one last began or ended. */
	begunAt: number;
	seenAt: number;
	busyUntil: number;
}

/**
 * Who goes first in one process. While a site that sends little has something under way, one that sends much begins nothing;
 * it waits a moment each time, and never for another busy one. A site that is alone never waits.
 */
export class Courtesy {
	readonly #now: () => number;
	readonly #sites: Map<string, Presence> = new Map();
	/** Resolves when there may be one less to wait for. */
	#changed: PromiseWithResolvers<void> = Promise.withResolvers();
	#sweptAt = 0;

	/** @param now milliseconds of a clock that never jumps */
	constructor(now: () => number) {
		this.#now = now;
	}

	/**
	 * Says that a piece of work of the site begins.
	 * @returns says that it has ended; idempotent
	 */
	begin(siteId: string): () => void {
		const presence = this.#presenceOf(siteId);
		presence.underWay += 1;
		presence.begunAt = this.#now();
		presence.seenAt = presence.begunAt;
		let hasEnded = false;
		return () => {
			if (hasEnded) return;
			hasEnded = true;
			presence.underWay -= 1;
			presence.seenAt = this.#now();
			this.#tellChanged();
		};
	}

	/** Says that a site has much to do. */
	tellBusy(siteId: string): void {
		const wasBusy = this.isBusy(siteId);
		this.#presenceOf(siteId).busyUntil = this.#now() + rememberedMs;
		if (!wasBusy) this.#tellChanged();
	}

	isBusy(siteId: string): boolean {
		return (this.#sites.get(siteId)?.busyUntil ?? Number.NEGATIVE_INFINITY) > this.#now();
	}

	/** Whether another site that sends little is about, so that this one does a little at a time. */
	isBesideQuiet(siteId: string): boolean {
		const now = this.#now();
		for (const [other, { underWay, seenAt, busyUntil }] of this.#sites) {
			if (other === siteId || busyUntil > now) continue;
			if (underWay > 0 || seenAt + rememberedMs > now) return true;
		}
		return false;
	}

	/** Resolves when a piece of work of this site may begin: at once, but for a busy one beside the work of a quiet one. */
	async giveWay(siteId: string): Promise<void> {
		const until = this.#now() + patienceMs;
		for (let now = this.#now(); now < until && this.isBusy(siteId); now = this.#now()) {
			if (!this.#isQuietUnderWay(now)) return;
			await eventWithin(this.#changed.promise, until - now);
		}
	}

	#tellChanged(): void {
		this.#changed.resolve();
		this.#changed = Promise.withResolvers();
	}

	#isQuietUnderWay(now: number): boolean {
		for (const { underWay, begunAt, busyUntil } of this.#sites.values()) {
			if (underWay > 0 && busyUntil <= now && begunAt + workMs > now) return true;
		}
		return false;
	}

	#presenceOf(siteId: string): Presence {
		this.#forget();
		const known = this.#sites.get(siteId);
		if (known !== undefined) return known;
		const presence = {
			underWay: 0,
			begunAt: Number.NEGATIVE_INFINITY,
			seenAt: Number.NEGATIVE_INFINITY,
			busyUntil: Number.NEGATIVE_INFINITY,
		};
		this.#sites.set(siteId, presence);
		return presence;
	}

	/** Now and then: sites that were not seen for a second. */
	#forget(): void {
		const now = this.#now();
		if (now < this.#sweptAt + rememberedMs) return;
		this.#sweptAt = now;
		for (const [siteId, { underWay, seenAt, busyUntil }] of this.#sites) {
			if (underWay === 0 && Math.max(seenAt + rememberedMs, busyUntil) <= now) this.#sites.delete(siteId);
		}
	}
}

async function eventWithin(event: Promise<void>, ms: number): Promise<void> {
	const { promise: late, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, ms);
	await Promise.race([event, late]);
	clearTimeout(timer);
}
