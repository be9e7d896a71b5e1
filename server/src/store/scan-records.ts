import type { Entity } from "@muster/client/contract";
import { indexableParts, type RecordSearch } from "../domain/record-search.ts";
import type { Transaction } from "./database.ts";
import { Parameters } from "./parameters.ts";
import { conditionsOf, keyBegins } from "./search-conditions.ts";

/** Most records that are taken by an index other than the one that has their order: each is then looked up by its key. */
const narrowMax = 20_000;

/** With sorts and bitmaps out of the way, PostgreSQL goes through the key, which has the order, and stops where it is told to. */
export const inOrder = {
	name: "search-in-order",
	text: "select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
};

/** Page by page of the table, which is twice as fast. */
export const inAnyOrder = {
	name: "search-in-any-order",
	text: `select set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true),
		set_config('enable_indexscan', 'off', true)`,
};

const types = { customer: "uuid", organization: "bigint" } as const;

/** The steps of one search, each a statement. They are put together, so they have no names by which to be kept prepared. */
export class Scan {
	readonly #transaction: Transaction;
	readonly #siteId: string;
	readonly #entity: Entity;
	readonly #search: RecordSearch;
	readonly #type: string;
	readonly #id: string;

	constructor(transaction: Transaction, siteId: string, entity: Entity, search: RecordSearch) {
		this.#transaction = transaction;
		this.#siteId = siteId;
		this.#entity = entity;
		this.#search = search;
		this.#type = types[entity];
		this.#id = `${entity}_id`;
	}

	/** Whether every record, or every member of the organization, is asked for. */
	get isOpen(): boolean {
		return conditionsOf(this.#entity, this.#search, new Parameters()).length === 0;
	}

	/** Judges the next `records` behind a place. `seen` is how many there were. */
	async judged(
		after: string | null,
		records: number,
		limit: number,
	): Promise<{ readonly found: readonly string[]; readonly seen: number }> {
		const parameters = new Parameters(this.#siteId);
		const conditions = conditionsOf(this.#entity, this.#search, parameters);
		const filter = conditions.length === 0 ? "" : `filter (where ${conditions.join(" and ")})`;
		// The rows come in order, and so do the ids of the list.
		const text = `
			select count(*) as seen,
				coalesce((array_agg(record.${this.#id}::text) ${filter})[1:${parameters.add(limit, "integer")}], '{}') as found
			from (${this.#next("*", after, records, parameters)}) as record`;
		const [answer] = await this.#query<{ seen: number; found: string[] }>(text, parameters);
		return answer ?? { found: [], seen: 0 };
	}

	/** Judges all records behind a place up to an end, that one included; null: to the last one. */
	async swept(after: string, end: string | null, limit: number): Promise<readonly string[]> {
		await this.#transaction.query(inAnyOrder, []);
		const parameters = new Parameters(this.#siteId);
		const upTo = end === null ? "" : `and record.${this.#id} <= ${parameters.add(end, this.#type)}`;
		const rows = `muster.${this.#entity} as record
			where record.site_id = $1 and ${this.#isBehind("record", after, parameters)} ${upTo} and`;
		return this.#fitting(rows, limit, parameters);
	}

	/** A page of all records that fit, counted off from the first one, in the order that was set: inOrder or inAnyOrder. */
	async counted({ offset, limit }: { readonly offset: number; readonly limit: number }): Promise<string[]> {
		const parameters = new Parameters(this.#siteId);
		const conditions = conditionsOf(this.#entity, this.#search, parameters);
		const text = `
			select record.${this.#id}::text as id
			from muster.${this.#entity} as record
			where ${["site_id = $1", ...conditions].join(" and ")}
			order by record.${this.#id}
			limit ${parameters.add(limit, "integer")} offset ${parameters.add(offset, "integer")}`;
		const rows = await this.#query<{ id: string }>(text, parameters);
		return rows.map(({ id }) => id);
	}

	/** Judges these records. */
	among(ids: readonly string[], limit: number): Promise<readonly string[]> {
		const parameters = new Parameters(this.#siteId);
		const rows = `unnest(${parameters.add(ids, "text[]")}::${this.#type}[]) as named (id), lateral (
				select * from muster.${this.#entity} where site_id = $1 and ${this.#id} = named.id limit 1
			) as record where`;
		return this.#fitting(rows, limit, parameters);
	}

	/** @param rows all that stands between "from" and the conditions */
	async #fitting(rows: string, limit: number, parameters: Parameters): Promise<readonly string[]> {
		const conditions = conditionsOf(this.#entity, this.#search, parameters);
		const id = `record.${this.#id}`;
		const text = `
			select coalesce((array_agg(${id}::text order by ${id}))[1:${parameters.add(limit, "integer")}], '{}') as found
			from ${rows} ${conditions.join(" and ")}`;
		const [answer] = await this.#query<{ found: string[] }>(text, parameters);
		return answer?.found ?? [];
	}

	/** The id of the last of the `records` behind a place; null if there are fewer. */
	async placeBehind(after: string | null, records: number): Promise<string | null> {
		const parameters = new Parameters(this.#siteId);
		const text = `
			select ${this.#id}::text as place
			from (${this.#next(this.#id, after, records, parameters)}) as record
			offset ${parameters.add(records - 1, "integer")}`;
		const [answer] = await this.#query<{ place: string }>(text, parameters);
		return answer?.place ?? null;
	}

	/** Ids of the records behind a place among which all that are sought must be; null where no index knows them. */
	async narrowed(after: string): Promise<readonly string[] | null> {
		const { keyPrefix, words } = this.#search;
		if (keyPrefix !== undefined) {
			const found = await this.#byKey(keyPrefix, after);
			if (found !== null) return found;
		}
		const parts = indexableParts(words);
		return parts.length === 0 ? null : this.#byWords(parts, after);
	}

	/** The place is compared where no index sees it: the one by keys is what has to be taken. */
	async #byKey(prefix: string, after: string): Promise<readonly string[] | null> {
		const parameters = new Parameters(this.#siteId);
		const text = `
			select coalesce(array_agg(found.id::text order by found.id), '{}') as ids
			from (
				select record.${this.#id} as id from muster.${this.#entity} as record
				where record.site_id = $1 and ${keyBegins(this.#entity, prefix, parameters)}
					and (${this.#isBehind("record", after, parameters)}) is true
				limit ${narrowMax} + 1
			) as found`;
		const [answer] = await this.#query<{ ids: string[] }>(text, parameters);
		return answer === undefined || answer.ids.length > narrowMax ? null : answer.ids;
	}

	async #byWords(parts: readonly string[], after: string): Promise<readonly string[] | null> {
		const [answer] = await this.#transaction.query<{ ids: string[] | null }>(byWordsStatement, [
			this.#siteId,
			this.#entity,
			parts,
			after,
			narrowMax,
		]);
		return answer?.ids ?? null;
	}

	#next(columns: string, after: string | null, records: number, parameters: Parameters): string {
		const { organizationId } = this.#search;
		const limit = `limit ${parameters.add(records, "integer")}`;
		if (this.#entity === "organization" || organizationId === undefined) {
			return `
				select ${columns} from muster.${this.#entity} as record
				where site_id = $1 and ${this.#isBehind("record", after, parameters)}
				order by ${this.#id} ${limit}`;
		}
		const members = `
			select customer_id from muster.membership as member
			where site_id = $1 and organization_id = ${parameters.add(organizationId, "bigint")}
				and ${this.#isBehind("member", after, parameters)}
			order by customer_id ${limit}`;
		if (columns === this.#id) return members;
		return `
			select record.* from (${members}) as member,
				lateral (select * from muster.customer where site_id = $1 and customer_id = member.customer_id limit 1) as record`;
	}

	#isBehind(row: string, after: string | null, parameters: Parameters): string {
		return after === null ? "true" : `${row}.${this.#id} > ${parameters.add(after, this.#type)}`;
	}

	#query<Row>(text: string, parameters: Parameters): Promise<Row[]> {
		return this.#transaction.query<Row>({ name: "", text }, parameters.values);
	}
}

const byWordsStatement = {
	name: "find-by-words",
	text: "select muster.find_by_words($1, $2, $3::text[], $4, $5) as ids",
};
