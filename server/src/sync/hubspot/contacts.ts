import type { HubSpotRecord } from "./api.ts";
import type { Companies } from "./companies.ts";
import { countResult, type Place, recordName, runBulk, type SyncContext, tellLeftOut } from "./context.ts";
import { detailsOf, displayNameOf, type SyncItem } from "./item.ts";
import type { KnownRecord } from "./known.ts";
import { markMerged } from "./mark-gone.ts";

/**
 * Contacts become customers, in the organizations of their companies. A known one is found by its id, so that a new email is
 * a change of the customer and no further customer.
 */
export class Contacts {
	readonly #context: SyncContext;
	readonly #companies: Companies;

	constructor(context: SyncContext, companies: Companies) {
		this.#context = context;
		this.#companies = companies;
	}

	/**
	 * @param aside takes the ids of contacts whose email another customer still has: its own change may come later in the run.
	 * null: they fail
	 */
	async write(
		records: readonly HubSpotRecord[],
		{ name, mayBeKnown }: Place,
		aside: string[] | null,
	): Promise<void> {
		const context = this.#context;
		const known: ReadonlyMap<string, KnownRecord> = mayBeKnown
			? await context.known.findOrInherit("customer", records, emailsOf)
			: new Map();
		const usable = records.filter(({ id, properties }) => known.has(id) || properties.email?.trim());
		context.tally.add("withoutKey", records.length - usable.length);
		const organizations = await this.#organizationsOf(usable);
		const rows = usable.map((record) => {
			const item = this.#itemOf(record, known.get(record.id)?.id, organizations.get(record.id) ?? []);
			return { item };
		});
		for await (const result of runBulk(context, "customer.profile", rows, name, ({ item }) => item)) {
			const isTaken = result.errors?.[0]?.code === "identity_conflict";
			if (aside !== null && isTaken && aside.length < asideMax) aside.push(result.row.item.clientRef);
			else countResult(context, "contacts", "customer", result);
		}
		if (mayBeKnown) await markMerged(context, "contacts", records, known, name);
	}

	async #organizationsOf(records: readonly HubSpotRecord[]): Promise<ReadonlyMap<string, readonly string[]>> {
		if (records.length === 0) return new Map();
		const companies = await this.#context.api.companiesOf(records.map(({ id }) => id));
		const ids = await this.#companies.idsOf([...companies.values()].flat());
		return new Map(
			[...companies].map(([contactId, companyIds]) => {
				const found = companyIds.flatMap((id) => ids.get(id) ?? []);
				if (!this.#context.dryRun) this.#context.tally.add("unassociated", companyIds.length - found.length);
				return [contactId, found];
			}),
		);
	}

	#itemOf(record: HubSpotRecord, customerId: string | undefined, organizations: readonly string[]): SyncItem {
		const { details, leftOut } = detailsOf(record, this.#context.fields.contacts);
		tellLeftOut(this.#context, recordName("contacts", record.id), leftOut);
		const email = record.properties.email?.trim();
		const displayName = displayNameOf(record);
		return {
			clientRef: record.id,
			...(customerId === undefined ? {} : { customerId }),
			...(email ? { email } : {}),
			...(displayName === undefined ? {} : { displayName }),
			details,
			...(organizations.length === 0 ? {} : { organizations: organizations.map((id) => ({ id })) }),
			sourceUpdatedAt: record.updatedAt,
		};
	}
}

function emailsOf({ properties }: HubSpotRecord): readonly string[] {
	return properties.email ? [properties.email] : [];
}

/** Contacts that are tried a second time at the end: they are kept with the state. */
const asideMax = 500;
