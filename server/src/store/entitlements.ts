import type { Entity } from "@muster/client/contract";
import type { Details } from "../domain/record.ts";
import type { Transaction } from "./database.ts";

/** An entitlement as it is read back. It is of a customer or of an organization; the other is null. */
export interface StoredEntitlement {
	readonly id: string;
	readonly product: { readonly id: string; readonly name: string };
	/** A customer's UUID. */
	readonly customerId: string | null;
	readonly organizationId: string | null;
	readonly details: Details;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

const select = `
	select entitlement_id as id, json_build_object('id', product.product_id, 'name', product.name) as product,
		customer_id as "customerId", organization_id::text as "organizationId", details,
		entitlement.created_at as "createdAt", updated_at as "updatedAt"
	from muster.entitlement
	join muster.product
		on product.site_id = entitlement.site_id and product.product_id = entitlement.product_id
	where entitlement.site_id = $1`;

const findStatement = { name: "find-entitlement", text: `${select} and entitlement_id = $2` };

export async function findEntitlement(
	transaction: Transaction,
	siteId: string,
	entitlementId: string,
): Promise<StoredEntitlement | null> {
	const [found] = await transaction.query<StoredEntitlement>(findStatement, [siteId, entitlementId]);
	return found ?? null;
}

const lockStatement = {
	name: "lock-entitlement",
	text: "select from muster.entitlement where site_id = $1 and entitlement_id = $2 for no key update",
};

/** Keeps others from writing an entitlement until the transaction ends. */
export async function lockEntitlement(
	transaction: Transaction,
	siteId: string,
	entitlementId: string,
): Promise<void> {
	await transaction.query(lockStatement, [siteId, entitlementId]);
}

/** Which entitlements to list; every id is one that the site can have. */
export interface EntitlementFilter {
	readonly productId?: string | undefined;
	readonly customerId?: string | undefined;
	readonly organizationId?: string | undefined;
	/** Of this customer, and of the organizations that it belongs to. */
	readonly heldBy?: string | undefined;
	/** Only those behind the one of this id. */
	readonly after?: string | undefined;
}

/** Each by itself: a condition that lets everything pass where its value is null would keep PostgreSQL from its index. */
const conditions: Readonly<Record<keyof EntitlementFilter, (value: string) => string>> = {
	productId: (value) => `entitlement.product_id = ${value}::uuid`,
	customerId: (value) => `customer_id = ${value}::uuid`,
	organizationId: (value) => `organization_id = ${value}::bigint`,
	heldBy: (value) => `entitlement_id in (
		select own.entitlement_id from muster.entitlement as own
		where own.site_id = $1 and own.customer_id = ${value}::uuid
		union all
		select theirs.entitlement_id from muster.membership as member
		join muster.entitlement as theirs
			on theirs.site_id = member.site_id and theirs.organization_id = member.organization_id
		where member.site_id = $1 and member.customer_id = ${value}::uuid)`,
	after: (value) => `entitlement_id > ${value}::uuid`,
};

/** Entitlements that fit every part of the filter, oldest first. */
export function listEntitlements(
	transaction: Transaction,
	siteId: string,
	filter: EntitlementFilter,
	limit: number,
): Promise<StoredEntitlement[]> {
	const asked = (Object.keys(conditions) as (keyof EntitlementFilter)[]).filter(
		(part) => filter[part] !== undefined,
	);
	const wheres = asked.map((part, place) => ` and ${conditions[part](`$${place + 3}`)}`).join("");
	const statement = {
		name: ["entitlements", ...asked].join("-"),
		text: `${select}${wheres} order by entitlement_id limit $2`,
	};
	return transaction.query<StoredEntitlement>(statement, [
		siteId,
		limit,
		...asked.map((part) => filter[part]),
	]);
}

const insertStatements = {
	customer: insertStatement("customer"),
	organization: insertStatement("organization"),
} as const;

function insertStatement(entity: Entity) {
	return {
		name: `insert-entitlement-${entity}`,
		text: `
			insert into muster.entitlement (site_id, ${entity}_id, product_id, details) values ($1, $2, $3, $4::text::jsonb)
			on conflict do nothing
			returning entitlement_id as id`,
	};
}

/**
 * @returns the new entitlement's id, or null where the record has the product already
 * @throws 23503 where the record or the product has just been deleted
 */
export async function insertEntitlement(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	made: { readonly recordId: string; readonly productId: string; readonly details: Details },
): Promise<string | null> {
	const values = [siteId, made.recordId, made.productId, JSON.stringify(made.details)];
	const [row] = await transaction.query<{ id: string }>(insertStatements[entity], values);
	return row?.id ?? null;
}

const updateStatement = {
	name: "update-entitlement-details",
	text: `
		update muster.entitlement set details = $3::text::jsonb, updated_at = now()
		where site_id = $1 and entitlement_id = $2`,
};

/** The caller holds the lane, so nobody else changes details or their fields. */
export async function updateEntitlementDetails(
	transaction: Transaction,
	siteId: string,
	entitlementId: string,
	details: Details,
): Promise<void> {
	await transaction.execute(updateStatement, [siteId, entitlementId, JSON.stringify(details)]);
}

const deleteStatement = {
	name: "delete-entitlement",
	text: "delete from muster.entitlement where site_id = $1 and entitlement_id = $2",
};

/** @returns whether there was one */
export async function deleteEntitlement(
	transaction: Transaction,
	siteId: string,
	entitlementId: string,
): Promise<boolean> {
	return (await transaction.execute(deleteStatement, [siteId, entitlementId])) > 0;
}
