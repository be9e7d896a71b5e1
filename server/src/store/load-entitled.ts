import type { Entity } from "@muster/client/contract";
import type { Pair } from "../domain/fold-items.ts";
import type { LinkTarget } from "../domain/link-targets.ts";
import type { Transaction } from "./database.ts";
import { eachByKeyAndId } from "./load-records.ts";
import { textArray } from "./text-array.ts";

const product = "select product_id as id, name_key as key from muster.product where site_id = $1";

const nameStatement = {
	name: "name-products",
	text: eachByKeyAndId(`${product} and name_key = named.key`, `${product} and product_id = named.id`, "uuid"),
};

/** Ids and keys of the products that are named by either; one that is named by both comes twice. */
export function nameProducts(
	transaction: Transaction,
	siteId: string,
	named: { readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<LinkTarget[]> {
	return transaction.query<LinkTarget>(nameStatement, [siteId, textArray(named.keys), named.ids]);
}

const pairStatements = {
	customer: loadStatement("customer", "uuid"),
	organization: loadStatement("organization", "bigint"),
} as const;

/** Pair by pair, as for eachByKeyAndId. */
function loadStatement(entity: Entity, idType: "uuid" | "bigint") {
	return {
		name: `load-entitled-${entity}s`,
		text: `
			select found.*
			from unnest($2::${idType}[], $3::uuid[]) as pair (record, other)
				cross join lateral (
					select ${entity}_id::text as record, product_id as other
					from muster.entitlement
					where site_id = $1 and ${entity}_id = pair.record and product_id = pair.other
					limit 1) as found`,
	};
}

/** Which of these pairs of a record and a product are there already. */
export function loadEntitled(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	pairs: readonly Pair[],
): Promise<Pair[]> {
	return transaction.query<Pair>(pairStatements[entity], [siteId, ...columnsOf(pairs)]);
}

const insertStatements = {
	customer: insertStatement("customer", "uuid"),
	organization: insertStatement("organization", "bigint"),
} as const;

function insertStatement(entity: Entity, idType: "uuid" | "bigint") {
	return {
		name: `insert-entitled-${entity}s`,
		text: `
			insert into muster.entitlement (site_id, ${entity}_id, product_id)
			select $1, record, other from unnest($2::${idType}[], $3::uuid[]) as row (record, other)
			on conflict do nothing`,
	};
}

/** Associates records with products. @throws 23503 where one of them has just been deleted */
export async function insertEntitled(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	pairs: readonly Pair[],
): Promise<void> {
	await transaction.query(insertStatements[entity], [siteId, ...columnsOf(pairs)]);
}

function columnsOf(pairs: readonly Pair[]): [string[], string[]] {
	return [pairs.map(({ record }) => record), pairs.map(({ other }) => other)];
}
