import type { Static } from "typebox";
import { listedDetails, plainDetails, productsOfRecord, sourceUpdatedAt } from "./customer.ts";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });

export const Organization = Type.Object(
	{
		id: Type.String({ pattern: "^[0-9]+$", description: "A decimal number, counted up within the site" }),
		name: Type.String(),
	},
	{ description: "An organization" },
);
export type Organization = Static<typeof Organization>;

export const OrganizationProfile = Type.Object(
	{
		...Organization.properties,
		details: plainDetails,
		products: productsOfRecord,
		createdDate: timestamp,
		updatedDate: timestamp,
		sourceUpdatedAt: Type.Optional(sourceUpdatedAt),
	},
	{ description: "An organization with its details and products" },
);
export type OrganizationProfile = Static<typeof OrganizationProfile>;

export const ReferenceOrganizationProfile = Type.Object(
	{ ...OrganizationProfile.properties, details: listedDetails },
	{ description: "An organization with its details and products, as the reference shows it" },
);
export type ReferenceOrganizationProfile = Static<typeof ReferenceOrganizationProfile>;

export const OrganizationFetch = Type.Object(
	{ organizationIds: Type.Array(Type.Union([Type.String(), Type.Integer()]), { maxItems: 25 }) },
	{ additionalProperties: false },
);
export type OrganizationFetch = Static<typeof OrganizationFetch>;
