import type { Connection } from "./connection.ts";
import type { HistoryPage } from "./contract/history.ts";
import type { Entity } from "./contract/operations.ts";
import type { DetailUsage } from "./contract/site.ts";
import type { ProfileOf } from "./find-by-detail.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";
import { readProfile } from "./profile.ts";
import type { CustomerQuery } from "./records.ts";
import { unexpected } from "./unexpected.ts";

/** Most ids in one fetch (reference). */
const fetchMax = 25;

/** Customers or organizations as a screen shows them: page by page, and one that is changed in its place. */
export class RecordPages<Kind extends Entity> {
	readonly entity: Kind;
	readonly #connection: Connection;

	constructor(connection: Connection, entity: Kind) {
		this.#connection = connection;
		this.entity = entity;
	}

	/** Oldest first. A page of a search on a large site may hold fewer records than its limit, or none. */
	async page(filter: Omit<CustomerQuery, "signal">, page: PageQuery = {}): Promise<Page<ProfileOf[Kind]>> {
		const found = await askPage<ProfileOf[Kind]>(this.#connection, `${this.entity}s`, { ...filter }, page);
		return { ...found, results: found.results.map(readProfile) };
	}

	/** Path of all that a search finds as one file, from the service's address on. */
	exportPath({ filter = [], ...texts }: Omit<CustomerQuery, "signal">, format: "csv" | "jsonl"): string {
		const query = new URLSearchParams({ format });
		for (const [name, text] of Object.entries(texts)) if (text !== undefined) query.set(name, text);
		for (const each of filter) query.append("filter", each);
		return `${this.#connection.path}/${this.entity}s/export?${query}`;
	}

	/** What was changed on a record, the latest change first. */
	async history(id: string, page: PageQuery = {}): Promise<HistoryPage> {
		const { limit, cursor, signal } = page;
		const path = `${this.entity}/${encodeURIComponent(id)}/history`;
		const query = { limit, cursor };
		// By the contract.
		return (await this.#connection.ask({ method: "GET", path, query, signal })).body as HistoryPage;
	}

	/** Changes the email and display name of a customer, or the name of an organization; what is left out stays. */
	async update(id: string, change: Readonly<Record<string, string>>): Promise<void> {
		await this.#connection.ask({ method: "PUT", path: this.#pathOf(id), body: change });
	}

	/** Makes a record by itself, at once. @returns its id. @throws MusterError, also where it is there already */
	async make(record: Readonly<Record<string, string>>): Promise<string> {
		const { body, status } = await this.#connection.ask({ method: "POST", path: this.entity, body: record });
		return this.#named(body)?.id ?? unexpected(this.entity, status);
	}

	/** Emails or names by ids; ids that the service does not know are left out. */
	async keysOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
		const path = this.entity === "customer" ? "customer/profile/fetch" : "organization/fetch";
		const keys = new Map<string, string>();
		for (let from = 0; from < ids.length; from += fetchMax) {
			const body = { [`${this.entity}Ids`]: ids.slice(from, from + fetchMax) };
			const answer = await this.#connection.ask({ method: "POST", path, body });
			// Whoever answers otherwise knows none of them.
			const { results } = answer.body as { readonly results?: unknown };
			for (const found of (Array.isArray(results) ? results : []).map((one) => this.#named(one))) {
				if (found !== null) keys.set(found.id, found.key);
			}
		}
		return keys;
	}

	/** Replaces the values of one detail; none clears it. @param field its name or id */
	async setDetail(id: string, field: string, values: readonly string[]): Promise<void> {
		const path = `${this.entity}/${encodeURIComponent(id)}/details`;
		await this.#connection.ask({ method: "PUT", path, query: { fieldName: field }, body: { values } });
	}

	/** How many of the oldest records have a value of each field. */
	async detailUsage({ signal }: { readonly signal?: AbortSignal } = {}): Promise<DetailUsage> {
		const path = `statistics/${this.entity}/details`;
		return (await this.#connection.ask({ method: "GET", path, signal })).body as DetailUsage;
	}

	#named(body: unknown): { readonly id: string; readonly key: string } | null {
		if (typeof body !== "object" || body === null) return null;
		// Each member is looked at before it is used.
		const sent = body as Readonly<Record<string, unknown>>;
		const [id, key] = this.entity === "customer" ? [sent.customerId, sent.email] : [sent.id, sent.name];
		return id === undefined || id === null ? null : { id: String(id), key: String(key ?? "") };
	}

	#pathOf(id: string): string {
		const part = encodeURIComponent(id);
		return this.entity === "customer" ? `customer/account/${part}` : `organization/${part}`;
	}
}
