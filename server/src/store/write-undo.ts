import type { Entity } from "@muster/client/contract";
import type { Undo } from "../domain/fold-undo.ts";
import type { Transaction } from "./database.ts";
import { membershipOf } from "./load-links.ts";
import { writeFold, writesOf } from "./write-fold.ts";

const deleteStatements = {
	customer: {
		name: "delete-customers",
		text: "delete from muster.customer where site_id = $1 and customer_id = any($2::text[]::uuid[])",
	},
	organization: {
		name: "delete-organizations",
		text: "delete from muster.organization where site_id = $1 and organization_id = any($2::text[]::bigint[])",
	},
} as const;

const unlinkStatement = {
	name: "delete-memberships",
	text: `
		delete from muster.membership
		using unnest($2::text[]::uuid[], $3::text[]::bigint[]) as pair (customer_id, organization_id)
		where site_id = $1 and membership.customer_id = pair.customer_id
			and membership.organization_id = pair.organization_id`,
};

const unentitleStatement = {
	name: "delete-entitlements",
	text: "delete from muster.entitlement where site_id = $1 and entitlement_id = any($2::text[]::uuid[])",
};

/** Writes what an undo comes to, on records that readUndone has locked. What goes, goes first: it gives keys free. */
export async function writeUndo(
	transaction: Transaction,
	siteId: string,
	entity: Entity,
	undo: Undo,
): Promise<void> {
	const { deleted, drafts, unlinked, unentitled } = undo;
	const memberships = unlinked.map((pair) => membershipOf(entity, pair));
	await Promise.all([
		deleted.length === 0
			? null
			: transaction.query(deleteStatements[entity], [siteId, deleted.map(({ id }) => id)]),
		memberships.length === 0
			? null
			: transaction.query(unlinkStatement, [
					siteId,
					memberships.map(({ customer }) => customer),
					memberships.map(({ organization }) => organization),
				]),
		unentitled.length === 0 ? null : transaction.query(unentitleStatement, [siteId, [...unentitled]]),
		writeFold(transaction, siteId, writesOf(entity, { items: [], drafts, newFields: [] })),
	]);
}
