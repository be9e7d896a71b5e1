import type { Transaction } from "./database.ts";
import type { Membership } from "./load-links.ts";

const statement = {
	name: "insert-memberships",
	text: `
		insert into muster.membership (site_id, customer_id, organization_id)
		select $1, customer_id, organization_id
		from unnest($2::uuid[], $3::bigint[]) as row (customer_id, organization_id)
		on conflict do nothing`,
};

/** Associates customers with organizations. @throws 23503 where one of them has just been deleted */
export async function insertMemberships(
	transaction: Transaction,
	siteId: string,
	memberships: readonly Membership[],
): Promise<void> {
	await transaction.query(statement, [
		siteId,
		memberships.map((membership) => membership.customer),
		memberships.map((membership) => membership.organization),
	]);
}
