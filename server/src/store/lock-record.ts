import type { Entity, FieldOwner } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

const recordStatements = {
	customer: {
		name: "lock-customer",
		text: "select from muster.customer where site_id = $1 and customer_id = $2 for no key update",
	},
	organization: {
		name: "lock-organization",
		text: "select from muster.organization where site_id = $1 and organization_id = $2 for no key update",
	},
} as const;

/** Waits for whoever writes a record, and keeps others from writing it until the transaction ends. */
export async function lockRecord(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	id: string,
): Promise<void> {
	await transaction.query(recordStatements[entity], [siteId, id]);
}

const fieldsStatement = {
	name: "lock-detail-fields",
	text: "select from muster.detail_field where site_id = $1 and entity = $2 order by field_id for share",
};

/**
 * Keeps the detail fields of an entity from being changed or deleted until the transaction ends: what changes one also
 * rewrites the values of all records, and would not see one that is being written. Others may be made meanwhile. Comes
 * before any record is locked, in the order in which fields are changed.
 */
export async function lockDetailFields(
	transaction: Transaction,
	siteId: string,
	entity: FieldOwner,
): Promise<void> {
	await transaction.query(fieldsStatement, [siteId, entity]);
}
