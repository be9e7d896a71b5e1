import type { Connection } from "./connection.ts";
import type { CustomerProfile } from "./contract/customer.ts";
import type { Entity } from "./contract/operations.ts";
import type { OrganizationProfile } from "./contract/organization.ts";
import { readProfile } from "./profile.ts";
import { unexpected } from "./unexpected.ts";

/** Most records that a page of a search has. */
const pageMax = 100;

/** Records that have one of the values in a detail field, page by page as they are taken. */
export async function* findByDetail(
	connection: Connection,
	entity: Entity,
	body: { readonly name: string; readonly values: readonly string[] },
	signal: AbortSignal | undefined,
): AsyncGenerator<CustomerProfile | OrganizationProfile, void> {
	const path = `${entity}/search-by-detail-field`;
	for (let page: number | undefined = 0; page !== undefined; ) {
		const query = { page, maxResults: pageMax };
		const answer = await connection.ask({ method: "POST", path, query, body, signal });
		// Each member is looked at before it is used.
		const { results, nextPage } = (answer.body ?? {}) as Readonly<Record<string, unknown>>;
		if (!Array.isArray(results)) unexpected(path, answer.status);
		// By the contract, of one of two shapes; which one is told apart inside.
		for (const profile of results as (CustomerProfile | OrganizationProfile)[]) yield readProfile(profile);
		page = typeof nextPage === "number" && nextPage > page ? nextPage : undefined;
	}
}
