import type { CustomerProfile, Entity, OrganizationProfile } from "@muster/client";

/** What differs in words between the two kinds of records. */
export const recordWords = {
	customer: { title: "Customers", one: "customer", path: "/customers", onePath: "/customers/$id" },
	organization: {
		title: "Organizations",
		one: "organization",
		path: "/organizations",
		onePath: "/organizations/$id",
	},
} as const satisfies Record<Entity, object>;

export type Profile = CustomerProfile | OrganizationProfile;

export function idOf(profile: Profile): string {
	return "customerId" in profile ? profile.customerId : profile.id;
}

export function nameOf(profile: Profile): string {
	return "customerId" in profile ? profile.displayName : profile.name;
}
