import {
	type Entity,
	NewDetailField,
	type Operation,
	type OperationScope,
	sourceUpdatedAt,
	Type,
} from "@muster/client/contract";
import type { TObject, TProperties, TSchema } from "typebox";
import type { Body } from "./route.ts";

export const submitQuery: TObject = Type.Object({
	dryRun: Type.Optional(
		Type.Boolean({ description: "Judge and report what would change, and change nothing", default: false }),
	),
});

/** What an item says of itself; in the reference's shape it stands beside operationType. */
const ofItem = {
	clientRef: Type.Optional(
		Type.String({ maxLength: 255, description: "Your own reference to the item, echoed in its result" }),
	),
	sourceUpdatedAt: Type.Optional(sourceUpdatedAt),
};
export const email: TSchema = Type.String({ maxLength: 254 });
const customerId = Type.Optional(Type.String({ description: "qm:<site>:<uuid>" }));
const organizationId = Type.Optional(Type.Union([Type.String(), Type.Integer()]));
export const name: TSchema = Type.String({ maxLength: 255 });
const values = Type.Array(Type.String());
const operationType = Type.Optional(Type.Enum(["CREATE", "UPDATE", "UPSERT"], { default: "UPSERT" }));
const editOperation = Type.Optional(Type.Enum(["UPDATE", "PATCH", "DELETE"], { default: "UPDATE" }));
/** A detail value, or one of several. */
export const oneValue: TSchema = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const anyValue = Type.Union([
	Type.String(),
	Type.Number(),
	Type.Boolean(),
	Type.Null(),
	Type.Array(oneValue),
]);
const detailMap = Type.Optional(
	Type.Record(Type.String(), anyValue, { description: "Field id or name to value; null or blank clears" }),
);
const products = Type.Optional(
	Type.Array(
		Type.Union([
			Type.String({ description: "A product's name" }),
			Type.Object({ name }),
			Type.Object({ id: Type.String() }),
		]),
	),
);
const associateProducts = Type.Optional(Type.Object({ productIds: Type.Array(Type.String()) }));
const detailList = Type.Optional(Type.Array(Type.Object({ name, values })));
const guideEdits = Type.Array(
	Type.Object({
		fieldId: Type.String({ description: "Id or name of the field" }),
		operation: editOperation,
		value: Type.Optional(anyValue),
	}),
);
const referenceEdits = Type.Array(
	Type.Object({
		operationType: editOperation,
		payload: Type.Object({ name, values: Type.Optional(values) }),
	}),
);

/** The two shapes of a submission's body, each with an example of the guide or the reference. */
export function submissionBodies(operation: Operation): readonly Body[] {
	if (operation.scope === "definitions") {
		return [
			body(operation, "definitions", itemsKeyOf(operation, "guide"), NewDetailField, [definitionExample]),
		];
	}
	const { guide, reference } = itemShapes[operation.entity][operation.scope];
	return [
		body(
			operation,
			"guide",
			itemsKeyOf(operation, "guide"),
			Type.Object({ ...guide.fields, ...ofItem }),
			guide.examples,
		),
		body(
			operation,
			"reference",
			itemsKeyOf(operation, "reference"),
			operation.scope === "details"
				? Type.Object({ ...reference.fields, ...ofItem })
				: Type.Object({ operationType, ...ofItem, payload: Type.Object(reference.fields) }),
			reference.examples,
		),
	];
}

/** The key for items of a shape. The reference names that of profiles alone; the others are taken under the guide's. */
export function itemsKeyOf({ scope, itemsKeys }: Operation, shape: "guide" | "reference"): string {
	const key = itemsKeys[shape === "reference" && scope === "profile" ? itemsKeys.length - 1 : 0];
	// Every entry of the table has a key for its items.
	return key ?? "items";
}

function body(
	operation: Operation,
	shape: string,
	key: string,
	item: TSchema,
	examples: readonly unknown[],
): Body {
	const others = operation.itemsKeys.filter((other) => other !== key);
	return {
		name: shape,
		schema: Type.Object(
			{
				[key]: Type.Array(item, {
					minItems: 1,
					maxItems: operation.itemsMax,
					...(others.length === 0 ? {} : { description: `Also taken under the key ${others.join(", ")}` }),
				}),
			},
			{ additionalProperties: false },
		),
		example: { [key]: examples },
	};
}

interface Shape {
	/** What is told of a record: the item itself in the guide's shape, its payload in the reference's. */
	readonly fields: TProperties;
	readonly examples: readonly unknown[];
}

type Shapes = Readonly<
	Record<Exclude<OperationScope, "definitions">, { readonly guide: Shape; readonly reference: Shape }>
>;

const exampleCustomerId = "qm:0190d3f8-3f1c-7c6e-9d57-2f6c0e0a1b2c:0190d3f9-11aa-7bbb-8ccc-1234567890ab";

const customerAccount = { email: Type.Optional(email), customerId, displayName: Type.Optional(name) };
const customerShapes: Shapes = {
	account: {
		guide: {
			fields: customerAccount,
			examples: [{ email: "jane.smith@acme.com", displayName: "Jane Smith" }],
		},
		reference: {
			fields: customerAccount,
			examples: [
				{ operationType: "CREATE", payload: { email: "jane.smith@acme.com", displayName: "Jane Smith" } },
			],
		},
	},
	profile: {
		guide: {
			fields: {
				...customerAccount,
				details: detailMap,
				organizations: Type.Optional(
					Type.Array(
						Type.Union([
							Type.String({ description: "An organization's name" }),
							Type.Object({ name }),
							Type.Object({ id: Type.Union([Type.String(), Type.Integer()]) }),
						]),
					),
				),
				products,
			},
			examples: [
				{
					email: "jane.smith@acme.com",
					displayName: "Jane Smith",
					details: { phone: "+1-555-0123" },
					organizations: [],
				},
			],
		},
		reference: {
			fields: {
				...customerAccount,
				details: detailList,
				associateOrganizations: Type.Optional(
					Type.Object({ organizationIds: Type.Array(Type.Union([Type.String(), Type.Integer()])) }),
				),
				associateProducts,
			},
			examples: [
				{
					operationType: "UPSERT",
					payload: {
						email: "jane.smith@acme.com",
						displayName: "Jane Smith",
						details: [{ name: "phone", values: ["+1-555-0123"] }],
						associateOrganizations: { organizationIds: [] },
					},
				},
			],
		},
	},
	details: {
		guide: {
			fields: { email: Type.Optional(email), customerId, details: guideEdits },
			examples: [
				{
					email: "jane.smith@acme.com",
					details: [{ fieldId: "support-tier", operation: "UPDATE", value: "Premium" }],
				},
			],
		},
		reference: {
			fields: { email: Type.Optional(email), customerId, operations: referenceEdits },
			examples: [
				{
					customerId: exampleCustomerId,
					operations: [{ operationType: "UPDATE", payload: { name: "support-tier", values: ["Premium"] } }],
				},
			],
		},
	},
};

const organizationAccount = { id: organizationId, name: Type.Optional(name) };
const organizationShapes: Shapes = {
	account: {
		guide: {
			fields: organizationAccount,
			examples: [{ name: "Acme Corporation" }],
		},
		reference: {
			fields: organizationAccount,
			examples: [{ operationType: "CREATE", payload: { name: "Acme Corporation" } }],
		},
	},
	profile: {
		guide: {
			fields: {
				...organizationAccount,
				details: detailMap,
				customers: Type.Optional(
					Type.Array(
						Type.Union([
							Type.String({ description: "A customer's email" }),
							Type.Object({ email }),
							Type.Object({ customerId: Type.String() }),
						]),
					),
				),
				products,
			},
			examples: [{ name: "Acme Corporation", details: { industry: "Manufacturing" } }],
		},
		reference: {
			fields: {
				...organizationAccount,
				details: detailList,
				associateCustomers: Type.Optional(Type.Object({ customerIds: Type.Array(Type.String()) })),
				associateProducts,
			},
			examples: [
				{
					operationType: "UPSERT",
					payload: {
						name: "Acme Corporation",
						details: [{ name: "industry", values: ["Manufacturing"] }],
						associateCustomers: { customerIds: [] },
					},
				},
			],
		},
	},
	details: {
		guide: {
			fields: { ...organizationAccount, details: guideEdits },
			examples: [
				{
					name: "Acme Corporation",
					details: [{ fieldId: "industry", operation: "UPDATE", value: "Retail" }],
				},
			],
		},
		reference: {
			fields: { organizationId, name: Type.Optional(name), operations: referenceEdits },
			examples: [
				{
					organizationId: "1",
					operations: [{ operationType: "UPDATE", payload: { name: "industry", values: ["Retail"] } }],
				},
			],
		},
	},
};

const definitionExample = { name: "Support tier", type: { name: "SELECT", options: ["Free", "Premium"] } };

/** What items of each operation that writes records look like, in both shapes. */
export const itemShapes: Readonly<Record<Entity, Shapes>> = {
	customer: customerShapes,
	organization: organizationShapes,
};
