import type { StandIn } from "./hubspot-stand-in.ts";

/** What an account of HubSpot holds: a property of every type, and records that have them. */

export type Kind = "contacts" | "companies";

type Options = readonly (readonly [value: string, label: string])[];

/** As GET /crm/v3/properties/{objectType} shows it. */
function property(
	name: string,
	label: string,
	type: string,
	fieldType: string,
	extra: { options?: Options; hubspotDefined?: boolean; hidden?: boolean } = {},
): object {
	const { options = [], hubspotDefined = false, hidden = false } = extra;
	return {
		name,
		label,
		type,
		fieldType,
		description: "",
		groupName: "information",
		options: options.map(([value, label], displayOrder) => ({ value, label, displayOrder, hidden: false })),
		displayOrder: -1,
		calculated: false,
		externalOptions: false,
		hasUniqueValue: false,
		hidden,
		hubspotDefined,
		formField: true,
		modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
	};
}

const own = { hubspotDefined: true };
export const tiers: [string, string][] = [
	["gold_tier", "Gold"],
	["silver_tier", "Silver"],
];
const topics: Options = [
	["t1", "Billing"],
	["t2", "Shipping"],
	["t3", "Returns"],
];

export const regions: [string, string][] = [
	["north", "North"],
	["south", "South & East"],
];
const yesAndNo: Options = [
	["true", "Yes"],
	["false", "No"],
];

/** Every type that a property may have, and every way in which one is shown. */
export function propertiesOf(kind: Kind): readonly object[] {
	const shared = [
		property("hs_object_id", "Record ID", "number", "number", own),
		property("hs_merged_object_ids", "Merged record IDs", "enumeration", "checkbox", {
			...own,
			hidden: true,
		}),
		property("phone", "Phone number", "string", "phonenumber", own),
		property("city", "City", "string", "text", own),
	];
	if (kind === "companies") {
		return [
			...shared,
			property("name", "Company name", "string", "text", own),
			property("domain", "Company domain name", "string", "text", own),
			property("numberofemployees", "Number of employees", "number", "number", own),
			property("hs_lastmodifieddate", "Last modified", "datetime", "date", own),
			property("tier", "Tier", "enumeration", "select", { options: tiers }),
		];
	}
	return [
		...shared,
		property("email", "Email", "string", "text", own),
		property("firstname", "First name", "string", "text", own),
		property("lastname", "Last name", "string", "text", own),
		property("lastmodifieddate", "Last modified", "datetime", "date", own),
		property("plan", "Plan", "enumeration", "radio", { options: tiers }),
		property("topics", "Topics", "enumeration", "checkbox", { options: topics }),
		property("seats", "Seats", "number", "number"),
		property("renewal", "Renewal", "date", "date"),
		property("last_call", "Last call", "datetime", "date"),
		property("vip", "VIP", "bool", "booleancheckbox"),
		property("mobile", "Mobile", "phone_number", "phonenumber"),
		property("remarks", "Remarks", "string", "textarea"),
		property("region", "Region", "enumeration", "select", { options: regions }),
		property("newsletter", "Newsletter", "enumeration", "booleancheckbox", { options: yesAndNo }),
		property("biography", "Biography", "string", "html"),
		property("contract", "Contract", "string", "file"),
		property("health", "Health", "number", "calculation_equation"),
		property("secret_score", "Score", "number", "number", { hidden: true }),
	];
}

/** A day before the tests: nothing of it counts as changed by the second run. */
const longAgo = "2026-01-02T03:04:05.678Z";

/** Fills an account. Every tenth company shares its name with another one; every hundredth contact has no email. */
export function fillAccount(standIn: StandIn, contacts: number, companies: number): void {
	const companyIds: string[] = [];
	for (let n = 0; n < companies; n += 1) {
		const name = n % 10 === 9 ? `Company ${n - 1}` : `Company ${n}`;
		const { id } = standIn.add(
			"companies",
			{
				name,
				domain: `company-${n}.example`,
				phone: `+49 30 ${100_000 + n}`,
				city: n % 3 === 0 ? null : "Berlin",
				numberofemployees: String(n),
				tier: n % 2 === 0 ? "gold_tier" : "silver_tier",
			},
			longAgo,
		);
		companyIds.push(id);
	}
	for (let n = 0; n < contacts; n += 1) {
		const { id } = standIn.add("contacts", aContact(n), longAgo);
		// Some have none, most one, a few four: more than the stand-in gives at a time.
		const count = n % 20 === 0 ? 0 : n % 50 === 1 ? 4 : 1;
		const own = Array.from({ length: count }, (_, place) => companyIds[(n + place * 7) % companies] ?? "");
		if (own.length > 0) standIn.associations.set(id, own);
	}
}

function aContact(n: number): Record<string, string | null> {
	return {
		email: n % 100 === 50 ? null : `contact-${n}@company-${n % 97}.example`,
		firstname: n % 7 === 0 ? null : "Ann",
		lastname: `Example ${n}`,
		phone: n % 11 === 0 ? "ask for Ann" : `+1 555 ${1_000_000 + n}`,
		city: null,
		plan: ["gold_tier", "silver_tier", null][n % 3] ?? null,
		topics: ["t1", "t1;t3", "", null][n % 4] ?? null,
		seats: String(n % 40),
		renewal: n % 2 === 0 ? "2026-12-31" : String(Date.UTC(2027, 0, 1 + (n % 28))),
		last_call: "2026-05-06T07:08:09.010Z",
		vip: n % 5 === 0 ? "true" : "false",
		mobile: null,
		remarks: n % 13 === 0 ? "first line\nsecond line" : null,
		region: ["north", "south", null][n % 3] ?? null,
		newsletter: ["true", "false", null][n % 3] ?? null,
		biography: n % 4 === 0 ? `<p>Ann &amp; <b>${n}</b></p>` : null,
		contract: n % 10 === 0 ? String(7_000_000 + n) : null,
		health: String(n / 4),
		secret_score: "7",
	};
}
