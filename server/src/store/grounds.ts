import { FieldSet } from "../domain/field-set.ts";
import type { Database } from "./database.ts";
import { listDetailFields } from "./detail-fields.ts";
import { findFieldsVersion } from "./expect-turn.ts";
import { type Site, siteOf } from "./find-site.ts";

/** What items about customers are judged by beside their records: as it was when it was read. */
export interface Ground {
	readonly site: Site;
	readonly fields: FieldSet;
	/** See findFieldsVersion. */
	readonly fieldsVersion: string;
	/** By the clock of `Grounds`. */
	readonly readAtMs: number;
}

/** Most sites whose ground is remembered. */
const groundsMax = 1_000;

/** How often a site's ground is read at most because it lacks something, in milliseconds. */
const renewedMs = 250;

/** The ground of sites as this process knows it. Whoever goes by one finds out in the database whether it still holds. */
export class Grounds {
	readonly #database: Database;
	readonly #now: () => number;
	readonly #known: Map<string, Ground> = new Map();
	readonly #reading: Map<string, Promise<Ground | null>> = new Map();

	/** @param now milliseconds of a clock that never goes back */
	constructor(database: Database, now: () => number) {
		this.#database = database;
		this.#now = now;
	}

	/** @returns null where it is not known; it is read then, without being waited for */
	of(siteId: string): Ground | null {
		const known = this.#known.get(siteId);
		if (known === undefined) this.#read(siteId);
		return known ?? null;
	}

	/** @returns null where it cannot be read now */
	async read(siteId: string): Promise<Ground | null> {
		return this.#known.get(siteId) ?? this.#read(siteId);
	}

	/** Says that something is not there which may be there by now. */
	renew(siteId: string): void {
		const known = this.#known.get(siteId);
		if (known !== undefined && known.readAtMs <= this.#now() - renewedMs) this.#known.delete(siteId);
	}

	/** Says that it has turned out not to hold. */
	forget(siteId: string): void {
		this.#known.delete(siteId);
	}

	#read(siteId: string): Promise<Ground | null> {
		const underway = this.#reading.get(siteId);
		if (underway !== undefined) return underway;
		const reading = this.#database
			.inSite(
				siteId,
				async (transaction) => {
					const [site, fieldsVersion, fields] = await Promise.all([
						siteOf(transaction, siteId),
						// Ahead of the fields: what changes in between is found to be outdated.
						findFieldsVersion(transaction, siteId, "customer"),
						listDetailFields(transaction, siteId, "customer"),
					]);
					const readAtMs = this.#now();
					if (this.#known.size >= groundsMax) this.#known.clear();
					const ground = { site, fields: new FieldSet(fields), fieldsVersion, readAtMs };
					this.#known.set(siteId, ground);
					return ground;
				},
				{ readOnly: true },
			)
			// It is asked for again, by somebody who waits for more than this.
			.catch(() => null)
			.finally(() => this.#reading.delete(siteId));
		this.#reading.set(siteId, reading);
		return reading;
	}
}
