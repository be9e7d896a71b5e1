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
 * Most records that one page looks at, about: 25 to 50 ms. So a page of a site of this size is always full, and no search
 * of a larger one holds a connection for long: its page may come with few records, or none, and a place to go on from.
 */
export const lookedAtMax = 100_000;

/**
 * What is looked at before anything else is tried, in records. A page that these do not fill asks for less than one
 * record in two hundred.
 */
const firstWindow = 10_000;

/** Most records that are taken by an index other than the one that has their order: each is then looked up by its key. */
const narrowMax = 20_000;

/**
 * Finds records behind a place. Those of the first window are judged as they come. If they do not fill the page, the
 * records may be few: then an index that knows them is tried (of emails or names by their beginning, of words where
 * `muster search-index` has made one), and where there is none, or they are many, the rest is judged as it comes.
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
	for (const window of windowsOf(page.limit, scan.isOpen)) {
		const narrow = window.isLast ? await scan.narrowed(place) : null;
		const { found, seen } = await scan.judged(place, window.records, page.limit - ids.length, narrow);
		ids.push(...found);
		if (ids.length >= page.limit) return { ids, place: ids.at(-1) ?? null };
		if (narrow !== null || seen < window.records) return { ids, place: null };
		place = await scan.placeBehind(place, window.records);
		if (place === null) break;
	}
	return { ids, place };
}

interface Window {
	readonly records: number;
	readonly isLast: boolean;
}

/** A search that many records answer is over after ten times as many as it asks for. */
function windowsOf(limit: number, isOpen: boolean): Window[] {
	if (isOpen) return [{ records: limit, isLast: false }];
	return [
		{ records: limit * 10, isLast: false },
		{ records: firstWindow, isLast: false },
		{ records: lookedAtMax - firstWindow, isLast: true },
	];
}

/** With sorts and bitmaps out of the way, PostgreSQL goes through the key, which has the order, and stops where it is told to. */
const inOrder = {
	name: "search-in-order",
	text: "select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)",
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

	/** Judges the next `records` behind a place, or those of `narrow`. `seen` is how many there were. */
	async judged(
		after: string | null,
		records: number,
		limit: number,
		narrow: readonly string[] | null,
	): Promise<{ readonly found: readonly string[]; readonly seen: number }> {
		const parameters = new Parameters(this.#siteId);
		const conditions = conditionsOf(this.#entity, this.#search, parameters);
		const rows =
			narrow === null ? this.#next("*", after, records, parameters) : this.#named(narrow, parameters);
		// The rows come in order, and so do the ids of the list.
		const text = `
			select count(*) as seen, coalesce(
				(array_agg(record.${this.#id}::text) ${conditions.length === 0 ? "" : `filter (where ${conditions.join(" and ")})`})
				[1:${parameters.add(limit, "integer")}], '{}') as found
			from (${rows}) as record`;
		const [answer] = await this.#query<{ seen: number; found: string[] }>(text, parameters);
		return answer ?? { found: [], seen: 0 };
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
	async narrowed(after: string | null): Promise<readonly string[] | null> {
		const { organizationId, keyPrefix, words } = this.#search;
		// Members come by their own index already.
		if (organizationId !== undefined) return null;
		if (keyPrefix !== undefined) {
			const found = await this.#byKey(keyPrefix, after);
			if (found !== null) return found;
		}
		const parts = indexableParts(words);
		return parts.length === 0 ? null : this.#byWords(parts, after);
	}

	/** The place is compared where no index sees it: the one by keys is what has to be taken. */
	async #byKey(prefix: string, after: string | null): Promise<readonly string[] | null> {
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

	async #byWords(parts: readonly string[], after: string | null): Promise<readonly string[] | null> {
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

	#named(ids: readonly string[], parameters: Parameters): string {
		return `
			select record.* from unnest(${parameters.add(ids, "text[]")}::${this.#type}[]) as named (id),
				lateral (select * from muster.${this.#entity} where site_id = $1 and ${this.#id} = named.id limit 1) as record`;
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
