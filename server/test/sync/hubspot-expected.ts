import type { MusterClient } from "@muster/client";
import { regions, tiers } from "./hubspot-account.ts";
import type { StandIn, StoredRecord } from "./hubspot-stand-in.ts";

// What the records of an account must have become, told by the table of docs/guides/hubspot.md and not by the program.

/** A record without what differs from run to run. */
export interface Shown {
	readonly key: string;
	readonly name: string;
	readonly details: Readonly<Record<string, unknown>>;
	readonly organizations: readonly string[];
}

const labels: Readonly<Record<string, string>> = {
	...Object.fromEntries(tiers),
	...Object.fromEntries(regions),
	t1: "Billing",
	t2: "Shipping",
	t3: "Returns",
};

export function expectedOrganizations({ records }: StandIn): Shown[] {
	const taken = new Set<string>();
	return [...records.companies.values()].map(({ id, properties }) => {
		const { name, domain, phone, city, numberofemployees, tier } = properties;
		const own = taken.has(String(name)) ? `${name} (${domain})` : String(name);
		taken.add(String(name));
		return {
			key: own,
			name: own,
			organizations: [],
			details: given({
				"hubspot-id": id,
				"hubspot-status": "active",
				"company-domain-name": domain,
				"phone-number": phone,
				city,
				"number-of-employees": Number(numberofemployees),
				tier: labels[String(tier)],
			}),
		};
	});
}

export function expectedCustomer(
	record: StoredRecord,
	organizationOf: ReadonlyMap<string, string>,
	companies: readonly string[],
): Shown {
	const { id, properties: own } = record;
	const topics = String(own.topics ?? "")
		.split(";")
		.filter(Boolean)
		.map((topic) => labels[topic]);
	const name = [own.firstname, own.lastname].filter(Boolean).join(" ");
	return {
		key: String(own.email),
		name,
		organizations: companies.map((company) => organizationOf.get(company) ?? "").toSorted(),
		details: given({
			"hubspot-id": id,
			"hubspot-status": "active",
			// What is no number is left out, and the rest of the contact is not.
			"phone-number": /^\+/.test(own.phone ?? "") ? own.phone : null,
			city: own.city,
			plan: own.plan ? labels[own.plan] : null,
			topics: topics.length > 0 ? topics : null,
			seats: own.seats ? Number(own.seats) : null,
			renewal:
				own.renewal && /^\d+$/.test(own.renewal)
					? new Date(Number(own.renewal)).toISOString().slice(0, 10)
					: own.renewal,
			"last-call": own.last_call,
			vip: own.vip ? own.vip === "true" : null,
			mobile: own.mobile,
			remarks: own.remarks,
			region: own.region ? labels[own.region] : null,
			newsletter: own.newsletter ? own.newsletter === "true" : null,
			biography: own.biography,
			contract: own.contract,
			health: own.health ? Number(own.health) : null,
		}),
	};
}

/** All records of a site, by what they are found by. */
export async function storedRecords(client: MusterClient): Promise<{
	readonly customers: Map<string, Shown & Stamps>;
	readonly organizations: Map<string, Shown & Stamps>;
}> {
	const customers = new Map<string, Shown & Stamps>();
	for await (const {
		customerId,
		email,
		displayName,
		details,
		organizations,
		updatedDate,
	} of client.customers()) {
		const names = organizations.map(({ name }) => name).toSorted();
		customers.set(email, {
			key: email,
			name: displayName,
			details,
			organizations: names,
			id: customerId,
			updatedDate,
		});
	}
	const organizations = new Map<string, Shown & Stamps>();
	for await (const { id, name, details, updatedDate } of client.organizations()) {
		organizations.set(name, { key: name, name, details, organizations: [], id, updatedDate });
	}
	return { customers, organizations };
}

interface Stamps {
	readonly id: string;
	readonly updatedDate: string;
}

export function withoutStamps({ key, name, details, organizations }: Shown): Shown {
	return { key, name, details, organizations };
}

function given(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	return Object.fromEntries(
		Object.entries(details).filter(([, value]) => value !== null && value !== undefined),
	);
}
