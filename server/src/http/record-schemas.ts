import {
	Customer,
	CustomerFetch,
	CustomerProfile,
	type Dialect,
	type Entity,
	Organization,
	OrganizationFetch,
	OrganizationProfile,
	ReferenceCustomerProfile,
	ReferenceOrganizationProfile,
	sourceUpdatedAt,
	Type,
} from "@muster/client/contract";
import type { TObject, TProperties, TSchema } from "typebox";
import type { Body } from "./route.ts";
import { email, itemShapes, name, oneValue } from "./submission-schemas.ts";

/** How records are shown, by entity. */
export const recordSchemas: Readonly<
	Record<Entity, Readonly<Record<"account" | Dialect | "fetch", TSchema>>>
> = {
	customer: {
		account: Customer,
		guide: CustomerProfile,
		reference: ReferenceCustomerProfile,
		fetch: CustomerFetch,
	},
	organization: {
		account: Organization,
		guide: OrganizationProfile,
		reference: ReferenceOrganizationProfile,
		fetch: OrganizationFetch,
	},
};

type WrittenScope = "account" | "profile";

/** A new record: what an item of the bulk operation tells of it, in either shape; an account has one shape. */
export function newRecordBodies(entity: Entity, scope: WrittenScope): readonly Body[] {
	const { guide, reference } = itemShapes[entity][scope];
	const address = entity === "customer" ? { email } : { name };
	const bodyOf = (shape: string, { fields }: typeof guide): Body => ({
		name: shape,
		schema: closed({ ...withoutId(fields), ...address }),
		example: examples[entity][scope][shape === "reference" ? "reference" : "guide"],
	});
	return scope === "account"
		? [bodyOf(entity, guide)]
		: [bodyOf("guide", guide), bodyOf("reference", reference)];
}

/** A change of an account: what is left out stays as it is. */
export function changeBody(entity: Entity): Body {
	return {
		name: "change",
		schema: closed(itemShapes[entity].account.guide.fields),
		example: examples[entity].change,
	};
}

/** New values of one detail field. */
export const detailBody: Body = {
	name: "values",
	schema: closed({
		values: Type.Array(oneValue, { description: "One for most types; none clears the field" }),
	}),
	example: { values: ["Premium"] },
};

function withoutId({ customerId: _customer, id: _organization, ...fields }: TProperties): TProperties {
	return fields;
}

function closed(fields: TProperties): TObject {
	return Type.Object(
		{ ...fields, sourceUpdatedAt: Type.Optional(sourceUpdatedAt) },
		{ additionalProperties: false },
	);
}

const examples = {
	customer: {
		account: { guide: { email: "kim.lee@example.com", displayName: "Kim Lee" }, reference: null },
		profile: {
			guide: { email: "kim.lee@example.com", details: { phone: "+1-555-0199" }, organizations: [] },
			reference: {
				email: "sam.doe@example.com",
				details: [{ name: "phone", values: ["+1-555-0198"] }],
				associateOrganizations: { organizationIds: [] },
			},
		},
		change: { displayName: "Kim Lee-Smith" },
	},
	organization: {
		account: { guide: { name: "Globex" }, reference: null },
		profile: {
			guide: { name: "Globex", details: { industry: "Energy" }, customers: [] },
			reference: {
				name: "Initech",
				details: [{ name: "industry", values: ["Energy"] }],
				associateCustomers: { customerIds: [] },
			},
		},
		change: { name: "Globex Corporation" },
	},
} as const;
