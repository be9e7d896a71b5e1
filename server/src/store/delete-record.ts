import type { Entity } from "@muster/client/contract";
import type { Transaction } from "./database.ts";

const statements = {
	customer: {
		name: "delete-customer",
		text: "delete from muster.customer where site_id = $1 and customer_id = $2",
	},
	organization: {
		name: "delete-organization",
		text: "delete from muster.organization where site_id = $1 and organization_id = $2",
	},
} as const;

/**
 * Deletes a record with its memberships; what tasks tell of it stays.
 * @returns whether there was one
 */
export async function deleteRecord(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	id: string,
): Promise<boolean> {
	return (await transaction.execute(statements[entity], [siteId, id])) > 0;
}
