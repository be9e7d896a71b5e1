import type { Connection } from "./connection.ts";
import type { CustomerProfile } from "./contract/customer.ts";
import type { Entity } from "./contract/operations.ts";
import type { OrganizationProfile } from "./contract/organization.ts";
import { readProfile } from "./profile.ts";
import { unexpected } from "./unexpected.ts";

/** What a record of each kind is read as. */
export interface ProfileOf {
	readonly customer: CustomerProfile;
	readonly organization: OrganizationProfile;
}

/** Most records that a page of a search has. */
const pageMax = 100;

/** Records that have one of the values in a detail field, page by page as they are taken. */
export async function* findByDetail<Of extends Entity>(
	connection: Connection,
	entity: Of,
	body: { readonly name: string; readonly values: readonly string[] },
	signal: AbortSignal | undefined,
): AsyncGenerator<ProfileOf[Of], void> {
	const path = `${entity}/search-by-detail-field`;
	for (let page: number | undefined = 0; page !== undefined; ) {
		const query = { page, maxResults: pageMax };
		const answer = await connection.ask({ method: "POST", path, query, body, signal });
		// Each member is looked at before it is used.
		const { results, nextPage } = (answer.body ?? {}) as Readonly<Record<string, unknown>>;
		if (!Array.isArray(results)) unexpected(path, answer.status);
		// By the contract, of that kind, in either dialect's shape.
		for (const profile of results as ProfileOf[Of][]) yield readProfile(profile);
		page = typeof nextPage === "number" && nextPage > page ? nextPage : undefined;
	}
}
