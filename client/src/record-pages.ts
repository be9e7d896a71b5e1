import type { Connection } from "./connection.ts";
import type { HistoryPage } from "./contract/history.ts";
import type { Entity } from "./contract/operations.ts";
import type { DetailUsage } from "./contract/site.ts";
import type { ProfileOf } from "./find-by-detail.ts";
import { askPage, type Page, type PageQuery } from "./page.ts";
import { readProfile } from "./profile.ts";
import type { CustomerQuery } from "./records.ts";

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

	#pathOf(id: string): string {
		const part = encodeURIComponent(id);
		return this.entity === "customer" ? `customer/account/${part}` : `organization/${part}`;
	}
}
