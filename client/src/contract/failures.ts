import type { Static } from "typebox";
import { operations } from "./operations.ts";
import { ItemError } from "./task.ts";
import { Type } from "./type.ts";

const timestamp = Type.String({ format: "date-time", description: "UTC" });
const operation = Type.Enum(operations.map(({ name }) => name));

/** A fault that several items share. */
export const FailureGroup = Type.Object(
	{
		code: Type.String(),
		field: Type.String({
			description: "Where in an item: `email`, `details.plan`; empty for the item itself",
		}),
		value: Type.Union([Type.String(), Type.Null()], {
			description: "What stands there, 200 characters at most; null where nothing does",
		}),
		count: Type.Integer({ minimum: 1, description: "Items with it" }),
		message: Type.String({ description: "That of the newest" }),
		hint: Type.Optional(Type.String()),
		latestDate: timestamp,
	},
	{ description: "Items that fail for the same reason, in the same field, by the same value" },
);
export type FailureGroup = Static<typeof FailureGroup>;

export const FailureGroups = Type.Object({
	results: Type.Array(FailureGroup),
	total: Type.Integer({ minimum: 0, description: "Failed items that nobody has dealt with" }),
	isPartial: Type.Boolean({ description: "There are older failures, which were not looked at" }),
});
export type FailureGroups = Static<typeof FailureGroups>;

export const FailedItem = Type.Object(
	{
		taskId: Type.String({ format: "uuid" }),
		operation,
		acceptedDate: timestamp,
		index: Type.Integer({ minimum: 0 }),
		clientRef: Type.Optional(Type.String()),
		key: Type.Optional(Type.String({ description: "The record's email or name, as sent" })),
		item: Type.Unknown({ description: "As it was sent" }),
		errors: Type.Array(ItemError),
	},
	{ description: "An item that took no effect, with what it was" },
);
export type FailedItem = Static<typeof FailedItem>;

export const Settling = Type.Object(
	{ indexes: Type.Array(Type.Integer({ minimum: 0, maximum: 999 }), { minItems: 1, maxItems: 1_000 }) },
	{ description: "Places of failed items in their task, from 0", additionalProperties: false },
);
export type Settling = Static<typeof Settling>;
