import type { Static } from "typebox";
import { listedDetails, plainDetails } from "./customer.ts";
import { Product } from "./product.ts";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });

export const Entitlement = Type.Object(
	{
		id: Type.String({ format: "uuid" }),
		product: Product,
		customerId: Type.Optional(Type.String({ description: "Whose it is; or organizationId" })),
		organizationId: Type.Optional(Type.String()),
		details: plainDetails,
		createdDate: timestamp,
		updatedDate: timestamp,
	},
	{ description: "A customer's or an organization's association with a product, with its details" },
);
export type Entitlement = Static<typeof Entitlement>;

export const ReferenceEntitlement = Type.Object(
	{ ...Entitlement.properties, details: listedDetails },
	{ description: "An entitlement, its details as the reference shows them" },
);
export type ReferenceEntitlement = Static<typeof ReferenceEntitlement>;

const productId = Type.String({ description: "Id of a product" });

export const NewEntitlement = Type.Object(
	{
		productId: Type.Optional(productId),
		product: Type.Optional(
			Type.Union([
				Type.String({ description: "A product's name" }),
				Type.Object({ id: productId }),
				Type.Object({ name: Type.String() }),
			]),
		),
		details: Type.Optional(
			Type.Union(
				[
					Type.Record(Type.String(), Type.Unknown()),
					Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Type.String()) })),
				],
				{ description: "As in an item of the profile operations, of either shape" },
			),
		),
	},
	{ description: "The product, by productId or by product, and details", additionalProperties: false },
);
export type NewEntitlement = Static<typeof NewEntitlement>;
