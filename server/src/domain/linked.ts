import type { Entity } from "@muster/client/contract";

/** What an item can associate its record with: a record of the other entity, or a product. */
export type Linked = Entity | "product";

interface LinkWords {
	readonly one: Linked;
	readonly idKey: "customerId" | "id";
	readonly addressKey: "email" | "name";
	/** The guide's key: a list of addresses, and of objects with an address or an id. */
	readonly listKey: string;
	/** The reference's key of an object, and in it that of the list of ids. */
	readonly associateKey: string;
	readonly idsKey: string;
	/** What to do where there is none. */
	readonly hint: string;
}

export const linkWords: Readonly<Record<Linked, LinkWords>> = {
	customer: {
		one: "customer",
		idKey: "customerId",
		addressKey: "email",
		listKey: "customers",
		associateKey: "associateCustomers",
		idsKey: "customerIds",
		hint: "Send the customers first, with customer/bulk or customer/profile/bulk.",
	},
	organization: {
		one: "organization",
		idKey: "id",
		addressKey: "name",
		listKey: "organizations",
		associateKey: "associateOrganizations",
		idsKey: "organizationIds",
		hint: "Send the organizations first, with organization/bulk or organization/profile/bulk.",
	},
	product: {
		one: "product",
		idKey: "id",
		addressKey: "name",
		listKey: "products",
		associateKey: "associateProducts",
		idsKey: "productIds",
		hint: "Make the product first, with POST product.",
	},
};
