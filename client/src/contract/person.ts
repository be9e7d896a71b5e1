import type { Static } from "typebox";
import { CustomerProfile, ReferenceCustomerProfile } from "./customer.ts";
import { Entitlement, ReferenceEntitlement } from "./entitlement.ts";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const values = Type.Record(Type.String(), Type.Unknown(), {
	description: "Former values of what was changed, as they are kept",
});

const rest = {
	tasks: Type.Array(
		Type.Object({
			taskId: Type.String({ format: "uuid" }),
			operation: Type.String(),
			completedDate: Type.Optional(
				Type.String({ format: "date-time", description: "Absent while the task is unfinished" }),
			),
			items: Type.Array(
				Type.Object({
					index: Type.Integer({ minimum: 0 }),
					result: Type.Optional(
						Type.Record(Type.String(), Type.Unknown(), { description: "What became of it, as it is kept" }),
					),
					sent: Type.Optional(Type.Unknown({ description: "As it was sent, where it failed or waits" })),
					former: Type.Optional(values),
				}),
			),
		}),
		{ description: "What is kept of tasks whose items are about the customer" },
	),
	writes: Type.Array(Type.Object({ changedDate: timestamp, former: Type.Optional(values) }), {
		description: "Single writes of the customer",
	}),
	imports: Type.Array(
		Type.Object({ importId: Type.String({ format: "uuid" }), lines: Type.Array(Type.String()) }),
		{ description: "Lines of imported files that name the customer" },
	),
};

export const CustomerExport = Type.Object(
	{ customer: Type.Optional(CustomerProfile), entitlements: Type.Array(Entitlement), ...rest },
	{ description: "Everything that is known of a customer; `customer` is absent where it was deleted" },
);
export type CustomerExport = Static<typeof CustomerExport>;

export const ReferenceCustomerExport = Type.Object(
	{
		customer: Type.Optional(ReferenceCustomerProfile),
		entitlements: Type.Array(ReferenceEntitlement),
		...rest,
	},
	{ description: "Everything that is known of a customer, as the reference shows records" },
);
export type ReferenceCustomerExport = Static<typeof ReferenceCustomerExport>;
