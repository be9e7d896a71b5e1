import type { Entity } from "@muster/client/contract";
import { indexableParts, type RecordSearch } from "../domain/record-search.ts";
import type { Transaction } from "./database.ts";
import { Parameters } from "./parameters.ts";
import { conditionsOf, keyBegins } from "./search-conditions.ts";

/** A part of a search's records, in the order of their ids, which is that in which they were created. */
export interface Found {
	/** So many as were asked for, or fewer. */
	readonly ids: readonly string[];
	/** Where to go on, where there is more to look at; null at the end. */
	readonly place: string | null;
}

/**
 * Most records that one page looks at, about: 12 to 35 ms. So a page of a site of this size is always full, and no search
 * of a larger one takes long: its page may come with few records, or none, and a place to go on from.
 */
export const lookedAtMax = 50_000;

/** What is looked at before anything else is tried: a page that it does not fill asks for one record in a hundred or less. */
const firstWindow = 5_000;

/** Most records that are taken by an index other than the one that has their order: each is then looked up by its key. */
const narrowMax = 20_000;

/**
 * Finds records behind a place. Those of the first windows are judged in their order, so that a search which many records
 * answer is over soon. If they do not fill the page, the records may be few: then an index that knows them is tried (of
 * emails or names by their beginning, of words where `muster search-index` has made one). Where there is none, or it knows
 * too many, the rest is judged in whatever order is fastest.
 *
 * The transaction has to read at one moment: each step goes on from what the one before has seen.
 */
export async function searchRecords(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	search: RecordSearch,
	page: { readonly after: string | null; readonly limit: number },
): Promise<Found> {
	const scan = new Scan(transaction, siteId, entity, search);
	const ids: string[] = [];
	let place = page.after;
	await transaction.query(inOrder, []);
	for (const records of windowsOf(page.limit, search, scan.isOpen)) {
		const { found, seen } = await scan.judged(place, records, page.limit - ids.length);
		ids.push(...found);
		if (ids.length >= page.limit) return { ids, place: ids.at(-1) ?? null };
		place = seen < records ? null : await scan.placeBehind(place, records);
		if (place === null) return { ids, place };
	}
	// Members come by their own index already, and may be anywhere among the customers.
	if (place === null || search.organizationId !== undefined) return { ids, place };
	const narrow = await scan.narrowed(place);
	const end = narrow === null ? await scan.placeBehind(place, lookedAtMax - firstWindow) : null;
	const rest = page.limit - ids.length;
	ids.push(...(narrow === null ? await scan.swept(place, end, rest) : await scan.among(narrow, rest)));
	return { ids, place: ids.length >= page.limit ? (ids.at(-1) ?? null) : end };
}

/** How many records are judged in their order at a time. */
function windowsOf(limit: number, search: RecordSearch, isOpen: boolean): readonly number[] {
	if (isOpen) return [limit];
	const first = [limit * 10, firstWindow];
	return search.organizationId === undefined ? first : [...first, lookedAtMax - firstWindow];
}

/** With sorts and bitmaps out of the way, PostgreSQL goes through the key, which has the order, and stops where it is told to. */
const inOrder = {
	name: "search-in-order",
	text: "select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
};

/** Page by page of the table, which is twice as fast. */
const inAnyOrder = {
	name: "search-in-any-order",
	text: `select set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true),
		set_config('enable_indexscan', 'off', true)`,
};

const types = { customer: "uuid", organization: "bigint" } as const;

/** The steps of one search, each a statement. They are put together, so they have no names by which to be kept prepared. */
class Scan {
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
