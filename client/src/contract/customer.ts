import type { Static } from "typebox";
import { DetailField } from "./detail-field.ts";
import { Product } from "./product.ts";
import { Type } from "./type.ts";

const customerId = Type.String({
	description: "qm:<site id>:<uuid>",
	examples: ["qm:0190d3f8-3f1c-7c6e-9d57-2f6c0e0a1b2c:0190d3f9-11aa-7bbb-8ccc-1234567890ab"],
});
const email = Type.String({ examples: ["jane.smith@acme.com"] });
const timestamp = Type.String({ format: "date-time", description: "UTC" });

/** Newest wins: what is older than what is stored is not written. */
export const sourceUpdatedAt = Type.String({
	format: "date-time",
	description:
		"When the record was last changed where it comes from. What is older than the one stored is skipped; left out, nothing is compared",
	examples: ["2026-11-24T09:30:00Z"],
});

/** A detail value as the guide shows it. */
const plainValue = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String())]);

export const plainDetails = Type.Record(Type.String(), plainValue, {
	description:
		"Detail field id to value: NUMBER and BOOLEAN as such, MULTISELECT as a list, the rest as text",
});

/** A detail as the reference shows it: always a list of texts, with its field beside it. */
export const DetailOfRecord = Type.Object(
	{ ...DetailField.properties, values: Type.Array(Type.String()) },
	{ description: "A detail field with the values that a record has of it" },
);
export type DetailOfRecord = Static<typeof DetailOfRecord>;

export const listedDetails = Type.Array(DetailOfRecord);

export const organizationOfCustomer = Type.Object({ id: Type.String(), name: Type.String() });

/** Of a record's own, not those that a customer has by way of an organization. */
export const productsOfRecord = Type.Optional(
	Type.Array(Product, { description: "What it is entitled to by itself; left out where that is nothing" }),
);

export const Customer = Type.Object(
	{ customerId, email, displayName: Type.String() },
	{ description: "A customer's account" },
);
export type Customer = Static<typeof Customer>;

export const CustomerProfile = Type.Object(
	{
		...Customer.properties,
		details: plainDetails,
		organizations: Type.Array(organizationOfCustomer),
		products: productsOfRecord,
		createdDate: timestamp,
		updatedDate: timestamp,
		sourceUpdatedAt: Type.Optional(sourceUpdatedAt),
	},
	{ description: "A customer with details, organizations and products" },
);
export type CustomerProfile = Static<typeof CustomerProfile>;

export const ReferenceCustomerProfile = Type.Object(
	{ ...CustomerProfile.properties, details: listedDetails },
	{ description: "A customer with details, organizations and products, as the reference shows it" },
);
export type ReferenceCustomerProfile = Static<typeof ReferenceCustomerProfile>;

export const CustomerFetch = Type.Object(
	{ customerIds: Type.Array(Type.String(), { maxItems: 25 }) },
	{ additionalProperties: false },
);
export type CustomerFetch = Static<typeof CustomerFetch>;
