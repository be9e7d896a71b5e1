import type { CustomerProfile, ReferenceCustomerProfile } from "./contract/customer.ts";
import type { OrganizationProfile, ReferenceOrganizationProfile } from "./contract/organization.ts";

type ListedDetail = ReferenceCustomerProfile["details"][number];
type DetailValue = CustomerProfile["details"][string];

/** A record in the guide's shape, whatever the dialect of the answer. */
export function readProfile<Profile extends CustomerProfile | OrganizationProfile>(
	body: Profile | (Omit<Profile, "details"> & Pick<ReferenceOrganizationProfile, "details">),
): Profile {
	const details: unknown = body.details;
	if (!Array.isArray(details)) return body as Profile;
	// A list of details is the reference's shape; all else of it is as in the guide's.
	const listed = details as readonly ListedDetail[];
	return {
		...body,
		details: Object.fromEntries(listed.map((detail) => [detail.id, plainValue(detail)])),
	} as Profile;
}

/** NUMBER and BOOLEAN as such, MULTISELECT as a list, the rest as text. */
function plainValue({ type, values }: ListedDetail): DetailValue {
	const [first = ""] = values;
	switch (type.name) {
		case "NUMBER":
			return Number(first);
		case "BOOLEAN":
			return first === "true";
		case "MULTISELECT":
			return values;
		default:
			return first;
	}
}
