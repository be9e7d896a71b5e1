import {
	Accepted,
	NewDetailField,
	type Operation,
	ReferenceAccepted,
	ReferenceTask,
	Task,
} from "@muster/client/contract";
import Type, { type TObject, type TSchema } from "typebox";
import type { Answer, Body } from "./route.ts";

export const submitQuery: TObject = Type.Object({
	dryRun: Type.Optional(
		Type.Boolean({ description: "Judge and report what would change, and change nothing", default: false }),
	),
});

/** What a submission is answered with. */
export const submitAnswers: readonly Answer[] = [
	{
		status: 200,
		description: "With `Prefer: wait=N`: the task has ended in time.",
		guide: Task,
		reference: ReferenceTask,
	},
	{
		status: 202,
		description: "Saved: the task will be carried out, whatever happens to the server.",
		guide: Accepted,
		reference: ReferenceAccepted,
	},
];

const clientRef = Type.Optional(
	Type.String({ maxLength: 255, description: "Your own reference to the item, echoed in its result" }),
);
const email = Type.String({ maxLength: 254 });
const customerId = Type.Optional(Type.String({ description: "qm:<site>:<uuid>" }));
const organizationId = Type.Optional(Type.Union([Type.String(), Type.Integer()]));
const name = Type.String({ maxLength: 255 });
const values = Type.Array(Type.String());
const operationType = Type.Optional(Type.Enum(["CREATE", "UPDATE", "UPSERT"], { default: "UPSERT" }));
const editOperation = Type.Optional(Type.Enum(["UPDATE", "PATCH", "DELETE"], { default: "UPDATE" }));
const anyValue = Type.Union([
	Type.String(),
	Type.Number(),
	Type.Boolean(),
	Type.Null(),
	Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
]);
const detailMap = Type.Optional(
	Type.Record(Type.String(), anyValue, { description: "Field id or name to value; null or blank clears" }),
);
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
	const shapes = operation.entity === "customer" ? customerShapes : organizationShapes;
	const written = shapes[operation.scope];
	return (["guide", "reference"] as const).map((shape) => {
		const { item, examples } = written[shape];
		return body(operation, shape, itemsKeyOf(operation, shape), item, examples);
	});
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
	readonly item: TSchema;
	readonly examples: readonly unknown[];
}

type Shapes = Readonly<
	Record<"account" | "profile" | "details", { readonly guide: Shape; readonly reference: Shape }>
>;

function wrapped(payload: TSchema): TSchema {
	return Type.Object({ operationType, clientRef, payload });
}

const exampleCustomerId = "qm:0190d3f8-3f1c-7c6e-9d57-2f6c0e0a1b2c:0190d3f9-11aa-7bbb-8ccc-1234567890ab";

const customerAccount = { email: Type.Optional(email), customerId, displayName: Type.Optional(name) };
const customerShapes: Shapes = {
	account: {
		guide: {
			item: Type.Object({ ...customerAccount, clientRef }),
			examples: [{ email: "jane.smith@acme.com", displayName: "Jane Smith" }],
		},
		reference: {
			item: wrapped(Type.Object(customerAccount)),
			examples: [
				{ operationType: "CREATE", payload: { email: "jane.smith@acme.com", displayName: "Jane Smith" } },
			],
		},
	},
	profile: {
		guide: {
			item: Type.Object({
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
				clientRef,
			}),
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
			item: wrapped(
				Type.Object({
					...customerAccount,
					details: detailList,
					associateOrganizations: Type.Optional(
						Type.Object({ organizationIds: Type.Array(Type.Union([Type.String(), Type.Integer()])) }),
					),
				}),
			),
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
			item: Type.Object({ email: Type.Optional(email), customerId, details: guideEdits, clientRef }),
			examples: [
				{
					email: "jane.smith@acme.com",
					details: [{ fieldId: "support-tier", operation: "UPDATE", value: "Premium" }],
				},
			],
		},
		reference: {
			item: Type.Object({ email: Type.Optional(email), customerId, operations: referenceEdits, clientRef }),
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
			item: Type.Object({ ...organizationAccount, clientRef }),
			examples: [{ name: "Acme Corporation" }],
		},
		reference: {
			item: wrapped(Type.Object(organizationAccount)),
			examples: [{ operationType: "CREATE", payload: { name: "Acme Corporation" } }],
		},
	},
	profile: {
		guide: {
			item: Type.Object({
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
				clientRef,
			}),
			examples: [{ name: "Acme Corporation", details: { industry: "Manufacturing" } }],
		},
		reference: {
			item: wrapped(
				Type.Object({
					...organizationAccount,
					details: detailList,
					associateCustomers: Type.Optional(Type.Object({ customerIds: Type.Array(Type.String()) })),
				}),
			),
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
			item: Type.Object({ ...organizationAccount, details: guideEdits, clientRef }),
			examples: [
				{
					name: "Acme Corporation",
					details: [{ fieldId: "industry", operation: "UPDATE", value: "Retail" }],
				},
			],
		},
		reference: {
			item: Type.Object({ organizationId, name: Type.Optional(name), operations: referenceEdits, clientRef }),
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
